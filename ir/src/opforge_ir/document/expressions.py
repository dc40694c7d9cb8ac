"""Expressions of the IR: pure, typed trees, evaluated from left to right."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypeAliasType

from opforge_ir.document.base import Model, OperatorName, Qualified, Segment, TypeText

__all__ = [
    "AllOf",
    "AnyOf",
    "Apply",
    "CallValue",
    "Conditional",
    "Const",
    "Decode",
    "DictEntry",
    "DictValue",
    "EnumOf",
    "Expression",
    "FieldOf",
    "FieldValue",
    "IsInstance",
    "ListValue",
    "LiteralValue",
    "Narrow",
    "RecordValue",
    "Ref",
    "SetValue",
    "TupleValue",
    "Widen",
]


class Ref(Model):
    """The value that a node, target or parameter defines."""

    kind: Literal["ref"]
    name: Segment


class Const(Model):
    """A constant of the document."""

    kind: Literal["const"]
    name: Qualified


class LiteralValue(Model):
    """A scalar: `int` and `Decimal` in decimal digits, `bytes` and `Address` as lower-case 0x hex,
    `bool` as `true` or `false`, `None` as `None` (for an Optional, `type` is that Optional), a value of an
    enum as the name of the member that has it.
    """

    kind: Literal["lit"]
    type: TypeText
    value: str


class Apply(Model):
    """A pure operator applied to its arguments."""

    kind: Literal["apply"]
    op: OperatorName
    args: list[Expression]


class CallValue(Model):
    """A call of a function that has no effects."""

    kind: Literal["call"]
    function: Qualified
    args: list[Expression]


class FieldValue(Model):
    """One field of a record that is being made."""

    name: Segment
    value: Expression


class RecordValue(Model):
    """A new record; the fields stand in the order in which they are evaluated."""

    kind: Literal["record"]
    record: Qualified
    fields: list[FieldValue]


class ListValue(Model):
    """A new list."""

    kind: Literal["list"]
    type: TypeText
    items: list[Expression]


class TupleValue(Model):
    """A new tuple."""

    kind: Literal["tuple"]
    items: list[Expression]


class SetValue(Model):
    """A new set."""

    kind: Literal["set"]
    type: TypeText
    items: list[Expression]


class DictEntry(Model):
    """One entry of a dict that is being made."""

    key: Expression
    value: Expression


class DictValue(Model):
    """A new dict; entries in order, a later equal key replaces the value of an earlier one."""

    kind: Literal["dict"]
    type: TypeText
    entries: list[DictEntry]


class FieldOf(Model):
    """A field of a record by name, or an item of a tuple by its decimal index.

    Of a Union, a field that all of its records have, with one type.
    """

    kind: Literal["field"]
    of: Expression
    name: Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_-]{0,62}|0|[1-9][0-9]{0,2})$")]


class EnumOf(Model):
    """The `value` or `name` of an enum's value, or the value that has it: `from_value` raises ValueError
    where there is none, `from_name` KeyError.
    """

    kind: Literal["enum"]
    enum: Qualified
    part: Literal["value", "name", "from_value", "from_name"]
    of: Expression


class Widen(Model):
    """A record, or a Union of some records, as a value of a Union that has more."""

    kind: Literal["widen"]
    type: TypeText
    value: Expression


class IsInstance(Model):
    """Whether a value of a Union is of one of its records, or of those of a smaller Union."""

    kind: Literal["isinstance"]
    type: TypeText
    value: Expression


class Narrow(Model):
    """A value of a Union as one of its records, or of a smaller Union; raises TypeError when it is not."""

    kind: Literal["narrow"]
    type: TypeText
    value: Expression


class Conditional(Model):
    """`then if test else otherwise`: only the chosen side is evaluated."""

    kind: Literal["cond"]
    test: Expression
    then: Expression
    otherwise: Expression


class AllOf(Model):
    """`a and b and …` on bool: stops at the first False."""

    kind: Literal["and"]
    args: list[Expression]


class AnyOf(Model):
    """`a or b or …` on bool: stops at the first True."""

    kind: Literal["or"]
    args: list[Expression]


class Decode(Model):
    """JSON text read as a value of a type; raises `DecodeError` when it does not fit."""

    kind: Literal["decode"]
    type: TypeText
    value: Expression


Expression = TypeAliasType(
    "Expression",
    Annotated[
        Ref
        | Const
        | LiteralValue
        | Apply
        | CallValue
        | RecordValue
        | ListValue
        | TupleValue
        | SetValue
        | DictValue
        | FieldOf
        | EnumOf
        | Widen
        | IsInstance
        | Narrow
        | Conditional
        | AllOf
        | AnyOf
        | Decode,
        Field(discriminator="kind"),
    ],
)


for _model in (
    Ref,
    Const,
    LiteralValue,
    Apply,
    CallValue,
    FieldValue,
    RecordValue,
    ListValue,
    TupleValue,
    SetValue,
    DictEntry,
    DictValue,
    FieldOf,
    EnumOf,
    Widen,
    IsInstance,
    Narrow,
    Conditional,
    AllOf,
    AnyOf,
    Decode,
):
    _model.model_rebuild()
