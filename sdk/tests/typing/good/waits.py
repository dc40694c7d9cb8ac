"""Waits, child runs and events: what an op gives is what a run of it gives."""

from __future__ import annotations

from typing import assert_type

from opforge import ChildFailed, EffectError, Timeout, event, http, op, record, run, signal, time, workload

workload("waits", version="1.0.0")


@record
class Order:
    id: str


@op(retry=2)
def settle(order: Order, limit: int = 3, *, note: str = "") -> list[int]:
    http.post("https://pay.example/v1", order.id + note, idempotency_key=order.id)
    return [limit]


@op
def main(orders: list[Order]) -> int:
    time.sleep("2h")
    time.sleep(5)
    time.until(time.now() + 60)
    approved: bool = signal.wait("approve", timeout="2d")
    signal.wait("go", timeout=None)
    assert_type(run.child(settle, orders[0]), list[int])
    found = [run.child(settle, order, limit=2, note="late") for order in orders]
    assert_type(found, list[list[int]])
    event.emit("settled", found)
    event.emit("begun")
    return len(found) if approved else 0


errors: list[EffectError] = [ChildFailed("why"), Timeout()]
