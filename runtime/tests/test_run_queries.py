"""What people ask about runs; ids and provenance of new ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import opforge_runtime
from house.documents import apply, build_document, build_op, effect, let, lit, ref, return_node, return_none
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.codes.transport import E_RPC_TIMEOUT
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime import (
    build_run_id,
    get_document,
    get_provenance,
    get_run,
    get_timeline,
    list_runs,
    read_events,
)
from opforge_runtime.failures import EffectFailure
from opforge_runtime.stores import MemoryStore

TIMEOUT = EffectFailure(E_RPC_TIMEOUT, {"network": "devnet", "timeout_ms": 5})
PROGRAM = build_document(
    {
        "main": build_op(
            "int",
            [
                effect("now", "time.now", "int"),
                let("x", "int", apply("int.floordiv", ref("now"), ref("n"))),
                return_node(ref("x")),
            ],
            {"n": "int"},
            retries=2,
        )
    },
)


def test_a_finished_run_is_summed_up() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(lambda _: 90), PROGRAM, {"n": 3})
    summary = get_run(store, RUN)
    assert list_runs(store) == [summary.record]
    opening = summary.record.opening
    assert (opening.workload, opening.version, opening.op, opening.parent) == (
        "sample",
        "1.0.0",
        "main",
        None,
    )
    assert (summary.status, summary.record.head, summary.sessions) == ("completed", 5, 1)
    assert summary.record.started_at_epoch_ms == summary.last_change_epoch_ms == 1_000
    assert summary.inputs == {"n": "3"}
    assert summary.output is not None
    assert summary.output.value == "30"
    assert [envelope.seq for envelope, _ in read_events(store, RUN)] == [1, 2, 3, 4, 5]
    assert get_document(store, RUN).model_dump() == PROGRAM


def test_a_failed_run_says_why() -> None:
    store = MemoryStore()
    start(store, ScriptedIo(lambda _: 90), PROGRAM, {"n": 0})
    summary = get_run(store, RUN)
    assert summary.status == "failed"
    assert summary.error is not None
    assert summary.error.values["exception"] == "ZeroDivisionError"


def test_the_timeline_shows_attempts_sessions_and_durations() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(lambda _: 90), PROGRAM, {"n": 3}, observer=CrashingObserver(4))
    assert get_run(store, RUN).status == "running"
    resume(store, ScriptedIo(lambda _: 90, {("now ", 2): TIMEOUT}))
    entries = get_timeline(store, RUN)
    assert [(e.attempt, e.session, e.status, e.duration_ms, e.value) for e in entries] == [
        (1, 1, "failed", 1_000, ""),
        (2, 2, "failed", 0, ""),
        (3, 2, "completed", 0, '"90"'),
    ]
    assert {(e.state, e.instance, e.pointer) for e in entries} == {
        ("sample.main.now", "", "/ops/main/body/0")
    }
    assert entries[1].error is not None
    assert entries[1].error.code is E_RPC_TIMEOUT


def test_a_long_value_is_shortened() -> None:
    store = MemoryStore()
    drawn = effect("got", "random.integer", "int", low=lit("int", "0"), high=lit("int", "9"))
    document = build_document({"main": build_op("None", [drawn, return_none()])})
    start(store, ScriptedIo(lambda _: 10**200), document)
    (entry,) = get_timeline(store, RUN)
    assert len(entry.value) == 80
    assert entry.value.endswith("…")


def test_an_unknown_run_is_said_to_be_unknown() -> None:
    for ask in (get_run, get_timeline, read_events):
        with pytest.raises(DiagnosticError, match="E_RUN_UNKNOWN"):
            ask(MemoryStore(), RunId("sample-none"))


@given(st.text(max_size=70), st.integers(0, 253_402_300_799_999), st.randoms())
def test_a_run_id_has_the_form_that_events_ask_for(name: str, epoch_ms: int, chance: object) -> None:
    run = build_run_id(name, epoch_ms, chance.randrange)  # type: ignore[attr-defined]
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{7,63}", run)


def test_a_run_id_can_be_read() -> None:
    digits = iter(range(10))
    run = build_run_id("Gas_keeper", 1_795_201_595_000, lambda n: next(digits))
    assert run == "gas-keeper-20261120t190635-0123456789"


def test_provenance_is_what_is_known(tmp_path: Path) -> None:
    known = get_provenance(Path(__file__).parent)
    assert re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}|", known.git_commit)
    assert known.opforge_version
    assert get_provenance(tmp_path / "nowhere").git_commit == ""


def test_the_package_offers_what_it_says() -> None:
    for name in opforge_runtime.__all__:
        assert getattr(opforge_runtime, name) is not None
    with pytest.raises(AttributeError):
        _ = opforge_runtime.nothing


def test_importing_the_package_imports_nothing_heavy() -> None:
    check = (
        "import sys, opforge_runtime;"
        "heavy = {'pydantic', 'httpx', 'asyncio', 'sqlite3', 'eth_abi'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
