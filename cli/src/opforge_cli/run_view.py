"""Runs as text: a list, a timeline, a result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from opforge_cli.rendering import printable, render_diagnostic
from opforge_ir.canonical import review_bytes
from opforge_ir.events import Output
from opforge_runtime import RunSummary, TimelineEntry

__all__ = ["render_list", "render_output", "render_summary", "render_timeline"]

_MAX_ENTRIES = 40
"""The most states that a timeline shows; the first and the last of a long one."""


def render_output(output: Output) -> str:
    """What an op returned, as JSON in the review form."""
    return review_bytes(output.value).decode().rstrip()


def render_list(summaries: Sequence[RunSummary]) -> list[str]:
    """A line for each run."""
    rows = [("run", "op", "status", "events", "started (UTC)")]
    rows += [(s.run, s.op, s.status, str(s.events), _moment(s.started_at_epoch_ms)) for s in summaries]
    return _columns(rows)


def render_summary(summary: RunSummary) -> list[str]:
    """What is known of one run."""
    lines = [
        f"run       {summary.run}",
        f"program   {summary.workload} {summary.version}, op {summary.op}, IR {summary.ir}",
        f"status    {summary.status}, {summary.events} events, {summary.sessions} session(s)",
        f"started   {_moment(summary.started_at_epoch_ms)} UTC",
        f"last      {_moment(summary.last_event_at_epoch_ms)} UTC",
    ]
    if summary.error is not None:
        lines.append(render_diagnostic(summary.error, is_coloured=False))
    if summary.status == "unfinished":
        lines.append(f"next      forge resume {summary.run}")
    return lines


def render_timeline(entries: Sequence[TimelineEntry]) -> list[str]:
    """A line for each attempt, in the order in which they began; the middle of a long one is left out."""
    half = _MAX_ENTRIES // 2
    shown = list(entries) if len(entries) <= _MAX_ENTRIES else [*entries[:half], *entries[-half:]]
    rows = [("state", "instance", "ms", "result"), *(_row(entry) for entry in shown)]
    lines = _columns(rows)
    if len(shown) < len(entries):
        lines.insert(1 + half, f"… {len(entries) - len(shown)} more …")
    return lines


def _row(entry: TimelineEntry) -> tuple[str, str, str, str]:
    duration = "" if entry.duration_ms is None else str(entry.duration_ms)
    if entry.error is not None:
        result = f"failed: {entry.error.code.number} {entry.error.message}"
    elif entry.status == "open":
        result = f"open {entry.value}".rstrip()
    else:
        result = entry.value
    attempt = f" (attempt {entry.attempt})" if entry.attempt > 1 else ""
    return entry.state, entry.instance + attempt, duration, printable(result)


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _moment(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, tz=UTC).strftime("%Y-%m-%d %H:%M:%S")
