"""Constants: checked like any expression, then computed, so that the IR holds their values."""

from __future__ import annotations

import ast
from decimal import Decimal
from typing import Any, Final
from unicodedata import is_normalized

from opforge._frontend.coercion import fit, has_unknown
from opforge._frontend.constant_operators import (
    MAX_ITEMS,
    ConstantTooLargeError,
    NotConstantError,
    compute_operator,
)
from opforge._frontend.constant_values import read_literal, write_value
from opforge._frontend.context import Context
from opforge._frontend.scope import get_alternatives
from opforge._frontend.symbols import UNKNOWN, split_contract
from opforge._frontend.tree import (
    After,
    Apply,
    BooleanChain,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    DictNew,
    EnumPart,
    Expr,
    FieldOf,
    IsInstance,
    ListNew,
    Literal,
    Local,
    Narrow,
    Pattern,
    Quantified,
    RecordNew,
    SetNew,
    Temporary,
    TupleNew,
    Widen,
    With,
)
from opforge_ir.codes.source import E_CONSTANT_EXPRESSION, E_CONSTANT_FAILS, E_CONSTANT_TOO_LARGE
from opforge_ir.excerpt import excerpt
from opforge_ir.types import Type
from opforge_ir.values import RecordInstance

__all__ = ["compute_constant", "compute_value"]

_MAX_STEPS: Final = 200_000


class _RefusedError(Exception):
    """A part of the expression has been refused where it was defined."""


def compute_constant(ctx: Context, node: ast.expr, expected: Type | None) -> Expr | None:
    """The value of a constant expression as a tree of literals; None where it was refused.

    `ctx` is the top of a file. `expected` is the type that the value must have, when there is one.
    """
    value = compute_value(ctx, node, expected)
    if value is None:
        return None
    kind, computed = value
    try:
        return write_value(ctx.program, kind, _check_value(computed), ctx.span(node))
    except NotConstantError as error:
        ctx.report(E_CONSTANT_EXPRESSION, node, reason=str(error))
        return None


def compute_value(ctx: Context, node: ast.expr, expected: Type | None) -> tuple[Type, Any] | None:
    """The type and the value of a constant expression; None where it was refused."""
    mark = ctx.module.problems.mark()
    checked = ctx.check(node, expected)
    if expected is not None:
        checked = fit(ctx, node, checked, expected)
    if has_unknown(checked.type) or ctx.module.problems.mark() != mark:
        return None
    if split_contract(checked.type) is not None:
        ctx.report(
            E_CONSTANT_EXPRESSION,
            node,
            reason="it is a contract; keep the address, and make the contract where it is read",
        )
        return None
    try:
        return checked.type, _Computation(ctx).compute(checked)
    except _RefusedError:
        return None
    except NotConstantError as error:
        ctx.report(E_CONSTANT_EXPRESSION, node, reason=str(error))
    except ConstantTooLargeError as error:
        ctx.report(E_CONSTANT_TOO_LARGE, node, limit=str(error))
    except (ArithmeticError, ValueError, LookupError, TypeError) as error:
        name = type(error).__name__
        message = str(error) if not isinstance(error, ArithmeticError) or "[" not in str(error) else ""
        ctx.report(E_CONSTANT_FAILS, node, error=f"{name}: {excerpt(message, 100)}" if message else name)
    return None


def _check_value(value: Any) -> Any:
    """The value itself. Raises NotConstantError where a part of it has no literal."""
    pending = [value]
    count = 0
    while pending:
        part: Any = pending.pop()
        count += 1
        if count > MAX_ITEMS:
            raise NotConstantError(f"it has more than {MAX_ITEMS} parts")
        match part:
            case Decimal() if part.is_nan():
                raise NotConstantError("it is not a number")
            case str() if not is_normalized("NFC", part):
                raise NotConstantError("its text is not in Unicode normalization form C")
            case list() | tuple() | set():
                pending.extend(part)  # pyright: ignore[reportUnknownArgumentType]
            case dict():
                pending.extend(part)  # pyright: ignore[reportUnknownArgumentType]
                pending.extend(part.values())  # pyright: ignore[reportUnknownArgumentType]
            case RecordInstance():
                pending.extend(part.values)
            case _:
                pass
    return value


class _Computation:
    """Computes one typed expression."""

    def __init__(self, ctx: Context) -> None:
        self._program = ctx.program
        self._steps = 0
        self._locals: dict[str, Any] = {}
        self._once: dict[int, Any] = {}

    def compute(self, node: Expr) -> Any:
        """The value. Raises what Python raises, ConstantTooLargeError and NotConstantError."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise ConstantTooLargeError(f"{_MAX_STEPS} steps of computing")
        match node:
            case Literal() if node.type is UNKNOWN:
                raise _RefusedError
            case Literal():
                enum = self._program.enum_of(node.type)
                return read_literal(node) if enum is None else enum.values[node.value]
            case Local():
                return self._locals[node.name]
            case Temporary():
                return self._once[id(node.of)]
            case ConstantRef():
                if node.constant.literal is None:
                    raise NotConstantError("it depends on a constant that is not computed")
                return self.compute(node.constant.literal)
            case Apply():
                return self._apply(node)
            case FieldOf():
                return self._field(node)
            case Conditional():
                return self.compute(node.then if self.compute(node.test) else node.otherwise)
            case BooleanChain():
                test = all if node.is_and else any
                return test(self.compute(arg) for arg in node.args)
            case With():
                assert node.body is not None
                self._once[id(node)] = self.compute(node.value)
                return self.compute(node.body)
            case _:
                return self._make(node)

    def _make(self, node: Expr) -> Any:
        match node:
            case RecordNew():
                given = {name: self.compute(value) for name, value in node.fields}
                return RecordInstance(
                    node.record.key, tuple(given[field.name] for field in node.record.fields)
                )
            case ListNew():
                return [self.compute(item) for item in node.items]
            case SetNew():
                return {self.compute(item) for item in node.items}
            case EnumPart():
                return self._enum_part(node)
            case Widen():
                return self.compute(node.value)
            case IsInstance() | Narrow():
                return self._narrowed(node)
            case TupleNew():
                return tuple(self.compute(item) for item in node.items)
            case DictNew():
                return {self.compute(key): self.compute(value) for key, value in node.entries}
            case Comprehension():
                made: list[Any] = []
                self._iterate(node.clauses, lambda: self._add(made, node.element))
                return made
            case Quantified():
                return self._quantified(node)
            case After():
                raise NotConstantError("it changes a list or dict")
            case _:
                raise NotConstantError("it asks for something outside of the program")

    def _apply(self, node: Apply) -> Any:
        order = node.order or range(len(node.args))
        values = {index: self.compute(node.args[index]) for index in order}
        return compute_operator(node.op, [values[index] for index in range(len(node.args))])

    def _enum_part(self, node: EnumPart) -> Any:
        enum = self._program.enum_of(node.enum)
        assert enum is not None
        value = self.compute(node.of)
        match node.part:
            case "value":
                return value
            case "name":
                return enum.names[value]
            case "from_name":
                return enum.values[value]
            case "from_value":
                if value not in enum.names:
                    raise ValueError(f"{value!r} is not a valid {enum.name}")
                return value

    def _narrowed(self, node: IsInstance | Narrow) -> Any:
        value = self.compute(node.value)
        if isinstance(node, Narrow):
            return value
        return value.name in {each.head for each in get_alternatives(node.record)}

    def _field(self, node: FieldOf) -> Any:
        value = self.compute(node.of)
        if isinstance(value, RecordInstance):
            names = [field.name for field in self._program.records[value.name].fields]
            return value.values[names.index(node.name)]
        return value[int(node.name)]

    def _add(self, made: list[Any], element: Expr) -> bool:
        made.append(self.compute(element))
        if len(made) > MAX_ITEMS:
            raise ConstantTooLargeError(f"{MAX_ITEMS} items")
        return True

    def _quantified(self, node: Quantified) -> bool:
        decided: list[bool] = []

        def look() -> bool:
            value = bool(self.compute(node.element))
            if value is not node.is_all:
                decided.append(value)
            return not decided

        self._iterate(node.clauses, look)
        return decided[0] if decided else node.is_all

    def _iterate(self, clauses: list[Clause], body: Any) -> bool:
        """Run `body` for each iteration; it says whether to go on, and so does this."""
        if not clauses:
            return bool(body())
        clause, *inner = clauses
        for item in self.compute(clause.items):
            self._bind(clause.pattern, item)
            if all(self.compute(each) for each in clause.conditions) and not self._iterate(inner, body):
                return False
        return True

    def _bind(self, pattern: Pattern, value: Any) -> None:
        if pattern.name is not None:
            self._locals[pattern.name] = value
        else:
            for part, item in zip(pattern.items, value, strict=True):
                self._bind(part, item)
