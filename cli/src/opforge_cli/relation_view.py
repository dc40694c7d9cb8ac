"""Several runs as text: what one has started, and two side by side."""

from __future__ import annotations

from opforge_cli.condition_view import render_waiting
from opforge_cli.rendering import printable
from opforge_cli.run_view import columns
from opforge_runtime import RunComparison, RunSummary, RunTree, describe_record

__all__ = ["render_comparison", "render_tree"]

_MAX_SHOWN = 40
"""The most states that differ which a comparison shows."""


def render_tree(tree: RunTree, now_epoch_ms: int) -> list[str]:
    """A line for each run, those that it has started below it and further in."""
    return columns(
        [("run", "op", "status", "waits for", "started at"), *_tree_rows(tree, "", "", now_epoch_ms)]
    )


def _tree_rows(tree: RunTree, before: str, below: str, now_epoch_ms: int) -> list[tuple[str, ...]]:
    record = tree.record
    place = f"{tree.state}@{tree.instance}" if tree.instance else tree.state
    waiting = render_waiting(describe_record(record, now_epoch_ms), now_epoch_ms)
    rows: list[tuple[str, ...]] = [
        (before + record.run, record.opening.op, record.standing.status, waiting, place)
    ]
    last = len(tree.children) - 1 + tree.is_cut
    for index, child in enumerate(tree.children):
        branch, further = ("└─ ", "   ") if index == last else ("├─ ", "│  ")
        rows += _tree_rows(child, below + branch, below + further, now_epoch_ms)
    if tree.is_cut:
        rows.append((f"{below}└─ … more: forge runs list --parent {record.run}", "", "", "", ""))
    return rows


def render_comparison(comparison: RunComparison) -> list[str]:
    """What differs, and where the runs part first."""
    left, right = comparison.left, comparison.right
    lines = [f"left      {_describe(left)}", f"right     {_describe(right)}"]
    programs = "the same" if comparison.is_same_program else "another program"
    lines.append(f"program   {programs}{'' if comparison.is_same_op else ', another op'}")
    if not comparison.inputs:
        lines.append("inputs    equal")
    lines += [
        f"input     {name}: {printable(ours or 'not given')} | {printable(theirs or 'not given')}"
        for name, ours, theirs in comparison.inputs
    ]
    lines.append(f"states    {comparison.equal_states} equal, {len(comparison.states)} different")
    lines.append(f"ending    {'equal' if comparison.is_same_ending else 'different'}")
    if not comparison.states:
        return lines
    first = comparison.states[0]
    place = f"{first.state}@{first.instance}" if first.instance else first.state
    said = {
        "missing": "only one of them has an answer there",
        "asked": "they ask for different things there",
        "answered": "the same question had another answer",
    }
    lines += [f"part at   {printable(place)}: {said[first.kind]}", ""]
    shown = comparison.states[:_MAX_SHOWN]
    for each in shown:
        lines += [
            printable(f"{each.state}@{each.instance}" if each.instance else each.state),
            f"  left    {printable(each.left) or 'no answer'}",
            f"  right   {printable(each.right) or 'no answer'}",
        ]
    if len(shown) < len(comparison.states):
        lines.append(f"… {len(comparison.states) - len(shown)} more …")
    return lines


def _describe(summary: RunSummary) -> str:
    opening = summary.record.opening
    return f"{summary.run}  {opening.workload} {opening.version}, op {opening.op}, {summary.status}"
