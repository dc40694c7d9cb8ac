"""Values of constants: as Python holds them while they are computed, and as trees of literals."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from opforge._frontend.context import Program
from opforge._frontend.tree import (
    Apply,
    ConstantRef,
    DictNew,
    Expr,
    ListNew,
    Literal,
    RecordNew,
    SetNew,
    TupleNew,
    Widen,
)
from opforge_ir.diagnostics import Span
from opforge_ir.types import Type
from opforge_ir.values import RecordInstance, Value

__all__ = ["literal_of", "read_literal", "write_value"]


def literal_of(value: Expr) -> Literal | None:
    """The literal that an expression is, itself or as a constant's name; None for anything else."""
    if isinstance(value, ConstantRef):
        value = value.constant.literal or value
    return value if isinstance(value, Literal) else None


def read_literal(literal: Literal) -> Value:
    """The value of a literal, as `opforge_ir.values` says it is held."""
    match literal.type.head:
        case "int":
            return int(literal.value)
        case "bool":
            return literal.value == "true"
        case "Decimal":
            return Decimal(literal.value)
        case "bytes":
            return bytes.fromhex(literal.value.removeprefix("0x"))
        case "str" | "Address":
            return literal.value
        case _:
            return None


def write_value(program: Program, kind: Type, value: Value, span: Span) -> Expr:
    """The tree of literals and displays for a value of this type."""
    match kind.head:
        case "Optional":
            if value is None:
                return Literal(kind, span, "None")
            return Apply(kind, span, "optional.some", [write_value(program, kind.args[0], value, span)])
        case "list":
            items = cast(list[Value], value)
            return ListNew(kind, span, [write_value(program, kind.args[0], item, span) for item in items])
        case "tuple":
            parts = zip(kind.args, cast(tuple[Value, ...], value), strict=True)
            return TupleNew(kind, span, [write_value(program, part, item, span) for part, item in parts])
        case "dict":
            key_type, value_type = kind.args
            entries = [
                (write_value(program, key_type, key, span), write_value(program, value_type, item, span))
                for key, item in cast(dict[Value, Value], value).items()
            ]
            return DictNew(kind, span, entries)
        case "int" | "Decimal" | "str" | "Address" | "None":
            return Literal(kind, span, str(value))
        case "bool":
            return Literal(kind, span, "true" if value else "false")
        case "bytes":
            return Literal(kind, span, "0x" + cast(bytes, value).hex())
        case "set" | "frozenset":
            things = sorted(cast("set[Any]", value))
            return SetNew(kind, span, [write_value(program, kind.args[0], item, span) for item in things])
        case "Union":
            part = next(each for each in kind.args if each.head == cast(RecordInstance, value).name)
            return Widen(kind, span, write_value(program, part, value, span))
        case _:
            if (enum := program.enum_of(kind)) is not None:
                return Literal(kind, span, enum.names[cast("str | int", value)])
            record = program.records[kind.head]
            values = cast(RecordInstance, value).values
            fields = [
                (field.name, write_value(program, field.type, item, span))
                for field, item in zip(record.fields, values, strict=True)
            ]
            return RecordNew(kind, span, record, fields)
