"""Waits, child runs, events and idempotency keys."""

from opforge import ChildFailed, Timeout, event, http, log, op, record, run, signal, time, workload

workload("waits", version="1.0.0")

PAUSE = "15m"
GO = "go-ahead"


@record
class Order:
    id: str
    cents: int


@op
def tick() -> int:
    return time.now()


@op
def settle(order: Order, limit: int = 100, *, note: str = "") -> int:
    sent = http.post("https://pay.example/v1", order.id + note, idempotency_key=f"order-{order.id}")
    http.post("https://pay.example/v1", "", idempotency_key=None if note else order.id)
    return min(order.cents, limit) if sent.status == 200 else 0


@op
def sleeps(seconds: int) -> None:
    time.sleep(PAUSE)
    time.sleep("2h")
    time.sleep(seconds * 2)
    time.until(time.now() + seconds)


@op
def signals(seconds: int | None) -> list[str]:
    signal.wait(GO)
    approved: bool = signal.wait("approve", timeout="2d")
    orders: list[Order] = signal.wait("orders", timeout=seconds)
    amounts: dict[str, int] = signal.wait("amounts", timeout=60)
    try:
        note: str | None = signal.wait("note", timeout=None)
    except Timeout:
        note = None
    return [order.id for order in orders if approved] + list(amounts) + ([note] if note else [])


@op
def last_word() -> str:
    return signal.wait("last-word")


@op
def children(orders: list[Order]) -> int:
    sums = [run.child(settle, order, limit=3) for order in orders]
    try:
        sums.append(run.child(settle, note=str(run.child(tick)), order=orders[0]))
    except ChildFailed as error:
        log.warning(str(error))
    return sum(sums)


@op
def events(order: Order, limit: int | None) -> None:
    event.emit("begun")
    event.emit("limit", limit)
    event.emit("settled", {order.id: [order]})
    for index in range(2):
        event.emit("round", index)
