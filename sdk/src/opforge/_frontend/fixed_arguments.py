"""The arguments of `workload(...)`, `@op(...)` and the triggers: constants, each for one parameter by name.

They say something about the program and are written into the IR, so they are known when it is compiled.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from opforge._frontend.constants import compute_value
from opforge._frontend.context import Context
from opforge._frontend.names import hint_for
from opforge._frontend.source import Located
from opforge_ir.types import INT, STR, Type

__all__ = ["FixedArguments", "Refuse"]

Refuse: TypeAlias = Callable[[Located, str, str], None]
"""Reports what is wrong: at which node, with which argument, and why."""


class FixedArguments:
    """The arguments of one call; what is wrong with them is reported once, when they are looked at."""

    def __init__(
        self, ctx: Context, node: ast.Call, names: Sequence[str], unnamed: int, refuse: Refuse
    ) -> None:
        """`names` are the parameters; the first `unnamed` of them may be given without a name."""
        self._ctx = ctx
        self._node = node
        self._refuse = refuse
        self._given: dict[str, ast.expr] = dict(zip(names[:unnamed], node.args, strict=False))
        for argument in node.args[unnamed:]:
            few = "only the first one goes" if unnamed == 1 else f"only the first {unnamed} go"
            refuse(argument, "an argument", f"{few} without a name" if unnamed else "it has no name")
        for keyword in node.keywords:
            name = keyword.arg or "an argument"
            if name not in names:
                refuse(keyword, name, f"there is none of this name{hint_for(name, names)}")
            elif name in self._given:
                refuse(keyword, name, "it is given twice")
            else:
                self._given[name] = keyword.value

    def get(self, name: str) -> ast.expr | None:
        """The argument, if it is given."""
        return self._given.get(name)

    def need(self, *names: str) -> bool:
        """Whether all of these are given; those that are not are reported."""
        missing = [name for name in names if name not in self._given]
        for name in missing:
            self._refuse(self._node, name, "it is missing")
        return not missing

    def refuse(self, name: str, reason: str) -> None:
        """Report what is wrong with an argument that is given."""
        self._refuse(self._given[name], name, reason)

    def read(self, name: str, expected: Type | None = None) -> tuple[Type, Any] | None:
        """The type and the value of an argument; None where it is not given or was refused."""
        node = self._given.get(name)
        return None if node is None else compute_value(self._ctx, node, expected)

    def number(self, name: str, lowest: int, highest: int, default: int) -> int:
        """An integer within bounds."""
        found = self.read(name)
        if found is None:
            return default
        kind, value = found
        if kind is not INT or not lowest <= value <= highest:
            self.refuse(name, f"it is a number from {lowest} to {highest}")
            return default
        return int(value)

    def text(self, name: str) -> str:
        """A text that is not empty; empty where it is not given or was refused."""
        found = self.read(name)
        if found is None:
            return ""
        if found[0] is not STR or not found[1]:
            self.refuse(name, "it is a str that is not empty")
            return ""
        return str(found[1])

    def choice(self, name: str, values: Sequence[str], default: str) -> str:
        """One of some texts."""
        found = self.read(name)
        if found is None:
            return default
        if found[0] is not STR or found[1] not in values:
            self.refuse(name, f"it is one of {', '.join(values)}")
            return default
        return str(found[1])
