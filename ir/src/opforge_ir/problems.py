"""Where the checks put what they find, and how a place becomes a JSON Pointer.

A check knows the JSON object or array that it looks at, not the way there: keeping the way would cost
more than all the checks together, and is needed only when something is wrong. So a problem remembers
the container itself, and the pointers are found afterwards, in one walk over the document that
recognises the containers by identity. In a document where that is not clear, because a program built it with
one container in two places, the same is done with a copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import orjson

from opforge_ir.canonical import build_pointer, canonical_bytes
from opforge_ir.codes.document import E_TOO_MANY_PROBLEMS
from opforge_ir.diagnostics import Code, Diagnostic, FieldValue, JsonPointer
from opforge_ir.excerpt import excerpt

__all__ = [
    "MAX_PROBLEMS",
    "Container",
    "JsonArray",
    "JsonObject",
    "Part",
    "Problems",
    "SharedContainerError",
    "diagnose",
]

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
        if self.is_full:
            return
        shown = {name: excerpt(v, 200) if isinstance(v, str) else v for name, v in fields.items()}
        self._found.append(_Problem(code, container, tail, shown, self.part))

    @property
    def is_full(self) -> bool:
        """Whether no further problem would be noted."""
        return len(self._found) >= _MAX_NOTED

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

        When there are more, a last one says so. Raises SharedContainerError when a container that has
        a problem stands in two places of the document.
        """
        if not self._found:
            return []
        paths = _find_paths(document, {id(problem.container) for problem in self._found})
        placed = [([*paths[id(problem.container)], *problem.tail], problem) for problem in self._found]
        placed.sort(key=lambda entry: _order(entry[0]))
        diagnostics = [
            problem.code.at(_build_pointer(keys), **problem.fields) for keys, problem in placed[:MAX_PROBLEMS]
        ]
        if len(placed) > MAX_PROBLEMS:
            diagnostics.append(E_TOO_MANY_PROBLEMS.at(JsonPointer(""), limit=MAX_PROBLEMS))
        return diagnostics


class SharedContainerError(ValueError):
    """The same object stands in two places of a document, so that the place of a problem is not clear."""


def diagnose(document: JsonObject, find: Callable[[JsonObject], Problems]) -> list[Diagnostic]:
    """The diagnostics of what `find` notes about a document; one with shared containers is copied first."""
    try:
        return find(document).build_diagnostics(document)
    except SharedContainerError:
        copied = orjson.loads(canonical_bytes(document))
        return find(copied).build_diagnostics(copied)


_Place: TypeAlias = "tuple[_Place | None, str | int, Container]"
"""A container, its key or index in the one around it, and the place of that."""


def _find_paths(document: JsonObject, wanted: set[int]) -> dict[int, list[str | int]]:
    """The keys that lead to each of the wanted containers, by identity."""
    found: dict[int, list[str | int]] = {}
    open_places: list[Iterator[_Place]] = [iter([(None, "", document)])]
    while open_places:
        place = next(open_places[-1], None)
        if place is None:
            open_places.pop()
            continue
        container = place[2]
        if id(container) in wanted:
            if id(container) in found:
                raise SharedContainerError
            found[id(container)] = _get_keys(place)
        open_places.append(_find_inside(place))
    return found


def _find_inside(place: _Place) -> Iterator[_Place]:
    """The containers directly inside one."""
    container = place[2]
    for key, value in container.items() if isinstance(container, dict) else enumerate(container):
        if isinstance(value, dict | list):
            yield place, key, cast("Container", value)


def _get_keys(place: _Place) -> list[str | int]:
    keys: list[str | int] = []
    around, key, _ = place
    while around is not None:
        keys.append(key)
        around, key, _ = around
    keys.reverse()
    return keys


def _order(keys: list[str | int]) -> list[tuple[int, str]]:
    """What sorts places: a container before its members, those by key or index."""
    return [(key, "") if isinstance(key, int) else (0, key) for key in keys]


def _build_pointer(keys: list[str | int]) -> JsonPointer:
    """The pointer to a place, or to the nearest place around it whose pointer can be shown."""
    while (pointer := build_pointer(keys)) is None:
        keys.pop()
    return pointer
