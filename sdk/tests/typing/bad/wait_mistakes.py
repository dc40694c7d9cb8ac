from __future__ import annotations

from opforge import event, http, op, run, signal, time


@op
def settle(order: str, limit: int = 3) -> int:
    return limit


time.sleep(None)  # error
time.sleep(1.5)  # error
time.until("2h")  # error
signal.wait(5)  # error
signal.wait("go", "2d")  # error
run.child(settle)  # error
run.child(settle, 5)  # error
run.child(settle, "a", limits=3)  # error
text: str = run.child(settle, "a")  # error
event.emit()  # error
event.emit(5)  # error
http.post("https://pay.example", "", idempotency_key=5)  # error
