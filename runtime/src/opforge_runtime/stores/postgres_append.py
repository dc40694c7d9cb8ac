"""Appends to a PostgreSQL store: many runs in one transaction, in two round trips.

Locks are taken in one order everywhere: rows of runs by id, then new runs by id, then artifacts by digest. So
two drivers wait for each other in turn and never in a circle.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection, Cursor
from psycopg.rows import TupleRow, class_row

from opforge_ir.codes.store import E_LEASE_LOST, E_RUN_EXISTS, E_STALE_HEAD
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.stores.postgres_notices import queue_notice
from opforge_runtime.stores.protocol import (
    ENDED,
    RELEASED,
    Append,
    Message,
    SealedArtifact,
    Standing,
)
from opforge_runtime.stores.segments import pack_segment

__all__ = ["add_artifacts", "append_segments", "post"]

_LOCK: Final = """
SELECT number, run, token, owner IS NOT NULL AS is_leased, head, status, due_at_epoch_ms, messages_read
FROM opforge_runs WHERE run = ANY(%s) ORDER BY run FOR NO KEY UPDATE
"""

_FIND_SEGMENT: Final = """
SELECT 1 FROM opforge_segments
WHERE run_number = %s AND first_seq = %s AND last_digest = %s AND token = %s
"""

_OPEN: Final = """
INSERT INTO opforge_runs (run, workload, version, op, ir, parent, head, started_at_epoch_ms,
  last_event_at_epoch_ms, status, due_at_epoch_ms, messages_read, token, owner, lease_duration_ms,
  lease_expires_at_epoch_ms)
SELECT %(run)s, %(workload)s, %(version)s, %(op)s, %(ir)s, %(parent)s, %(head)s, %(at)s, %(at)s,
  %(status)s, %(due)s, %(messages_read)s, %(token)s, owner, duration_ms, opforge_now() + duration_ms
FROM (VALUES (%(owner)s::text, %(duration_ms)s::bigint)) AS lease (owner, duration_ms)
ON CONFLICT (run) DO NOTHING RETURNING number
"""

_ADVANCE: Final = """
UPDATE opforge_runs SET head = %(head)s, last_event_at_epoch_ms = coalesce(%(at)s, last_event_at_epoch_ms),
  status = %(status)s, due_at_epoch_ms = %(due)s, messages_read = %(messages_read)s
WHERE number = %(number)s
"""

_RELEASE: Final = """
UPDATE opforge_runs SET owner = NULL, lease_duration_ms = NULL, lease_expires_at_epoch_ms = NULL
WHERE number = %s
"""

_ADD_SEGMENT: Final = """
INSERT INTO opforge_segments
  (run_number, first_seq, last_seq, last_digest, token, recorded_at_epoch_ms, content)
VALUES (%s, %s, %s, %s, %s, %s, %b)
"""

_ADD_ARTIFACT: Final = "INSERT INTO opforge_artifacts VALUES (%s, %b) ON CONFLICT DO NOTHING"

_POST: Final = """
WITH receiver AS (
  UPDATE opforge_runs SET last_message = last_message + 1
  WHERE run = %(run)s AND NOT status = ANY(%(ended)s) AND NOT EXISTS (
    SELECT 1 FROM opforge_messages WHERE run_number = opforge_runs.number AND id = %(id)s)
  RETURNING number, last_message)
INSERT INTO opforge_messages (run_number, position, id, kind, name, content, posted_at_epoch_ms)
SELECT number, last_message, %(id)s, %(kind)s, %(name)s, %(content)b, opforge_now() FROM receiver
RETURNING position
"""


@dataclass(slots=True)
class _Row:
    """A run's row as it will be, locked until the end of the transaction."""

    number: int
    run: str
    token: int
    is_leased: bool
    head: int
    status: str = ""
    due_at_epoch_ms: int | None = None
    messages_read: int = 0


def append_segments(
    connection: Connection[TupleRow], appends: Sequence[Append], is_repeated: bool
) -> list[DiagnosticError | None]:
    """EventStore.append in one transaction; what was taken, its answer lost, is found and not refused."""
    answers: list[DiagnosticError | None] = []
    taken: list[tuple[Append, int]] = []
    with _transaction(connection):
        rows = _lock(connection, appends)
        opened = _open_runs(connection, [append for append in appends if append.run not in rows])
        for append in appends:
            row = rows.get(append.run)
            if is_repeated and row is not None and _is_taken(connection, append, row):
                answers.append(None)
                continue
            refusal = _find_refusal(append, row)
            if refusal is None and row is None:
                row = opened.get(append.run)
                if row is None:  # another driver opened it, after the rows were locked
                    refusal = E_RUN_EXISTS.error(run=append.run)
                else:
                    rows[append.run] = row
            answers.append(refusal)
            if refusal is None and row is not None:
                row.head += len(append.events)
                row.is_leased = append.standing.status not in RELEASED
                taken.append((append, row.number))
        add_artifacts(connection, [artifact for append, _ in taken for artifact in append.artifacts])
        not_begun = set(opened)
        for append, number in taken:
            not_begun.discard(append.run)
            _write(connection, append, number)
            # A run that a later append of these opens is not there yet.
            _post_all(connection, [post for post in append.posts if post[0] not in not_begun])
    return answers


def add_artifacts(connection: Connection[TupleRow], artifacts: Sequence[SealedArtifact]) -> None:
    """Keep artifacts; one that is there is left as it is."""
    for artifact in sorted(artifacts, key=lambda artifact: artifact.digest):
        connection.execute(_ADD_ARTIFACT, (artifact.digest, artifact.content))


def post(connection: Connection[TupleRow], run: RunId, message: Message) -> Cursor[TupleRow]:
    """Post a message. The cursor gives its position; no row when the run is unknown, is over, or has it."""
    values = {"id": message.id, "kind": message.kind, "name": message.name, "content": message.content}
    return connection.execute(_POST, {"run": run, "ended": list(ENDED), **values})


@contextmanager
def _transaction(connection: Connection[TupleRow]) -> Generator[None]:
    """All or nothing, in a pipeline. psycopg's own transactions wait for the server at either end."""
    try:
        with connection.pipeline():
            connection.execute("BEGIN")
            yield
            # The server passes over it when a statement before has failed.
            connection.execute("COMMIT")
    except BaseException:
        if not connection.closed:
            connection.rollback()
        raise


def _lock(connection: Connection[TupleRow], appends: Sequence[Append]) -> dict[str, _Row]:
    """The rows of all runs that are appended or posted to."""
    names = {append.run for append in appends} | {run for append in appends for run, _ in append.posts}
    with connection.cursor(row_factory=class_row(_Row)) as cursor:
        return {row.run: row for row in cursor.execute(_LOCK, (sorted(names),))}


def _find_refusal(append: Append, row: _Row | None) -> DiagnosticError | None:
    head = row.head if row is not None else 0
    if append.opening is not None and row is not None:
        return E_RUN_EXISTS.error(run=append.run)
    if append.opening is None and (row is None or not row.is_leased or row.token != append.lease.token):
        return E_LEASE_LOST.error(run=append.run, owner=append.lease.owner)
    if head != append.expected_head:
        return E_STALE_HEAD.error(run=append.run, expected=append.expected_head, actual=head)
    return None


def _is_taken(connection: Connection[TupleRow], append: Append, row: _Row) -> bool:
    """Whether the run holds these events under this token, or stands so already when there are none."""
    if not append.events:
        standing = (row.status, row.due_at_epoch_ms, row.messages_read)
        wanted = append.standing
        return (
            row.token == append.lease.token
            and row.head == append.expected_head
            and standing == (wanted.status, wanted.due_at_epoch_ms, wanted.messages_read)
        )
    place = (row.number, append.expected_head + 1, append.events[-1].digest, append.lease.token)
    return connection.execute(_FIND_SEGMENT, place).fetchone() is not None


def _open_runs(connection: Connection[TupleRow], appends: Sequence[Append]) -> dict[RunId, _Row]:
    """The rows of the runs that appends open, without those that another driver has opened meanwhile."""
    asked: dict[RunId, Cursor[TupleRow]] = {}
    for append in sorted(appends, key=lambda append: append.run):
        opening, lease = append.opening, append.lease
        if opening is None or append.run in asked:
            continue
        is_released = append.standing.status in RELEASED
        values = {
            "run": append.run,
            "workload": opening.workload,
            "version": opening.version,
            "op": opening.op,
            "ir": opening.ir,
            "parent": opening.parent,
            "head": len(append.events),
            "at": append.recorded_at_epoch_ms,
            "token": lease.token,
            "owner": None if is_released else lease.owner,
            "duration_ms": None if is_released else lease.duration_ms,
        }
        asked[append.run] = connection.execute(_OPEN, values | _name_standing(append.standing))
    return {
        run: _Row(number=row[0], run=run, token=1, is_leased=True, head=0)
        for run, cursor in asked.items()
        if (row := cursor.fetchone()) is not None
    }


def _write(connection: Connection[TupleRow], append: Append, number: int) -> None:
    events, standing = append.events, append.standing
    if events:
        segment = (
            number,
            events[0].seq,
            events[-1].seq,
            events[-1].digest,
            append.lease.token,
            append.recorded_at_epoch_ms,
            pack_segment(events),
        )
        connection.execute(_ADD_SEGMENT, segment)
    if append.opening is None:
        head = append.expected_head + len(events)
        values = {"number": number, "head": head, "at": append.recorded_at_epoch_ms if events else None}
        connection.execute(_ADVANCE, values | _name_standing(standing))
        if standing.status in RELEASED:
            connection.execute(_RELEASE, (number,))
    if standing.status == "queued" or standing.status in ENDED:
        queue_notice(connection, "queued" if standing.status == "queued" else "ended", append.run)


def _post_all(connection: Connection[TupleRow], posts: Sequence[tuple[RunId, Message]]) -> None:
    for receiver, message in posts:
        post(connection, receiver, message)
        queue_notice(connection, "message", receiver)


def _name_standing(standing: Standing) -> dict[str, Any]:
    return {
        "status": standing.status,
        "due": standing.due_at_epoch_ms,
        "messages_read": standing.messages_read,
    }
