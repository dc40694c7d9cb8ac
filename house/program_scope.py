"""What a generated program may use at one place, and which of its lists and dicts may be the same object."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from opforge_ir.types import Type

__all__ = ["RECORDS", "GeneratedHelper", "Scope", "is_mutable", "spell"]

RECORDS: Final[dict[str, dict[str, str]]] = {
    "Pair": {"amount": "int", "label": "str", "scale": "Decimal"},
    "Box": {"items": "list[int]", "pair": "Pair", "note": "Optional[str]"},
}
"""The fields of the record classes that every generated program has, with their types."""

_NAME: Final = re.compile(r"[A-Za-z_]\w*")
_FIXED: Final = "fixed"
"""The origin of what a program must not change: constants, and what a helper returns or was given."""


def spell(kind: Type) -> str:
    """The type as an annotation."""
    if kind.is_optional:
        return f"{spell(kind.args[0])} | None"
    return f"{kind.head}[{', '.join(map(spell, kind.args))}]" if kind.args else kind.head


def is_mutable(kind: Type) -> bool:
    """Whether a value of this type is or holds a list or a dict."""
    return kind.is_list or kind.is_dict or kind.head == "Box" or any(is_mutable(arg) for arg in kind.args)


@dataclass(frozen=True, slots=True)
class GeneratedHelper:
    """A function of the program that ops call."""

    name: str
    parameters: Sequence[Type]
    result: Type


@dataclass(slots=True)
class Scope:
    """The names at one place.

    Changing a list while a loop goes over it, or a constant, has no meaning in the language. A variable that
    may be the same object as another one has an origin in common with it.
    """

    variables: dict[str, Type] = field(default_factory=dict[str, Type])
    helpers: list[GeneratedHelper] = field(default_factory=list[GeneratedHelper])
    origins: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])
    iterated: list[set[str]] = field(default_factory=list["set[str]"])
    """The origins of what each enclosing loop goes over."""
    may_ask: bool = False
    """Whether effects may be asked for here: their order is Python's, which it is not among iterations of a
    comprehension."""
    outer: list[set[str]] = field(default_factory=list["set[str]"])
    """The variables that each enclosing loop found when it began."""

    def define_fixed(self, name: str, kind: Type) -> None:
        """A constant, or a parameter that must not be changed."""
        self.variables[name] = kind
        self.origins[name] = {_FIXED}

    def define(self, name: str, kind: Type, value: str) -> None:
        """A variable that is assigned `value`, perhaps not for the first time."""
        self.variables[name] = kind
        self.origins.setdefault(name, {name}).update(self.origins_of(value))

    def origins_of(self, expression: str) -> set[str]:
        """The origins of all objects that the expression's value may be or hold."""
        names = set(_NAME.findall(expression))
        found = {_FIXED for helper in self.helpers if helper.name in names and is_mutable(helper.result)}
        for name in names & set(self.variables):
            if is_mutable(self.variables[name]):
                found |= self.origins[name]
        return found

    def may_assign(self, name: str, value: str) -> bool:
        """Whether a variable can be given this value here, or a list be given it as an item.

        The next iteration of a loop finds it at the beginning of the body, where it may be changed.
        """
        is_outer = any(name in names for names in self.outer)
        return not is_outer or not self.origins_of(value)

    def find(self, *kinds: Type) -> list[str]:
        """The variables of these types."""
        return [name for name, kind in self.variables.items() if kind in kinds]

    def find_changeable(self) -> list[str]:
        """The lists and dicts that may be changed here."""
        blocked = {_FIXED}.union(*self.iterated)
        return [
            name
            for name, kind in self.variables.items()
            if (kind.is_list or kind.is_dict) and not self.origins[name] & blocked
        ]

    def store(self, target: str, value: str) -> None:
        """Note that a value was put into a list or dict."""
        added = self.origins_of(value)
        shared = set(self.origins[target])
        for origins in self.origins.values():
            if origins & shared:
                origins.update(added)

    @contextmanager
    def enter_block(self) -> Generator[None]:
        """A branch: what it defines for the first time is not known after it."""
        before = dict(self.variables)
        yield
        self.variables = before

    @contextmanager
    def enter_loop(self, items: str) -> Generator[None]:
        """The body of a loop over `items`."""
        self.iterated.append(self.origins_of(items))
        self.outer.append(set(self.variables))
        with self.enter_block():
            yield
        self.iterated.pop()
        self.outer.pop()

    @contextmanager
    def enter_expression(self, targets: Iterable[tuple[str, Type]], items: str) -> Generator[None]:
        """The inside of a comprehension, whose variables may hide others."""
        variables, origins = dict(self.variables), {name: set(held) for name, held in self.origins.items()}
        held = self.origins_of(items)
        may_ask, self.may_ask = self.may_ask, False
        for name, kind in targets:
            self.variables[name] = kind
            self.origins[name] = {*held, _FIXED}
        yield
        self.variables, self.origins, self.may_ask = variables, origins, may_ask
