"""One expression as Python-like text, with no more parentheses than Python needs."""

from __future__ import annotations

import json
from typing import Final

from opforge_ir.document import (
    AllOf,
    AnyOf,
    Apply,
    CallValue,
    Conditional,
    Const,
    Decode,
    DictValue,
    EnumOf,
    Expression,
    FieldOf,
    IsInstance,
    ListValue,
    LiteralValue,
    Narrow,
    RecordValue,
    Ref,
    SetValue,
    TupleValue,
    Widen,
)

__all__ = ["render_expression"]

_ATOM: Final = 20
_CONDITIONAL: Final = 1
_OR: Final = 2
_AND: Final = 3
_NOT: Final = 4
_COMPARISON: Final = 5

_INFIX: Final[dict[str, tuple[str, int]]] = {
    "value.eq": ("==", _COMPARISON),
    "value.ne": ("!=", _COMPARISON),
    **{
        f"{kind}.{name}": (sign, strength)
        for kind in ("bool", "int")
        for name, sign, strength in (("or", "|", 6), ("xor", "^", 7), ("and", "&", 8))
    },
    "int.lshift": ("<<", 9),
    "int.rshift": (">>", 9),
    "int.add": ("+", 10),
    "int.sub": ("-", 10),
    "int.mul": ("*", 11),
    "int.floordiv": ("//", 11),
    "int.mod": ("%", 11),
    "decimal.add": ("+", 10),
    "decimal.sub": ("-", 10),
    "decimal.mul": ("*", 11),
    "decimal.div": ("/", 11),
    "decimal.floordiv": ("//", 11),
    "decimal.mod": ("%", 11),
    "bytes.concat": ("+", 10),
    "set.union": ("|", 6),
    "set.symmetric_difference": ("^", 7),
    "set.intersection": ("&", 8),
    "set.difference": ("-", 10),
    "set.le": ("<=", _COMPARISON),
    "set.lt": ("<", _COMPARISON),
    "list.concat": ("+", 10),
    **{f"{kind}.repeat": ("*", 11) for kind in ("str", "bytes", "list")},
    **{
        f"{kind}.{name}": (sign, _COMPARISON)
        for kind in ("int", "decimal", "str", "value")
        for name, sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="))
    },
}
"""Operators of two operands that group to the left, with how tightly they bind."""

Rendered = tuple[str, int]


def render_expression(expression: Expression) -> str:
    """The expression as text."""
    return _render(expression)[0]


def _within(expression: Expression, strength: int) -> str:
    """The expression as an operand of something that binds with this strength."""
    text, own = _render(expression)
    return text if own >= strength else f"({text})"


def _render(expression: Expression) -> Rendered:  # noqa: C901 - one case for each kind of expression
    match expression:
        case Ref() | Const():
            return (expression.name, _ATOM)
        case LiteralValue():
            return _literal(expression)
        case Apply():
            return _apply(expression)
        case CallValue():
            return (f"{expression.function}({_arguments(expression.args)})", _ATOM)
        case RecordValue():
            return _record(expression)
        case ListValue():
            return _list(expression)
        case TupleValue():
            return _tuple(expression)
        case SetValue():
            return _set(expression)
        case DictValue():
            return _dict(expression)
        case FieldOf():
            return _field(expression)
        case EnumOf():
            return _enum(expression)
        case Widen():
            return _render(expression.value)
        case IsInstance():
            return (f"isinstance({render_expression(expression.value)}, {expression.type})", _ATOM)
        case Narrow():
            return (f"cast({expression.type}, {render_expression(expression.value)})", _ATOM)
        case Conditional():
            return _conditional(expression)
        case AllOf():
            return (" and ".join(_within(a, _AND + 1) for a in expression.args), _AND)
        case AnyOf():
            return (" or ".join(_within(a, _OR + 1) for a in expression.args), _OR)
        case Decode():
            return (f"json.decode[{expression.type}]({render_expression(expression.value)})", _ATOM)


def _literal(e: LiteralValue) -> Rendered:
    match e.type:
        case "int":
            return (e.value, _ATOM if not e.value.startswith("-") else 12)
        case "bool":
            return ("True" if e.value == "true" else "False", _ATOM)
        case "str":
            return (json.dumps(e.value), _ATOM)
        case "bytes":
            return (f"bytes({e.value})", _ATOM)
        case "Address":
            return (f"Address({e.value})", _ATOM)
        case "Decimal":
            return (f'Decimal("{e.value}")', _ATOM)
        case kind if kind == "None" or kind.startswith("Optional["):
            return ("None", _ATOM)
        case _:
            return (f"{e.type}.{e.value}", _ATOM)


def _enum(e: EnumOf) -> Rendered:
    match e.part:
        case "value" | "name":
            return (f"{_within(e.of, _ATOM)}.{e.part}", _ATOM)
        case "from_value":
            return (f"{e.enum}({render_expression(e.of)})", _ATOM)
        case "from_name":
            return (f"{e.enum}[{render_expression(e.of)}]", _ATOM)


def _set(e: SetValue) -> Rendered:
    return (f"{{{_arguments(e.items)}}}" if e.items else f"{e.type}()", _ATOM)


def _apply(e: Apply) -> Rendered:
    infix = _INFIX.get(e.op)
    if infix is not None and len(e.args) == 2:
        sign, strength = infix
        left, right = e.args
        # comparisons do not group: both operands bind tighter
        left_strength = strength + 1 if strength == _COMPARISON else strength
        return (f"{_within(left, left_strength)} {sign} {_within(right, strength + 1)}", strength)
    match e.op:
        case "bool.not":
            return (f"not {_within(e.args[0], _NOT)}", _NOT)
        case "str.concat":
            return (" + ".join(_within(a, 11) for a in e.args), 10 if len(e.args) > 1 else _ATOM)
        case "list.get" | "dict.item" | "str.get" | "bytes.get":
            return (f"{_within(e.args[0], _ATOM)}[{render_expression(e.args[1])}]", _ATOM)
        case "list.slice" | "str.slice" | "bytes.slice":
            bounds = ["" if _is_none(each) else render_expression(each) for each in e.args[1:]]
            shown = ":".join(bounds if bounds[2] else bounds[:2])
            return (f"{_within(e.args[0], _ATOM)}[{shown}]", _ATOM)
        case "optional.some":
            return _render(e.args[0])
        case "optional.is_none":
            return (f"{_within(e.args[0], _COMPARISON + 1)} is None", _COMPARISON)
        case _:
            return (f"{e.op}({_arguments(e.args)})", _ATOM)


def _is_none(e: Expression) -> bool:
    return isinstance(e, LiteralValue) and e.value == "None"


def _arguments(arguments: list[Expression]) -> str:
    return ", ".join(render_expression(a) for a in arguments)


def _tuple(e: TupleValue) -> Rendered:
    comma = "," if len(e.items) == 1 else ""
    return (f"({_arguments(e.items)}{comma})", _ATOM)


def _list(e: ListValue) -> Rendered:
    return (f"[{_arguments(e.items)}]" if e.items else f"{e.type}()", _ATOM)


def _dict(e: DictValue) -> Rendered:
    entries = ", ".join(f"{render_expression(x.key)}: {render_expression(x.value)}" for x in e.entries)
    return (f"{{{entries}}}" if e.entries else f"{e.type}()", _ATOM)


def _record(e: RecordValue) -> Rendered:
    return (f"{e.record}({', '.join(f'{f.name}={render_expression(f.value)}' for f in e.fields)})", _ATOM)


def _field(e: FieldOf) -> Rendered:
    of = _within(e.of, _ATOM)
    return (f"{of}[{e.name}]" if e.name[0].isdigit() else f"{of}.{e.name}", _ATOM)


def _conditional(e: Conditional) -> Rendered:
    then, test = _within(e.then, _OR), _within(e.test, _OR)
    return (f"{then} if {test} else {_within(e.otherwise, _CONDITIONAL)}", _CONDITIONAL)
