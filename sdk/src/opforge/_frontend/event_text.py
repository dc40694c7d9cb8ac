"""Events as Solidity writes them: `Transfer(address indexed from, address indexed to, uint256 value)`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from opforge_ir.abi_types import type_of_abi
from opforge_ir.triggers import MAX_EVENT_TOPICS

__all__ = ["Event", "EventTextError", "read_event"]

_EVENT: Final = re.compile(r"\s*(?:event\s+)?([A-Za-z_$][A-Za-z0-9_$]{0,62})\s*\(([^()]*)\)\s*;?\s*\Z")
_INPUT: Final = re.compile(r"([a-z]+[0-9]*)((?:\[[0-9]*\])*)(\s+indexed)?(?:\s+[A-Za-z_$][A-Za-z0-9_$]*)?\Z")
_SHORT: Final = {"uint": "uint256", "int": "int256"}
"""Types that Solidity has a shorter name for; signatures are made with the long one."""


class EventTextError(ValueError):
    """The text is no event; the argument says why."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event with its canonical types."""

    name: str
    inputs: tuple[tuple[str, bool], ...]
    """The ABI type of each argument, and whether it is indexed."""


def read_event(text: str) -> Event:
    """The event that the text describes. Raises EventTextError."""
    whole = _EVENT.match(text)
    if whole is None:
        raise EventTextError("it is a name with its types in parentheses")
    written = [part.strip() for part in whole[2].split(",")] if whole[2].strip() else []
    inputs = tuple(_read_input(part) for part in written)
    if len(inputs) > 17:
        raise EventTextError("an event has at most 17 arguments")
    if sum(is_indexed for _, is_indexed in inputs) > MAX_EVENT_TOPICS:
        raise EventTextError(f"at most {MAX_EVENT_TOPICS} of its arguments are indexed")
    return Event(whole[1], inputs)


def _read_input(text: str) -> tuple[str, bool]:
    match = _INPUT.match(text)
    if match is None:
        raise EventTextError(f"{text or 'nothing'} is no argument of an event")
    abi = _SHORT.get(match[1], match[1]) + match[2]
    if type_of_abi(abi) is None or len(abi) > 40 or abi.count("[") > 4:
        raise EventTextError(f"{match[1]}{match[2]} is no type of the contract ABI that programs can take")
    return abi, match[3] is not None
