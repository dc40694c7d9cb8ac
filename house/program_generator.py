"""Random programs of the pure part of the language, for comparing what runs them.

What a program holds has a type, a value on each path and an end, so that the front end has no reason to
refuse it. It is drawn through hypothesis, which makes a program that shows something as small as it can; in
each choice the plainest alternative stands first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from hypothesis import strategies as st

from house.program_expressions import KINDS, Draw, ExpressionBuilder
from house.program_scope import RECORDS, GeneratedHelper, Scope, spell
from house.program_statements import BodyBuilder
from opforge_ir.types import BOOL, DECIMAL, INT, STR, Type, dict_of, list_of, optional_of, parse_type

__all__ = ["GeneratedProgram", "programs"]

_HEAD: Final = """\
from decimal import Decimal, DivisionByZero, InvalidOperation

from opforge import Address, EffectError, Fail, HttpError, http, log, op, random, record, time, workload

workload("generated", version="1.0.0")
"""
_ASK: Final = """\
def ask(n: int) -> int:
    status = http.get("https://api.example/" + str(n)).status
    log.info(f"{n}: {status}")
    return status + n
"""
_PUSH: Final = """\
def push(items: list[int], item: int) -> int:
    items.append(item)
    return len(items)
"""
_INPUTS: Final[dict[str, tuple[Type, st.SearchStrategy[Any]]]] = {
    "number": (INT, st.integers(-1000, 1000)),
    "flag": (BOOL, st.booleans()),
    "text": (STR, st.sampled_from(["", "a", "b", "12", " 7 ", "a,b", "é"])),
    "amount": (DECIMAL, st.decimals(-1000, 1000, places=3)),
    "numbers": (list_of(INT), st.lists(st.integers(-5, 5), max_size=4)),
    "names": (list_of(STR), st.lists(st.sampled_from(["a", "b", "", "é"]), max_size=3)),
    "scores": (dict_of(STR, INT), st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(-5, 5))),
    "maybe": (optional_of(INT), st.none() | st.integers(-5, 5)),
}
"""The parameters of every generated op."""


@dataclass(frozen=True, slots=True)
class GeneratedProgram:
    """A program with one op, `main`, and arguments for it."""

    source: str
    inputs: dict[str, Any]
    result: Type

    def __str__(self) -> str:
        return f"{self.source}\n# main({self.inputs})"


@st.composite
def programs(draw: Draw) -> GeneratedProgram:
    """A program and its inputs."""
    return _ProgramBuilder(draw).build()


class _ProgramBuilder:
    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._top = Scope()
        self._write = ExpressionBuilder(draw, self._top)

    def build(self) -> GeneratedProgram:
        """Constants, helpers and the op, each of which may use what stands before it."""
        parts = [_HEAD, *self._records()]
        parts += [self._constant() for _ in range(self._write.number(0, 2))]
        parts += [_ASK, _PUSH]
        parts += [self._helper() for _ in range(self._write.number(0, 2))]
        result = self._write.kind()
        parts.append(
            "@op\n" + self._function("main", {n: kind for n, (kind, _) in _INPUTS.items()}, result, True)
        )
        inputs = {name: self._draw(strategy) for name, (_, strategy) in _INPUTS.items()}
        return GeneratedProgram("\n\n".join(parts), inputs, result)

    def _records(self) -> list[str]:
        return [
            f"@record\nclass {name}:\n"
            + "".join(f"    {field}: {spell(parse_type(text))}\n" for field, text in fields.items())
            for name, fields in RECORDS.items()
        ]

    def _constant(self) -> str:
        kind = self._write.pick([INT, STR, list_of(INT), dict_of(STR, INT), parse_type("Pair"), DECIMAL])
        name = self._write.name("K")
        value = self._write.literal(kind)
        self._top.define_fixed(name, kind)
        return f"{name} = {value}\n"

    def _helper(self) -> str:
        name = self._write.name("helper")
        kinds = [*KINDS, optional_of(STR)]
        parameters = {self._write.name("p"): self._write.pick(kinds) for _ in range(self._write.number(0, 2))}
        result = self._write.pick([*KINDS, optional_of(INT)])
        text = self._function(name, parameters, result, False)
        self._top.helpers.append(GeneratedHelper(name, list(parameters.values()), result))
        return text

    def _function(self, name: str, parameters: dict[str, Type], result: Type, may_change: bool) -> str:
        scope = Scope(dict(self._top.variables), list(self._top.helpers), dict(self._top.origins))
        for parameter, kind in parameters.items():
            if may_change:
                scope.define(parameter, kind, "")
            else:
                scope.define_fixed(parameter, kind)
        scope.may_ask = may_change
        body = BodyBuilder(self._write, scope, set(parameters), result).build()
        written = ", ".join(f"{parameter}: {spell(kind)}" for parameter, kind in parameters.items())
        return f"def {name}({written}) -> {spell(result)}:\n{body}"
