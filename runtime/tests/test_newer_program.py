"""A run that began under one program goes on under it after a newer one was deployed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from house.crash.drivers import DriverProcess
from house.crash.orders import Order, Report
from house.crash.programs import compile_program
from house.crash.server import RecordingServer
from opforge_ir.events import Output, RunCompleted
from opforge_ir.ids import RunId
from opforge_runtime.history import read_run
from opforge_runtime.replay import replay_run
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.opening import open_store
from opforge_runtime.verification import verify_run

OLD_RUN, NEW_RUN = "payments-old-run", "payments-new-run"
VERSION = '''"""Pay what is owed."""

from opforge import http, op, workload

workload("payments", version="{version}")


@op
def main(count: int) -> list[str]:
    orders = [http.get(f"https://crash.example/order/{{n}}").text for n in range(count)]
    return [
        http.post("https://crash.example/{path}", order, idempotency_key=f"{path}-{{order}}").text
        for order in orders
    ]
'''


def test_a_run_goes_on_under_the_program_that_it_began_with(tmp_path: Path) -> None:
    store = str(tmp_path / "runs.db")
    old, new = tmp_path / "old/payments.py", tmp_path / "new/payments.py"
    for file, version, path in ((old, "1.0.0", "pay"), (new, "2.0.0", "pay-with-a-fee")):
        file.parent.mkdir()
        file.write_text(VERSION.format(version=version, path=path), encoding="utf-8")
    with RecordingServer() as server, DriverProcess() as driver:

        def drive(run: str, file: Path | None, fall_at: int | None = None) -> Report:
            document = compile_program(file) if file else ""
            return driver.drive(Order(store, run, server.url, document, {"count": 3}, fall_at=fall_at))

        rehearsed = drive("payments-rehearsal", old)
        server.reset()
        # It dies when it has read what is to be paid, and has paid the first order.
        assert drive(OLD_RUN, old, rehearsed.points.index("post") + 2).is_killed
        server.settle()
        assert list(server.applied) == ['"pay-0"']
        old.unlink()
        assert drive(NEW_RUN, new).outcome == "completed"
        assert drive(OLD_RUN, None).outcome == "completed"
        paid = [f'"{path}-{n}"' for path in ("pay", "pay-with-a-fee") for n in range(3)]
        assert sorted(server.applied) == sorted(paid)
    with closing(open_store(store)) as opened:
        for run in (OLD_RUN, NEW_RUN):
            assert replay_run(opened, RunId(run)).is_finished
            assert verify_run(opened, RunId(run)).problems == []
            end = read_run(opened, RunId(run))[-1].envelope.event
            assert isinstance(end, RunCompleted)
            output = read_artifact(opened, end.output[0], Output)
            assert output.value == ["receipt for 0", "receipt for 1", "receipt for 2"]
        openings = {record.run: record.opening for record in opened.list_runs()}
        assert openings[RunId(OLD_RUN)].version == "1.0.0"
        assert openings[RunId(NEW_RUN)].version == "2.0.0"
        assert openings[RunId(OLD_RUN)].ir != openings[RunId(NEW_RUN)].ir
