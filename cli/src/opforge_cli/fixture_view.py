"""Cases of `forge test` as text: how each ended, and what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import ndiff

from opforge_cli.rendering import printable
from opforge_ir.canonical import JsonValue, review_bytes
from opforge_runtime import CaseOutcome, Difference

__all__ = ["render_case", "render_total"]


def render_case(outcome: CaseOutcome, status: str) -> list[str]:
    """The lines of one case. In a difference, `-` is expected and `+` was found."""
    lines = [f"  {status:<7} {printable(outcome.case)}"]
    if status == "failed":
        for difference in outcome.differences:
            lines.append(f"    {difference.part.replace('_', ' ')} (- expected, + found):")
            lines += [f"      {line}" for line in _render_difference(difference)]
    return lines


def render_total(passed: int, failed: int, updated: int) -> str:
    """The last line."""
    counts = {"passed": passed, "failed": failed, "updated": updated}
    shown = [f"{count} {name}" for name, count in counts.items() if count]
    return ", ".join(shown) or "no case was run"


def _render_difference(difference: Difference) -> Iterator[str]:
    if difference.rows:
        for sign, effect in difference.rows:
            yield printable(f"{sign} {json.dumps(effect, ensure_ascii=False)}")
        return
    for line in ndiff(_split(difference.expected), _split(difference.found)):
        if not line.startswith("?"):
            yield printable(line)


def _split(value: JsonValue) -> list[str]:
    return [] if value is None else review_bytes(value).decode().splitlines()
