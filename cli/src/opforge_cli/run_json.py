"""Runs as the members of `--json` answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from opforge_cli.source_lines import SourceLines
from opforge_ir.canonical import JsonValue
from opforge_runtime import describe_record

if TYPE_CHECKING:
    from opforge_runtime import Condition, RunComparison, RunRecord, RunSummary, RunTree, TimelineEntry, Wait

__all__ = ["comparison_json", "record_json", "summary_json", "timeline_json", "tree_json"]


def record_json(record: RunRecord, now_epoch_ms: int) -> dict[str, JsonValue]:
    """A run of a list."""
    opening = record.opening
    return {
        "run": record.run,
        "workload": opening.workload,
        "version": opening.version,
        "op": opening.op,
        "ir": opening.ir,
        "parent": opening.parent,
        "status": record.standing.status,
        "started_at_epoch_ms": record.started_at_epoch_ms,
        "last_event_at_epoch_ms": record.last_event_at_epoch_ms,
        "events": record.head,
        "condition": _condition_json(describe_record(record, now_epoch_ms)),
    }


def summary_json(
    summary: RunSummary,
    condition: Condition,
    lines: SourceLines,
    now_epoch_ms: int,
    asked: Mapping[tuple[str, str], dict[str, JsonValue] | None],
) -> dict[str, JsonValue]:
    """One run; `asked` are the arguments of what a person has to look after, by state and instance."""
    origin = summary.forked_from
    waits: list[JsonValue] = [_wait_json(wait, lines, asked) for wait in condition.waits]
    return {
        **record_json(summary.record, now_epoch_ms),
        "status": summary.status,
        "sessions": summary.sessions,
        "inputs": summary.inputs,
        "output": None
        if summary.output is None
        else {"type": summary.output.type, "value": summary.output.value},
        "error": None if summary.error is None else summary.error.code.number,
        "cancel_reason": summary.cancel_reason,
        "forked_from": None if origin is None else {"run": origin[0], "seq": origin[1]},
        "condition": {**_condition_json(condition), "waits": waits},
    }


def _wait_json(
    wait: Wait, lines: SourceLines, asked: Mapping[tuple[str, str], dict[str, JsonValue] | None]
) -> dict[str, JsonValue]:
    return {
        "kind": wait.kind,
        "name": wait.name,
        "type": wait.type,
        "state": wait.state,
        "instance": wait.instance,
        "attempt": wait.attempt,
        "since_epoch_ms": wait.since_epoch_ms,
        "until_epoch_ms": wait.until_epoch_ms,
        "commands": list(wait.commands),
        "arguments": asked.get((wait.state, wait.instance)),
        "source": lines.quote(wait.pointer),
    }


def timeline_json(entries: Sequence[TimelineEntry], lines: SourceLines) -> list[JsonValue]:
    """The attempts of a run."""
    return [
        {
            "state": entry.state,
            "instance": entry.instance,
            "attempt": entry.attempt,
            "session": entry.session,
            "verb": None if entry.verb is None else entry.verb.name,
            "status": entry.status,
            "entered_at_epoch_ms": entry.entered_at_epoch_ms,
            "duration_ms": entry.duration_ms,
            "due_at_epoch_ms": entry.due_at_epoch_ms,
            "child": entry.child,
            "value": entry.value,
            "error": None if entry.error is None else entry.error.code.number,
            "resolution": None
            if entry.resolution is None
            else {"decision": entry.resolution.decision, "reason": entry.resolution.reason},
            "source": lines.quote(entry.pointer),
        }
        for entry in entries
    ]


def tree_json(tree: RunTree, now_epoch_ms: int) -> dict[str, JsonValue]:
    """A run with those that it has started."""
    return {
        **record_json(tree.record, now_epoch_ms),
        "state": tree.state,
        "instance": tree.instance,
        "children": [tree_json(child, now_epoch_ms) for child in tree.children],
        "cut": tree.is_cut,
    }


def comparison_json(comparison: RunComparison) -> dict[str, JsonValue]:
    """Two runs side by side."""
    return {
        "left": comparison.left.run,
        "right": comparison.right.run,
        "same_program": comparison.is_same_program,
        "same_op": comparison.is_same_op,
        "same_ending": comparison.is_same_ending,
        "inputs": [{"name": name, "left": left, "right": right} for name, left, right in comparison.inputs],
        "equal_states": comparison.equal_states,
        "states": [
            {
                "kind": each.kind,
                "state": each.state,
                "instance": each.instance,
                "left": each.left,
                "right": each.right,
            }
            for each in comparison.states
        ],
    }


def _condition_json(condition: Condition) -> dict[str, JsonValue]:
    return {
        "kind": condition.kind,
        "since_epoch_ms": condition.since_epoch_ms,
        "until_epoch_ms": condition.until_epoch_ms,
        "holder": condition.holder,
        "commands": list(condition.commands),
    }
