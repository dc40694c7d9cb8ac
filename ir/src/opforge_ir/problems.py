"""Where the checks put what they find, and how a place becomes a JSON Pointer.

A check knows the JSON object or array that it looks at, not the way there: keeping the way would cost
more than all the checks together, and is needed only when something is wrong. So a problem remembers
the container itself, and the pointers are found afterwards, in one walk over the document that
recognises the containers by identity. No container may therefore stand in two places of a document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

from opforge_ir.canonical import build_pointer
from opforge_ir.codes.document import E_TOO_MANY_PROBLEMS
from opforge_ir.diagnostics import Code, Diagnostic, FieldValue, JsonPointer
from opforge_ir.excerpt import excerpt

__all__ = ["MAX_PROBLEMS", "Container", "JsonArray", "JsonObject", "Part", "Problems", "is_tree"]

MAX_PROBLEMS: Final = 200
"""The most problems of one document that are listed."""

_MAX_NOTED: Final = 50 * MAX_PROBLEMS
"""The most that are noted: a hostile document can have one in every few bytes."""

JsonObject: TypeAlias = dict[str, Any]
JsonArray: TypeAlias = list[Any]
Container: TypeAlias = "JsonObject | JsonArray"

Part: TypeAlias = tuple[str, ...]
"""The keys that lead to a definition, such as `("ops", "check")`; empty for rules on the whole document."""


@dataclass(frozen=True, slots=True)
class _Problem:
    code: Code
    container: Container
    tail: tuple[str | int, ...]
    """Keys and indices that lead on from the container."""
    fields: Mapping[str, FieldValue]
    part: Part


class Problems:
    """A list of what is wrong with one document."""

    def __init__(self) -> None:
        self._found: list[_Problem] = []
        self.part: Part = ()
        """The definition that is being checked."""

    def __len__(self) -> int:
        return len(self._found)

    def add(self, code: Code, container: Container, *tail: str | int, **fields: FieldValue) -> None:
        """Note one problem at `container`, or at what `tail` leads to within it."""
        if len(self._found) >= _MAX_NOTED:
            return
        shown = {name: excerpt(v, 200) if isinstance(v, str) else v for name, v in fields.items()}
        self._found.append(_Problem(code, container, tail, shown, self.part))

    def has(self, *codes: Code) -> bool:
        """Whether a problem of one of these codes was noted."""
        return any(problem.code in codes for problem in self._found)

    def get_parts(self) -> frozenset[Part]:
        """The definitions that have a problem."""
        return frozenset(problem.part for problem in self._found)

    def extend(self, other: Problems, *, except_parts: frozenset[Part]) -> None:
        """Take over the problems of another list, without those of some definitions."""
        self._found += [problem for problem in other._found if problem.part not in except_parts]

    def build_diagnostics(self, document: JsonObject) -> list[Diagnostic]:
        """The diagnostics in the order of the document with its keys sorted, at most MAX_PROBLEMS.

        When there are more, a last one says so.
        """
        if not self._found:
            return []
        wanted = {id(problem.container) for problem in self._found}
        places = {id(at): (rank, path) for rank, (path, at) in enumerate(_walk(document)) if id(at) in wanted}
        ranked = sorted(
            ((places[id(problem.container)], index, problem) for index, problem in enumerate(self._found)),
            key=lambda entry: (entry[0][0], _order(entry[2].tail), entry[1]),
        )
        diagnostics = [
            problem.code.at(_pointer(path, problem.tail), **problem.fields)
            for (_, path), _, problem in ranked[:MAX_PROBLEMS]
        ]
        if len(ranked) > MAX_PROBLEMS:
            diagnostics.append(E_TOO_MANY_PROBLEMS.at(JsonPointer(""), limit=MAX_PROBLEMS))
        return diagnostics


def is_tree(document: JsonObject) -> bool:
    """Whether every container of the document stands in one place only."""
    seen: set[int] = set()
    for _, container in _walk(document):
        if id(container) in seen:
            return False
        seen.add(id(container))
    return True


_Path: TypeAlias = "tuple[_Path, str | int] | None"


def _walk(document: JsonObject) -> Iterator[tuple[_Path, Container]]:
    """Every container with the way to it, outer before inner, keys in order."""
    waiting: list[tuple[_Path, Container]] = [(None, document)]
    while waiting:
        path, container = waiting.pop()
        yield path, container
        members: list[tuple[_Path, Container]] = []
        entries = (
            sorted(container.items())
            if isinstance(container, dict)
            else cast("list[tuple[str | int, Any]]", list(enumerate(container)))
        )
        for key, value in entries:
            if isinstance(value, dict | list):
                members.append(((path, key), cast("Container", value)))
        waiting.extend(reversed(members))


def _order(tail: tuple[str | int, ...]) -> list[tuple[int, str]]:
    """What sorts places within one container: itself first, then its members by key or index."""
    return [(key, "") if isinstance(key, int) else (0, key) for key in tail]


def _pointer(path: _Path, tail: tuple[str | int, ...]) -> JsonPointer:
    """The pointer to a place, or to the nearest place around it whose pointer can be shown."""
    keys = list(reversed(tail))
    while path is not None:
        path, key = path
        keys.append(key)
    keys.reverse()
    while (pointer := build_pointer(keys)) is None:
        keys.pop()
    return pointer
