"""Rows of a SQLite store as records."""

from __future__ import annotations

from typing import Any, Final, get_args

from opforge_ir.codes.store import E_EVENT_CORRUPT
from opforge_ir.digest import Digest
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import (
    Lease,
    Message,
    MessageKind,
    Opening,
    RunFilter,
    RunRecord,
    RunStatus,
    Standing,
    StoredEvent,
    StoredMessage,
)
from opforge_runtime.stores.segments import unpack_segment
from opforge_runtime.stores.sqlite_file import DamagedRowError
from opforge_runtime.stores.sqlite_schema import SEQ_BITS

__all__ = [
    "build_condition",
    "build_lease",
    "build_message",
    "build_record",
    "get_id",
    "get_place",
    "read_segment",
]

_STATUSES: Final = frozenset(get_args(RunStatus))
_KINDS: Final = frozenset(get_args(MessageKind))
_PLACE: Final = (1 << SEQ_BITS) - 1


def get_id(number: int, place: int) -> int:
    """The id of a segment or message: its run's number and its place in it, from 1."""
    return (number << SEQ_BITS) + place


def get_place(row_id: int) -> int:
    """The place in its run of a segment or message."""
    return row_id & _PLACE


def build_record(row: tuple[Any, ...]) -> RunRecord:
    """A row of `SELECT_RECORD`. Raises DamagedRowError."""
    run, workload, version, op, ir, parent, started_at = row[:7]
    status, due_at, messages_read, token, owner, duration, expires_at, head, last_at = row[7:]
    if status not in _STATUSES:
        raise DamagedRowError
    return RunRecord(
        run=RunId(run),
        opening=Opening(workload, version, op, Digest(ir), parent),
        standing=Standing(status, due_at, messages_read),
        head=head,
        started_at_epoch_ms=started_at,
        last_event_at_epoch_ms=last_at,
        lease=build_lease(RunId(run), token, owner, duration, expires_at),
    )


def build_lease(
    run: RunId, token: int, owner: str | None, duration_ms: int | None, expires_at_epoch_ms: int | None
) -> Lease | None:
    """The lease of a run's row. Raises DamagedRowError."""
    if owner is None:
        return None
    if duration_ms is None or expires_at_epoch_ms is None:
        raise DamagedRowError
    return Lease(run, owner, token, duration_ms, expires_at_epoch_ms)


def build_message(row: tuple[Any, ...]) -> StoredMessage:
    """A row of id, kind, name, content, message_id, posted_at_epoch_ms. Raises DamagedRowError."""
    row_id, kind, name, content, message_id, posted_at = row
    if kind not in _KINDS or not isinstance(content, bytes):
        raise DamagedRowError
    return StoredMessage(get_place(row_id), Message(kind, name, content, message_id), posted_at)


def read_segment(run: RunId, row: tuple[Any, ...]) -> list[StoredEvent]:
    """The events of a row of id, last_seq, recorded_at_epoch_ms, digest, content.

    Raises DamagedRowError, and DiagnosticError (E_EVENT_CORRUPT).
    """
    row_id, last_seq, recorded_at, digest, content = row
    if not isinstance(content, bytes) or not isinstance(recorded_at, int):
        raise DamagedRowError
    first_seq = get_place(row_id)
    events = unpack_segment(run, first_seq, digest, recorded_at, content)
    if first_seq + len(events) - 1 != last_seq:
        raise E_EVENT_CORRUPT.error(run=run, seq=first_seq, problem="its segment ends elsewhere")
    return events


def build_condition(which: RunFilter) -> tuple[str, list[object]]:
    """A condition on `runs` and its values; `limit` is not looked at."""
    terms: list[str] = ["TRUE"]
    values: list[object] = []
    if which.statuses:
        terms.append(f"status IN ({', '.join('?' * len(which.statuses))})")
        values += which.statuses
    for term, value in (
        ("workload = ?", which.workload),
        ("op = ?", which.op),
        ("parent = ?", which.parent),
        ("started_at_epoch_ms >= ?", which.started_from_epoch_ms),
        ("started_at_epoch_ms < ?", which.started_before_epoch_ms),
    ):
        if value is not None:
            terms.append(term)
            values.append(value)
    if which.beginning:
        terms.append("substr(run, 1, ?) = ?")
        values += [len(which.beginning), which.beginning]
    return " AND ".join(terms), values
