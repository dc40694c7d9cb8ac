"""An order: what is posted has a key, some orders sleep, and some have a child run."""

from opforge import http, op, run, time, workload

workload("orders", version="1.0.0")

HOST = "https://shop.example"


@op(retry=9)
def main(order: int, items: int) -> list[str]:
    receipts = [http.get(f"{HOST}/order/{order}").text]
    for n in range(items):
        text = f"order {order} item {n} after {receipts[n]}"
        receipts.append(http.post(f"{HOST}/pay", text, idempotency_key=f"{order}-{n}").text)
    if order % 4 == 0:
        time.sleep(1)
        receipts.append(http.post(f"{HOST}/pay", f"order {order} late", idempotency_key=f"{order}-late").text)
    if order % 4 == 1:
        receipts.append(run.child(ship, order))
    return receipts


@op(retry=9)
def ship(order: int) -> str:
    return http.post(f"{HOST}/ship", f"order {order}", idempotency_key=f"{order}-ship").text
