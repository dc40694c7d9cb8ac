"""Pay orders that somebody has approved."""

from opforge import Fail, Retry, Timeout, event, http, op, record, run, signal, time, workload

workload("orders", version="1.0.0")

BANK = "https://bank.example/v1"


@record
class Order:
    id: str
    cents: int


@op
def refund(order: Order) -> None:
    """Undo what `pay` did."""
    http.post(f"{BANK}/refunds", order.id, idempotency_key=f"refund-{order.id}")


@op(retry=Retry(5, first="1s", cap="1m"), attempt_timeout="10s", compensate=refund)
def pay(order: Order) -> int:
    """Pay one order, and look whether the money has arrived."""
    http.post(f"{BANK}/payments", order.id, idempotency_key=f"pay-{order.id}")
    time.sleep("10m")
    status = http.get(f"{BANK}/payments/{order.id}").text
    if status != "arrived":
        raise Fail(f"the payment of {order.id} is {status}")
    return order.cents


@op(timeout="7d")
def pay_all(orders: list[Order]) -> int:
    """Wait for an approval, then pay all orders side by side."""
    try:
        approved: bool = signal.wait("approve", timeout="2d")
    except Timeout:
        approved = False
    if not approved:
        return 0
    paid = [run.child(pay, order) for order in orders]
    event.emit("paid", paid)
    return sum(paid)
