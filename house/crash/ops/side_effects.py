"""Side effects one after the other: posts with a key, posts without one, and lines of the log."""

from opforge import http, log, op, workload

workload("crash-side-effects", version="1.0.0")

HOST = "https://crash.example"


@op(retry=9)
def main(count: int) -> list[str]:
    receipts = [http.get(f"{HOST}/item/0").text]
    for n in range(count):
        paid = http.post(f"{HOST}/pay", f"order {n}", idempotency_key=f"pay-{n}").text
        log.info(paid)
        receipts.append(paid)
        receipts.append(http.post(f"{HOST}/notify", f"{n} {paid}").text)
    log.warning("done")
    receipts.append(http.post(f"{HOST}/flaky", "last", idempotency_key="last").text)
    return receipts
