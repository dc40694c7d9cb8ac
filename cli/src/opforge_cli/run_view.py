"""Runs as text: a list, one run, its timeline, a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opforge_cli.condition_view import render_condition, render_wait, render_waiting
from opforge_cli.rendering import printable, render_diagnostic
from opforge_cli.source_lines import SourceLines
from opforge_cli.times import spell_duration, spell_moment
from opforge_ir.canonical import JsonValue, review_bytes
from opforge_runtime import describe_record, shorten_value

if TYPE_CHECKING:
    from opforge_ir.events import Output
    from opforge_runtime import Condition, RunRecord, RunSummary, TimelineEntry

__all__ = ["columns", "render_list", "render_output", "render_summary", "render_timeline"]

_MAX_ENTRIES = 40
"""The most states that a timeline shows; the first and the last of a long one."""
_DURATION_WIDTH = 10
_NO_LINES = SourceLines(None)


def render_output(output: Output) -> str:
    """What an op returned, as JSON in the review form."""
    return review_bytes(output.value).decode().rstrip()


def render_list(records: Sequence[RunRecord], now_epoch_ms: int) -> list[str]:
    """A line for each run."""
    rows = [("run", "op", "status", "waits for", "events", "started (UTC)")]
    for record in records:
        condition = describe_record(record, now_epoch_ms)
        rows.append(
            (
                record.run,
                record.opening.op,
                record.standing.status,
                render_waiting(condition, now_epoch_ms),
                str(record.head),
                spell_moment(record.started_at_epoch_ms),
            )
        )
    return columns(rows)


def render_summary(
    summary: RunSummary,
    condition: Condition,
    now_epoch_ms: int,
    lines: SourceLines = _NO_LINES,
    commands: Sequence[str] = (),
    asked: Mapping[tuple[str, str], Mapping[str, JsonValue] | None] | None = None,
) -> list[str]:
    """What is known of one run, and the commands that move it.

    `asked` are the arguments of what a person has to look after, by state and instance.
    """
    record, opening = summary.record, summary.record.opening
    shown = [
        f"run       {summary.run}",
        f"program   {opening.workload} {opening.version}, op {opening.op}, IR {opening.ir}",
        f"status    {summary.status}, {record.head} events, {summary.sessions} session(s)",
        f"started   {spell_moment(record.started_at_epoch_ms)} UTC",
        f"last      {spell_moment(summary.last_change_epoch_ms)} UTC",
    ]
    if opening.parent is not None:
        shown.append(f"parent    {opening.parent}")
    if summary.forked_from is not None:
        shown.append(f"forked    from {summary.forked_from[0]}, up to event {summary.forked_from[1]}")
    if summary.inputs:
        shown.append(f"inputs    {printable(shorten_value(summary.inputs))}")
    if summary.cancel_reason is not None:
        shown.append(f"cancelled because {printable(summary.cancel_reason)}")
    if sentence := render_condition(condition, now_epoch_ms):
        shown.append(f"now       {sentence}")
    for wait in condition.waits:
        arguments = None if asked is None else asked.get((wait.state, wait.instance))
        first, *rest = render_wait(wait, lines, now_epoch_ms, arguments)
        shown += [f"waits     for {first}", *(f"          {line}" for line in rest)]
    if summary.error is not None:
        shown.append(render_diagnostic(lines.locate(summary.error), is_coloured=False))
    return shown + [f"next      {command}" for command in commands]


def render_timeline(entries: Sequence[TimelineEntry], lines: SourceLines = _NO_LINES) -> list[str]:
    """A line for each attempt, in the order in which they began; the middle of a long one is left out.

    Where the author's line is known, it stands above the first of the attempts that were made there in a row.
    A line says where another session went on.
    """
    if not entries:
        return []
    half = _MAX_ENTRIES // 2
    is_cut = len(entries) > _MAX_ENTRIES
    shown = [*entries[:half], *entries[-half:]] if is_cut else list(entries)
    begin = entries[0].entered_at_epoch_ms
    head, *rows = columns(
        [
            (_widen("after"), "state", "instance", _widen("took"), "result"),
            *(_row(entry, begin) for entry in shown),
        ]
    )
    text, last, session = [head], "", 1
    for index, (entry, row) in enumerate(zip(shown, rows, strict=True)):
        if is_cut and index == half:
            text.append(f"… {len(entries) - len(shown)} more …")
        if entry.session > session:
            text.append(f"resumed: session {entry.session}")
            session, last = entry.session, ""
        quoted = lines.quote(entry.pointer)
        if quoted and quoted != last:
            text.append(f"{printable(quoted)}")
        last = quoted
        text.append(row)
    return text


def _widen(title: str) -> str:
    """A title as wide as durations usually are, so that timelines look alike."""
    return title.ljust(_DURATION_WIDTH)


def _row(entry: TimelineEntry, begin_epoch_ms: int) -> tuple[str, str, str, str, str]:
    attempt = f" (attempt {entry.attempt})" if entry.attempt > 1 else ""
    return (
        spell_duration(entry.entered_at_epoch_ms - begin_epoch_ms),
        entry.state,
        (entry.instance + attempt).strip(),
        "" if entry.duration_ms is None else spell_duration(entry.duration_ms),
        printable(_spell_result(entry)),
    )


def _spell_result(entry: TimelineEntry) -> str:
    if entry.resolution is not None:
        return f"resolved as {entry.resolution.decision}: {entry.resolution.reason} {entry.value}".rstrip()
    if entry.may_have_happened:
        return "cancelled while under way: whether it took effect is not known"
    if entry.error is not None:
        return f"failed: {entry.error.code.number} {entry.error.message}"
    child = f"run {entry.child} {entry.child_outcome} ".replace("  ", " ") if entry.child else ""
    if entry.status == "open":
        due = "" if entry.due_at_epoch_ms is None else f"until {spell_moment(entry.due_at_epoch_ms)} "
        return f"open {child}{due}{entry.value}".rstrip()
    return f"{child}{entry.value}".rstrip()


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Rows of equal length as lines with aligned cells."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
