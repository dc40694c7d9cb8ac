"""Sleeps, signals that people send, one that never comes, and keyed posts in between."""

from opforge import Timeout, http, op, signal, time, workload

workload("crash-timers-and-signals", version="1.0.0")

HOST = "https://crash.example"


@op(retry=9)
def main(seconds: int) -> list[str]:
    begun = http.get(f"{HOST}/begin").text
    time.sleep(seconds)
    approved: str = signal.wait("approve")
    paid = http.post(f"{HOST}/pay", approved, idempotency_key=f"pay-{approved}").text
    try:
        objection: str = signal.wait("object", timeout=seconds)
    except Timeout:
        objection = "none"
    time.until(1_000_000_000)
    first: int = signal.wait("amount", timeout="1d")
    time.sleep(seconds)
    second: int = signal.wait("amount", timeout="1d")
    sent = http.post(f"{HOST}/pay", f"{first} {second}", idempotency_key="amounts").text
    return [begun, approved, paid, objection, sent]
