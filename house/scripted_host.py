"""The outside as a test of a natively called program wants it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

__all__ = ["AskedRequest", "ScriptedHost"]


class AskedRequest(NamedTuple):
    """One request as the host received it."""

    verb: str
    static: Mapping[str, str]
    args: Mapping[str, object]


class ScriptedHost:
    """A fake of `opforge._host.Host`: it answers each request by a function, and remembers what was asked.

    The function gets the request and returns the value that the capability function is to return, or raises
    what it is to raise.
    """

    def __init__(self, answer: Callable[[AskedRequest], object]) -> None:
        self._answer = answer
        self.asked: list[AskedRequest] = []
        """Every request, in order."""

    def perform(self, verb: str, static: Mapping[str, str], args: Mapping[str, object]) -> object:
        """Part of Host."""
        request = AskedRequest(verb, static, args)
        self.asked.append(request)
        return self._answer(request)
