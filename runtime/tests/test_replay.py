"""Replay derives every byte again, or says where the first difference is."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    let,
    lit,
    map_node,
    ref,
    return_node,
    yield_node,
)
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.canonical import canonical_bytes
from opforge_ir.codes.transport import E_RPC_TIMEOUT
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.events import Envelope, FactRecorded
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import read_run
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore, SealedArtifact, SealedEvent, SqliteStore, Store

ZERO = lit("int", "0")
TIMEOUT = EffectFailure(E_RPC_TIMEOUT, {"network": "devnet", "timeout_ms": 5})


def program(retries: int = 2) -> Json:
    body = [
        effect("drawn", "random.integer", "int", low=ZERO, high=ref("n")),
        effect("log-info", "log.info", "None", message=apply("int.str", ref("drawn"))),
        let("q", "int", apply("int.floordiv", lit("int", "12"), ref("drawn"))),
        yield_node(ref("q")),
    ]
    main = build_op(
        "list[int]",
        [map_node("xs", "list[int]", ref("ns"), {"n": "int"}, body), return_node(ref("xs"))],
        {"ns": "list[int]"},
        retries=retries,
    )
    return build_document({"main": main})


def answer(attempt: Attempt) -> Answer:
    is_draw = attempt.request.site.verb.name == "random.integer"
    return attempt.request.arguments["high"] if is_draw else None


def difference(store: Store) -> Diagnostic:
    with pytest.raises(DiagnosticError) as refused:
        replay_run(store, RUN)
    (problem,) = refused.value.diagnostics
    return problem


@pytest.mark.parametrize("ns", [[], [1, 2, 3], [3, 0, 1]], ids=["empty", "completes", "fails"])
def test_a_finished_run_is_derived_again(ns: list[int]) -> None:
    store = MemoryStore()
    outcome = start(store, ScriptedIo(answer), program(), {"ns": ns}, batch_size=2)
    report = replay_run(store, RUN)
    assert (report.events, report.sessions, report.is_finished) == (outcome.events, 1, True)
    # document, manifest, first snapshot; per request a fact and a snapshot; output and last snapshot
    ending = 2 if outcome.outcome == "completed" else 0
    assert report.artifacts == 3 + 2 * 2 * len(ns) + ending


@pytest.mark.parametrize("failures", [{}, {("drawn xs[0]", 1): TIMEOUT, ("drawn xs[2]", 1): TIMEOUT}])
def test_a_run_that_died_anywhere_is_derived_session_by_session(failures: Any) -> None:
    sessions: set[int] = set()
    for crash_at in range(100):
        store = MemoryStore()
        first, second = CrashingObserver(crash_at), CrashingObserver(crash_at // 2)
        try:
            start(
                store,
                ScriptedIo(answer, failures),
                program(),
                {"ns": [1, 2, 3]},
                batch_size=2,
                observer=first,
            )
            break
        except SimulatedCrashError:
            pass
        if store.get_head(RUN) == 0:
            continue
        assert replay_run(store, RUN).events == store.get_head(RUN)
        with suppress(SimulatedCrashError, DiagnosticError):
            resume(store, ScriptedIo(answer, failures), observer=second)
        assert replay_run(store, RUN).events == store.get_head(RUN)
        with suppress(DiagnosticError):
            resume(store, ScriptedIo(answer, failures))
        report = replay_run(store, RUN)
        assert report.is_finished
        assert report.events == store.get_head(RUN)
        sessions.add(report.sessions)
    assert sessions >= {2, 3}


def test_a_failed_read_is_derived_from_its_record() -> None:
    store = MemoryStore()
    failures = {("drawn xs[0]", 1): TIMEOUT, ("drawn xs[0]", 2): TIMEOUT}
    outcome = start(store, ScriptedIo(answer, failures), program(retries=1), {"ns": [1]})
    assert outcome.outcome == "failed"
    assert replay_run(store, RUN).is_finished


# --- what is not as it was ------------------------------------------------------------------------


def finished(path: Path) -> tuple[Path, Digest]:
    """A file with a finished run, and the digest of one of its facts."""
    with SqliteStore(path) as store:
        start(store, ScriptedIo(answer), program(), {"ns": [1, 2]})
        facts = [e.envelope.event for e in read_run(store, RUN) if isinstance(e.envelope.event, FactRecorded)]
    return path, Digest(facts[1].fact)


def tamper(path: Path, *statements: str) -> Diagnostic:
    """Change the file behind the store's back, and replay."""
    connection = sqlite3.connect(path)
    triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for (trigger,) in triggers:
        connection.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()
    with SqliteStore(path) as store:
        return difference(store)


def test_one_changed_byte_of_a_fact_is_found_and_named(tmp_path: Path) -> None:
    path, fact = finished(tmp_path / "runs.db")
    problem = tamper(
        path,
        "UPDATE artifacts SET content = CAST(replace(CAST(content AS TEXT), '\"2\"', '\"3\"') AS BLOB)"
        f" WHERE digest = '{fact}'",
    )
    assert problem.code.name == "E_ARTIFACT_CORRUPT"
    assert problem.values["digest"] == fact


def test_a_deleted_artifact_is_named(tmp_path: Path) -> None:
    path, fact = finished(tmp_path / "runs.db")
    problem = tamper(path, f"DELETE FROM artifacts WHERE digest = '{fact}'")
    assert (problem.code.name, problem.values) == ("E_ARTIFACT_MISSING", {"digest": fact})


def test_every_artifact_of_a_run_is_looked_at(tmp_path: Path) -> None:
    path, _ = finished(tmp_path / "runs.db")
    connection = sqlite3.connect(path)
    digests = [digest for (digest,) in connection.execute("SELECT digest FROM artifacts")]
    connection.close()
    content = path.read_bytes()
    for number, digest in enumerate(digests):
        copy = tmp_path / f"{number}.db"
        copy.write_bytes(content)
        problem = tamper(
            copy, f"UPDATE artifacts SET content = CAST(content || ' ' AS BLOB) WHERE digest = '{digest}'"
        )
        assert (problem.code.name, problem.values["digest"]) == ("E_ARTIFACT_CORRUPT", digest)


COPY_THREE_TO_FOUR = """
    UPDATE events SET envelope = third.envelope, digest = third.digest
    FROM events third WHERE third.seq = 3 AND events.seq = 4
"""


@pytest.mark.parametrize(
    ("statement", "problem_text"),
    [
        (
            "UPDATE events SET envelope = CAST(envelope || ' ' AS BLOB) WHERE seq = 4",
            "its bytes have another digest",
        ),
        ("DELETE FROM events WHERE seq = 4", "it belongs elsewhere"),
        (
            COPY_THREE_TO_FOUR,
            "it belongs elsewhere",
        ),
    ],
)
def test_a_changed_event_is_found(tmp_path: Path, statement: str, problem_text: str) -> None:
    path, _ = finished(tmp_path / "runs.db")
    problem = tamper(path, statement)
    assert problem.code.name == "E_EVENT_CORRUPT"
    assert problem.values == {"run": RUN, "seq": 4, "problem": problem_text}


class Forgery(MemoryStore):
    """A store whose history was written anew, with every digest and link right."""

    def __init__(self, original: MemoryStore, change: Any) -> None:
        super().__init__()
        self._artifacts = dict(original._artifacts)
        previous = "0" * 64
        for event in original.read_events(RUN):
            envelope = change(Envelope.model_validate_json(event.sealed.envelope))
            if envelope is None:
                return
            content = canonical_bytes({**envelope.model_dump(), "previous": previous})
            previous = digest_bytes(content)
            sealed = SealedEvent(envelope.seq, Digest(previous), content)
            self.append(RUN, envelope.seq - 1, [sealed], list[SealedArtifact](), 0)


def test_a_history_that_another_program_wrote_differs_at_its_first_event() -> None:
    original = MemoryStore()
    start(original, ScriptedIo(answer), program(), {"ns": [1, 2]})

    def change(envelope: Envelope) -> Envelope:
        if envelope.seq != 3:
            return envelope
        event = envelope.event.model_copy(update={"instance": "xs[5]"})
        return envelope.model_copy(update={"event": event})

    problem = difference(Forgery(original, change))
    assert problem.code.name == "E_REPLAY_DIFFERS"
    assert problem.values["seq"] == 3
    assert str(problem.values["recorded"]).startswith("StateEntered of sample.main.xs.drawn [xs[5]]")
    assert str(problem.values["derived"]).startswith("StateEntered of sample.main.xs.drawn [xs[1]]")


def test_a_run_that_is_not_over_is_derived_as_far_as_it_goes() -> None:
    original = MemoryStore()
    outcome = start(original, ScriptedIo(answer), program(), {"ns": [1, 2]})

    def cut(envelope: Envelope) -> Envelope | None:
        return envelope if envelope.seq < outcome.events else None

    report = replay_run(Forgery(original, cut), RUN)
    assert (report.is_finished, report.events) == (False, outcome.events - 1)


def test_a_history_cut_within_a_group_differs() -> None:
    original = MemoryStore()
    start(original, ScriptedIo(answer), program(), {"ns": [1, 2]})

    def cut(envelope: Envelope) -> Envelope | None:
        return envelope if envelope.seq <= 4 else None

    problem = difference(Forgery(original, cut))
    assert (problem.code.name, problem.values["instance"]) == ("E_FACT_MISSING", "xs[1]")


def test_a_history_without_an_answer_says_which(tmp_path: Path) -> None:
    original = MemoryStore()
    start(original, ScriptedIo(answer), program(), {"ns": [1]})

    def change(envelope: Envelope) -> Envelope:
        event = envelope.event
        if isinstance(event, FactRecorded) and event.state.endswith("drawn"):
            return envelope.model_copy(update={"event": event.model_copy(update={"instance": "xs[9]"})})
        return envelope

    problem = difference(Forgery(original, change))
    assert problem.code.name == "E_FACT_MISSING"
    assert problem.values == {
        "run": RUN,
        "state": "sample.main.xs.drawn",
        "instance": "xs[0]",
        "attempt": 1,
    }
