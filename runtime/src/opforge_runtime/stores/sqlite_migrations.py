"""The way of a SQLite file from each version of its schema to the next.

A step is not changed once it was released.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Final

from pydantic import ValidationError

from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.events import Envelope, Manifest, RunCompleted, RunStarted
from opforge_ir.jsontext import read_json
from opforge_runtime.stores.artifacts import ARTIFACT_LIMITS, verify_content
from opforge_runtime.stores.protocol import Opening, RunStatus
from opforge_runtime.stores.sqlite_schema import VERSION_1, VERSION_2_RULES, VERSION_2_TABLES

__all__ = ["MIGRATIONS", "SCHEMA_VERSION"]

_UNREADABLE: Final = Opening(workload="", version="", op="", ir=Digest(""))
"""Of a run whose first event or artifacts were damaged. Its events are kept as they are, and reading them
says what is wrong."""


def _migrate_to_1(connection: sqlite3.Connection) -> None:
    _execute_script(connection, VERSION_1)


def _migrate_to_2(connection: sqlite3.Connection) -> None:
    """Each event becomes a segment of its own. How the runs stand is read off their first and last events."""
    _execute_script(connection, VERSION_2_TABLES)
    ends = connection.execute(
        "SELECT run, min(seq), max(seq) FROM events GROUP BY run ORDER BY min(seq), run"
    ).fetchall()
    rows: list[tuple[int, str, Opening, RunStatus]] = []
    for run, first, last in ends:
        started_at, start = _read_event(connection, run, first)
        _, end = _read_event(connection, run, last)
        rows.append((started_at, run, _read_opening(connection, start), _read_status(end)))
    rows.sort(key=lambda row: row[:2])
    for started_at, run, opening, status in rows:
        connection.execute(
            "INSERT INTO runs (run, workload, version, op, ir, started_at_epoch_ms, status,"
            " messages_read, token) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0)",
            (run, opening.workload, opening.version, opening.op, opening.ir, started_at, status),
        )
    connection.execute(
        "INSERT INTO segments (place, last_seq, recorded_at_epoch_ms, digest, content)"
        " SELECT (number << 32) + seq, seq, recorded_at_epoch_ms, digest, envelope"
        " FROM runs JOIN events USING (run) ORDER BY number, seq"
    )
    connection.execute("DROP TABLE events")
    _execute_script(connection, VERSION_2_RULES)


MIGRATIONS: Final[tuple[Callable[[sqlite3.Connection], None], ...]] = (_migrate_to_1, _migrate_to_2)
"""Step n leads from version n to version n + 1, within the transaction of the caller."""

SCHEMA_VERSION: Final = len(MIGRATIONS)


def _read_event(connection: sqlite3.Connection, run: str, seq: int) -> tuple[int, Envelope | None]:
    """When an event was recorded, and what it says; None when it cannot be read."""
    at, envelope = connection.execute(
        "SELECT recorded_at_epoch_ms, envelope FROM events WHERE run = ? AND seq = ?", (run, seq)
    ).fetchone()
    try:
        return at, Envelope.model_validate(read_json(envelope))
    except (ValidationError, DiagnosticError):
        return at, None


def _read_opening(connection: sqlite3.Connection, start: Envelope | None) -> Opening:
    if start is None or not isinstance(start.event, RunStarted):
        return _UNREADABLE
    try:
        manifest = Manifest.model_validate(_read_artifact(connection, start.event.manifest))
        document = _read_artifact(connection, manifest.ir)
    except (ValidationError, DiagnosticError, LookupError):
        return _UNREADABLE
    match document:
        case {"workload": {"id": str(workload), "version": str(version)}}:
            return Opening(workload, version, start.event.op, Digest(manifest.ir))
        case _:
            return _UNREADABLE


def _read_artifact(connection: sqlite3.Connection, digest: str) -> object:
    """The JSON of an artifact. Raises LookupError or DiagnosticError when it is missing or damaged."""
    row = connection.execute("SELECT content FROM artifacts WHERE digest = ?", (digest,)).fetchone()
    if row is None:
        raise LookupError(digest)
    return read_json(verify_content(Digest(digest), row[0]), ARTIFACT_LIMITS)


def _read_status(end: Envelope | None) -> RunStatus:
    """How a run of the first version stands: over, or left by its driver. Nobody drives a damaged one."""
    if end is None:
        return "needs_resolution"
    return end.event.outcome if isinstance(end.event, RunCompleted) else "running"


def _execute_script(connection: sqlite3.Connection, script: str) -> None:
    for statement in _split_statements(script):
        connection.execute(statement)


def _split_statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would end the transaction around them."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
