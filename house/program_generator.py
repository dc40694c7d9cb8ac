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
from opforge_ir.types import BOOL, DECIMAL, INT, STR, Type, dict_of, list_of, optional_of, parse_type

__all__ = ["GeneratedProgram", "programs"]

_HEAD: Final = """\
from decimal import Decimal

from opforge import Address, Fail, op, record, workload

workload("generated", version="1.0.0")
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
_DEPTH: Final = 3


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
        parts.append(_PUSH)
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
        body = _BodyBuilder(self._write, scope, set(parameters), result).build()
        written = ", ".join(f"{parameter}: {spell(kind)}" for parameter, kind in parameters.items())
        return f"def {name}({written}) -> {spell(result)}:\n{body}"


class _BodyBuilder:
    """Writes the statements of one function."""

    def __init__(self, write: ExpressionBuilder, scope: Scope, parameters: set[str], result: Type) -> None:
        self._write = write
        self._scope = write.scope = scope
        self._result = result
        self._locals = parameters

    def build(self) -> str:
        """The whole body, which ends with a `return`."""
        lines = self._block(self._write.number(1, 6), nesting=0)
        lines.append(f"return {self._write.typed(self._result, _DEPTH)}")
        return _indent(lines) + "\n"

    def _block(self, count: int, nesting: int) -> list[str]:
        lines: list[str] = []
        for _ in range(count):
            options = [
                self._define,
                self._define,
                self._reassign,
                self._augment,
                self._change,
                self._alias,
                self._unpack,
            ]
            if nesting < 2:
                options += [
                    lambda: self._branch(nesting),
                    lambda: self._loop(nesting),
                    lambda: self._narrow(nesting),
                ]
            options += [self._assert, self._fail, self._leave, self._order]
            lines += self._write.pick(options)()
        return lines or ["pass"]

    def _nested(self, nesting: int) -> list[str]:
        return _indent_lines(self._block(self._write.number(1, 3), nesting + 1))

    # --- assignments --------------------------------------------------------------------------------

    def _define(self) -> list[str]:
        kind = self._write.pick([*KINDS, optional_of(INT), optional_of(STR)])
        is_annotated = kind.is_optional or self._write.number(0, 1) == 0
        value = (
            self._write.typed(kind, _DEPTH, is_assigned=True)
            if is_annotated
            else self._write.expression(kind, _DEPTH)
        )
        name = self._write.name("v")
        self._scope.define(name, kind, value)
        self._locals.add(name)
        return [f"{name}: {spell(kind)} = {value}" if is_annotated else f"{name} = {value}"]

    def _reassign(self) -> list[str]:
        names = [
            name
            for name, kind in self._scope.variables.items()
            if name in self._locals and not kind.is_optional
        ]
        if not names:
            return self._define()
        name = self._write.pick(names)
        value = self._write.expression(self._scope.variables[name], _DEPTH)
        if not self._scope.may_assign(name, value):
            return self._define()
        self._scope.define(name, self._scope.variables[name], value)
        return [f"{name} = {value}"]

    def _augment(self) -> list[str]:
        names = [name for name in self._scope.find(INT, STR, DECIMAL) if name in self._locals]
        if not names:
            return self._define()
        name = self._write.pick(names)
        kind = self._scope.variables[name]
        sign = "+" if kind is STR else self._write.pick(["+", "-", "*"])
        return [f"{name} {sign}= {self._write.expression(kind, 1)}"]

    def _alias(self) -> list[str]:
        names = self._scope.find(list_of(INT), dict_of(STR, INT), list_of(list_of(INT)), parse_type("Box"))
        if not names:
            return self._define()
        value = self._write.pick(names)
        name = self._write.name("v")
        self._scope.define(name, self._scope.variables[value], value)
        self._locals.add(name)
        return [f"{name} = {value}"]

    def _unpack(self) -> list[str]:
        kinds = [self._write.pick([INT, STR, DECIMAL, list_of(INT)]) for _ in range(2)]
        values = [self._write.expression(kind, 2) for kind in kinds]
        names = [self._write.name("v") for _ in kinds]
        for name, kind in zip(names, kinds, strict=True):
            # The front end does not tell apart what the parts of one tuple may be.
            self._scope.define(name, kind, " ".join([*values, *names]))
            self._locals.add(name)
        same = [name for name in self._scope.find(kinds[0]) if name in self._locals]
        if len(same) > 1 and not self._scope.outer and self._write.number(0, 1):
            first, second = same[0], same[-1]
            swap = f"{first}, {second} = {second}, {first}"
            both = f"{first} {second}"
            self._scope.define(first, kinds[0], both)
            self._scope.define(second, kinds[0], both)
            return [f"{', '.join(names)} = {', '.join(values)}", swap]
        return [f"{', '.join(names)} = {', '.join(values)}"]

    # --- changes ------------------------------------------------------------------------------------

    def _change(self) -> list[str]:
        names = self._scope.find_changeable()
        if not names:
            return self._define()
        name = self._write.pick(names)
        kind = self._scope.variables[name]
        value = self._write.expression(kind.args[-1], 2)
        if not self._scope.may_assign(name, value):
            return self._define()
        self._scope.store(name, value)
        if kind.is_list:
            return [f"{name}.append({value})"]
        if kind.args[1] is INT and self._write.number(0, 2) == 0:
            key = self._write.literal(kind.args[0])
            return [f"{name}[{key}] {self._write.pick(['+', '-', '*'])}= {value}"]
        return [f"{name}[{self._write.expression(kind.args[0], 2)}] = {value}"]

    def _order(self) -> list[str]:
        """Changes inside of expressions, whose order of evaluation can be seen."""
        names = [
            name for name in self._scope.find_changeable() if self._scope.variables[name] is list_of(INT)
        ]
        if not names:
            return self._define()
        one, other = self._write.pick(names), self._write.pick(names)
        a, b = self._write.expression(INT, 1), self._write.expression(INT, 1)
        kind, value = self._write.pick(
            [
                (list_of(INT), f"[push({one}, {a}), len({other}), push({other}, {b})]"),
                (INT, f"push({one}, {a}) - len({other}) * push({other}, {b})"),
                (BOOL, f"push({one}, {a}) > 3 and push({other}, {b}) > 2 or len({one}) > 1"),
                (INT, f"push({one}, {a}) if len({other}) > 1 else push({other}, {b})"),
                (BOOL, f"push({one}, {a}) < push({other}, {b}) <= len({one})"),
                (
                    dict_of(INT, STR),
                    f"{{push({one}, {a}): str(len({other})), push({other}, {b}): str(len({one}))}}",
                ),
                (
                    parse_type("Pair"),
                    f"Pair(label=str(push({one}, {a})), amount=push({other}, {b}), scale=Decimal({one}[0]))",
                ),
                (BOOL, f"push({one}, {a}) in {other}"),
                (INT, f"{one}[push({other}, {a}) - 1]"),
                (list_of(INT), f"{one} + [push({other}, {a})] + {other}"),
            ]
        )  # fmt: skip
        name = self._write.name("v")
        self._scope.define(name, kind, "")
        self._locals.add(name)
        return [f"{name} = {value}"]

    # --- control ------------------------------------------------------------------------------------

    def _branch(self, nesting: int) -> list[str]:
        lines: list[str] = []
        for word in ["if", *["elif"] * self._write.number(0, 1)]:
            lines.append(f"{word} {self._write.expression(BOOL, 2)}:")
            with self._scope.enter_block():
                lines += self._nested(nesting)
        if self._write.number(0, 1):
            lines.append("else:")
            with self._scope.enter_block():
                lines += self._nested(nesting)
        return lines

    def _narrow(self, nesting: int) -> list[str]:
        names = [name for name, kind in self._scope.variables.items() if kind.is_optional]
        if not names:
            return self._branch(nesting)
        name = self._write.pick(names)
        lines = [f"if {name} is not None:"]
        with self._scope.enter_block():
            self._scope.variables[name] = self._scope.variables[name].args[0]
            self._locals.discard(name)
            lines += self._nested(nesting)
        self._locals.add(name)
        return lines

    def _loop(self, nesting: int) -> list[str]:
        targets, items, kinds = self._write.iterable(1)
        lines = [f"for {targets} in {items}:"]
        with self._scope.enter_loop(items):
            for name, kind in kinds:
                self._scope.define(name, kind, items)
            lines += self._nested(nesting)
        return lines

    def _assert(self) -> list[str]:
        return [f"assert {self._write.expression(BOOL, 2)}, {self._write.expression(STR, 1)}"]

    def _fail(self) -> list[str]:
        return [f"if {self._write.expression(BOOL, 1)}:", f"    raise Fail({self._write.expression(STR, 1)})"]

    def _leave(self) -> list[str]:
        return [f"if {self._write.expression(BOOL, 1)}:", f"    return {self._write.typed(self._result, 2)}"]


def _indent_lines(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _indent(lines: list[str]) -> str:
    return "\n".join(_indent_lines(lines))
