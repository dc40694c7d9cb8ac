"""How a run stands and what moves it, as text."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from opforge_cli.rendering import printable
from opforge_cli.source_lines import SourceLines
from opforge_cli.times import spell_duration, spell_moment
from opforge_ir.canonical import JsonValue
from opforge_runtime import shorten_value

if TYPE_CHECKING:
    from opforge_runtime import Condition, Wait

__all__ = ["complete_command", "render_awaited", "render_condition", "render_wait", "render_waiting"]


def render_condition(condition: Condition, now_epoch_ms: int) -> str:
    """Why a run does not end by itself, in one sentence; empty for one that is over."""
    ago = spell_duration(now_epoch_ms - condition.since_epoch_ms)
    match condition.kind:
        case "queued":
            return f"waits for a driver, for {ago}: a worker, or the command below"
        case "driven":
            left = spell_duration((condition.until_epoch_ms or now_epoch_ms) - now_epoch_ms)
            last = f"last event {ago} ago, lease for {left} more"
            return f"driven by {printable(condition.holder)}; {last}"
        case "interrupted":
            return f"nobody drives it: its driver went away; last event {ago} ago"
        case "sleeping":
            until = _spell_until(condition.until_epoch_ms, now_epoch_ms)
            return f"sleeps {until}; a worker goes on with it then, or the command below at any time"
        case "waiting":
            limit = ""
            if condition.until_epoch_ms is not None:
                limit = f"; gives up {_spell_moment(condition.until_epoch_ms, now_epoch_ms)}"
            return f"waits for {_name_awaited(condition)}, for {ago}{limit}"
        case "in_doubt":
            return f"waits for a person to say what became of a side effect, for {ago}"
        case "completed" | "failed" | "cancelled":
            return ""


def render_waiting(condition: Condition, now_epoch_ms: int) -> str:
    """The same in few words, for a list."""
    ago = spell_duration(now_epoch_ms - condition.since_epoch_ms)
    match condition.kind:
        case "queued":
            return f"a driver, {ago}"
        case "driven":
            return f"driven by {printable(condition.holder)}"
        case "interrupted":
            return f"forge resume, {ago}"
        case "sleeping":
            return _spell_until(condition.until_epoch_ms, now_epoch_ms)
        case "waiting":
            return f"{_name_awaited(condition)}, {ago}"
        case "in_doubt":
            return f"forge resolve, {ago}"
        case "completed" | "failed" | "cancelled":
            return ""


def render_wait(
    wait: Wait, lines: SourceLines, now_epoch_ms: int, arguments: Mapping[str, JsonValue] | None = None
) -> list[str]:
    """One thing that a run waits for: what, since when, and where in the program; with what it was asked."""
    since = spell_duration(now_epoch_ms - wait.since_epoch_ms)
    match wait.kind:
        case "time":
            what = f"a time: {_spell_until(wait.until_epoch_ms, now_epoch_ms)}"
        case "signal":
            what = f"the signal {wait.name} with a value of type {wait.type}, for {since}"
        case "run":
            what = f"the run {wait.name or 'that it starts'}, for {since}"
        case "person":
            what = f"word of what became of {wait.name}, made {since} ago (attempt {wait.attempt})"
    if wait.kind != "time" and wait.until_epoch_ms is not None:
        what += f"; gives up {_spell_moment(wait.until_epoch_ms, now_epoch_ms)}"
    place = f"{wait.state}@{wait.instance}" if wait.instance else wait.state
    where = lines.quote(wait.pointer) or wait.pointer or ""
    said = [what, f"  at {printable(place)}  {printable(where)}".rstrip()]
    for name, value in (arguments or {}).items():
        said.append(f"  {name}: {printable(shorten_value(value))}")
    if wait.kind == "person":
        said.append(f"  done: it happened, and answered this {wait.type}")
        said.append("  retry: it did not happen, make it again; failed: let it have failed")
    return said


def render_awaited(waits: Sequence[Wait], now_epoch_ms: int, complete: Callable[[str], str]) -> str:
    """What a run that is driven here waits for, in one line: a time, or the command that ends the wait."""
    first, *others = waits
    more = f" (and {len(others)} more)" if others else ""
    match first.kind:
        case "time":
            said = f"sleeping {_spell_until(first.until_epoch_ms, now_epoch_ms)}"
        case "signal":
            said = f"waiting for signal {first.name}: {complete(first.commands[0])}"
        case "run":
            said = f"waiting for run {first.name}"
        case "person":
            said = "waiting for a decision"
    return printable(said) + more


def complete_command(command: str, store: str | None, config: Path | None) -> str:
    """A command with the options by which this one found its store.

    The URL of a store may hold a password, so it stands as `…`.
    """
    if store is not None:
        command += " --store " + ("…" if "://" in store else shlex.quote(store))
    if config is not None:
        command += f" --config {shlex.quote(str(config))}"
    return command


def _name_awaited(condition: Condition) -> str:
    if not condition.waits:
        return "a signal or a run"
    first, *others = condition.waits
    names = {
        "time": "a time",
        "signal": f"signal {first.name}",
        "run": f"run {first.name}",
        "person": "a person",
    }
    more = f" and {len(others)} more" if others else ""
    return names[first.kind] + more


def _spell_until(until_epoch_ms: int | None, now_epoch_ms: int) -> str:
    if until_epoch_ms is None:
        return "until something happens"
    return f"until {_spell_moment(until_epoch_ms, now_epoch_ms)}"


def _spell_moment(epoch_ms: int, now_epoch_ms: int) -> str:
    left = epoch_ms - now_epoch_ms
    distance = f"in {spell_duration(left)}" if left > 0 else f"due for {spell_duration(-left)}"
    return f"{spell_moment(epoch_ms)}, {distance}"
