"""Replay derives every byte again, or says where the first difference is."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
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
    no_headers,
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
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import read_run
from opforge_runtime.journal import MAX_ATTACHMENT_BYTES
from opforge_runtime.replay import replay_run
from opforge_runtime.stores import MemoryStore, SealedEvent, SqliteStore, Store
from opforge_runtime.stores.protocol import Append, Lease, Standing

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
    # document and manifest; a fact per request; the output. Snapshots are not stored.
    ending = 1 if outcome.outcome == "completed" else 0
    assert report.artifacts == 2 + 2 * len(ns) + ending


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


@dataclass(frozen=True)
class Finished:
    """A file with a finished run, the digest of an attached fact, and that of one too large for it."""

    path: Path
    attached: Digest
    large: Digest


def finish(path: Path) -> Finished:
    """A run of one large fact and one small one."""
    body = [
        effect("got", "http.get", "Response", url=lit("str", "https://a.example/"), headers=no_headers()),
        effect("drawn", "random.integer", "int", low=ZERO, high=lit("int", "7")),
        return_node(ref("drawn")),
    ]

    def respond(attempt: Attempt) -> Answer:
        is_draw = attempt.request.site.verb.name == "random.integer"
        text = "x" * MAX_ATTACHMENT_BYTES
        return attempt.request.arguments["high"] if is_draw else RecordInstance("Response", (200, text, {}))

    with SqliteStore(path) as store:
        start(store, ScriptedIo(respond), build_document({"main": build_op("int", body)}))
        large, attached = [
            Digest(e.envelope.event.fact)
            for e in read_run(store, RUN)
            if isinstance(e.envelope.event, FactRecorded)
        ]
        assert large in set(store.list_artifacts())
        assert attached not in set(store.list_artifacts())
    return Finished(path, attached, large)


def tamper(path: Path, statement: str, *values: object) -> Diagnostic:
    """Change the file behind the store's back, and replay."""
    with closing(sqlite3.connect(path)) as connection, connection:
        triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (trigger,) in triggers:
            connection.execute(f"DROP TRIGGER {trigger}")
        assert connection.execute(statement, values).rowcount == 1
    with SqliteStore(path) as store:
        return difference(store)


def replace_in(column: str, old: str, new: str) -> str:
    """SQL for a blob with another text in it."""
    return f"{column} = CAST(replace(CAST({column} AS TEXT), '{old}', '{new}') AS BLOB)"


def test_one_changed_byte_of_a_fact_is_found_and_named(tmp_path: Path) -> None:
    """Of one that is attached to its event, and of one that is an artifact."""
    done = finish(tmp_path / "attached.db")
    change = replace_in("content", '"value":"7"', '"value":"8"')
    is_there = f"instr(CAST(content AS TEXT), '{done.attached}')"
    problem = tamper(done.path, f"UPDATE segments SET {change} WHERE {is_there}")
    assert (problem.code.name, problem.values["digest"]) == ("E_ARTIFACT_CORRUPT", done.attached)
    done = finish(tmp_path / "large.db")
    change = replace_in("content", '"200"', '"201"')
    problem = tamper(done.path, f"UPDATE artifacts SET {change} WHERE digest = '{done.large}'")
    assert (problem.code.name, problem.values["digest"]) == ("E_ARTIFACT_CORRUPT", done.large)


def test_an_attached_fact_that_was_removed_is_named(tmp_path: Path) -> None:
    done = finish(tmp_path / "runs.db")
    with closing(sqlite3.connect(done.path)) as connection:
        rows = connection.execute("SELECT id, content FROM segments").fetchall()
    ((number, lines),) = [(n, lines) for n, c in rows if len(lines := c.split(b"\n")) == 4]
    assert lines.pop(1).startswith(b'{"artifact":"fact"')
    problem = tamper(done.path, "UPDATE segments SET content = ? WHERE id = ?", b"\n".join(lines), number)
    assert (problem.code.name, problem.values) == ("E_ARTIFACT_MISSING", {"digest": done.attached})


def test_a_deleted_artifact_is_named(tmp_path: Path) -> None:
    done = finish(tmp_path / "runs.db")
    problem = tamper(done.path, f"DELETE FROM artifacts WHERE digest = '{done.large}'")
    assert (problem.code.name, problem.values) == ("E_ARTIFACT_MISSING", {"digest": done.large})


def test_every_artifact_of_a_run_is_looked_at(tmp_path: Path) -> None:
    path = finish(tmp_path / "runs.db").path
    with closing(sqlite3.connect(path)) as connection:
        digests = [digest for (digest,) in connection.execute("SELECT digest FROM artifacts")]
    assert len(digests) == 4  # the document, the manifest, the large fact and the output
    content = path.read_bytes()
    for number, digest in enumerate(digests):
        copy = tmp_path / f"{number}.db"
        copy.write_bytes(content)
        problem = tamper(
            copy, f"UPDATE artifacts SET content = CAST(content || ' ' AS BLOB) WHERE digest = '{digest}'"
        )
        assert (problem.code.name, problem.values["digest"]) == ("E_ARTIFACT_CORRUPT", digest)


SECOND = "id = (SELECT id FROM segments ORDER BY id LIMIT 1 OFFSET 1)"
"""The segment of the events 3 to 5: what the first effect came to, and the second one entered."""


OTHER_ATTEMPT = '{"attempt":1,"instance":"","snapshot"', '{"attempt":2,"instance":"","snapshot"'
COPY_FIRST_TO_SECOND = f"""
    UPDATE segments SET content = first.content, digest = first.digest
    FROM (SELECT content, digest FROM segments ORDER BY id LIMIT 1) AS first WHERE {SECOND}
"""


@pytest.mark.parametrize(
    ("statement", "seq", "problem_text"),
    [
        (
            f"UPDATE segments SET content = CAST(content || ' ' AS BLOB) WHERE {SECOND}",
            5,
            "its bytes have another digest",
        ),
        (
            f"UPDATE segments SET {replace_in('content', *OTHER_ATTEMPT)} WHERE {SECOND}",
            5,
            "it does not follow the event before it",
        ),
        (f"DELETE FROM segments WHERE {SECOND}", 3, "it belongs elsewhere"),
        (
            COPY_FIRST_TO_SECOND,
            3,
            "its segment ends elsewhere",
        ),
    ],
    ids=["changed", "changed within", "deleted", "copied"],
)
def test_a_changed_event_is_found(tmp_path: Path, statement: str, seq: int, problem_text: str) -> None:
    problem = tamper(finish(tmp_path / "runs.db").path, statement)
    assert problem.code.name == "E_EVENT_CORRUPT"
    assert problem.values == {"run": RUN, "seq": seq, "problem": problem_text}


class Forgery(MemoryStore):
    """A store whose history was written anew, with every digest and link right."""

    def __init__(self, original: MemoryStore, change: Any) -> None:
        super().__init__()
        self._artifacts = dict(original._artifacts)
        record = original.get_run(RUN)
        assert record is not None
        lease = Lease(RUN, "forger", 1, 1_000, 0)
        previous = "0" * 64
        events: list[SealedEvent] = []
        for event in original.read_events(RUN):
            envelope = change(Envelope.model_validate_json(event.sealed.envelope))
            if envelope is None:
                break
            content = canonical_bytes({**envelope.model_dump(), "previous": previous})
            previous = digest_bytes(content)
            events.append(SealedEvent(envelope.seq, Digest(previous), content, event.sealed.attachment))
        assert self.append([Append(lease, 0, events, [], Standing("queued"), 0, record.opening)]) == [None]


def test_a_history_that_another_program_wrote_differs_at_its_first_event() -> None:
    original = MemoryStore()
    start(original, ScriptedIo(answer), program(), {"ns": [1, 2]})

    def change(envelope: Envelope) -> Envelope:
        if getattr(envelope.event, "instance", "") != "xs[1]":
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


def give_last_fact_to(instance: str) -> Store:
    """A history in which the second number drawn is that of another iteration."""
    original = MemoryStore()
    start(original, ScriptedIo(answer), program(), {"ns": [1, 2]})

    def change(envelope: Envelope) -> Envelope:
        event = envelope.event
        if isinstance(event, FactRecorded) and event.instance == "xs[1]" and event.state.endswith("drawn"):
            return envelope.model_copy(update={"event": event.model_copy(update={"instance": instance})})
        return envelope

    return Forgery(original, change)


def test_a_history_without_an_answer_says_which() -> None:
    problem = difference(give_last_fact_to("xs[0]"))
    assert problem.code.name == "E_FACT_MISSING"
    assert problem.values == {
        "run": RUN,
        "state": "sample.main.xs.drawn",
        "instance": "xs[1]",
        "attempt": 1,
    }


def test_a_history_with_an_answer_to_what_was_not_asked_is_refused() -> None:
    problem = difference(give_last_fact_to("xs[9]"))
    assert problem.code.name == "E_EVENT_CORRUPT"
    assert problem.values == {"run": RUN, "seq": 6, "problem": "its state was not entered"}
