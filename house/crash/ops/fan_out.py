"""Reads and keyed posts side by side, a few at a time."""

from opforge import http, log, op, workload

workload("crash-fan-out", version="1.0.0")

HOST = "https://crash.example"


@op(concurrency=3, retry=9)
def main(count: int) -> list[str]:
    quotes = [http.get(f"{HOST}/quote/{n}").text for n in range(count)]
    receipts = [
        http.post(f"{HOST}/pay", http.get(f"{HOST}/rate/{quote}").text, idempotency_key=f"fan-{quote}").text
        for quote in quotes
    ]
    both = [
        http.post(f"{HOST}/flaky", quote, idempotency_key=f"even-{quote}").text
        if len(quote) % 2 == 0
        else http.get(f"{HOST}/odd/{quote}").text
        for quote in quotes
    ]
    log.info(f"{len(receipts)} receipts")
    return [*receipts, *both]
