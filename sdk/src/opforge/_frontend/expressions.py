"""The typed form of every expression: one function per form of the syntax."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final
from unicodedata import is_normalized

from opforge._frontend.calls import check_call
from opforge._frontend.coercion import fit, has_unknown, holds_error, is_key_type, refuse_errors, show
from opforge._frontend.comparisons import check_comparison
from opforge._frontend.comprehensions import check_dict_comprehension, check_list_comprehension
from opforge._frontend.context import Context
from opforge._frontend.enum_values import ENUM_PARTS, check_member, check_part, find_enum
from opforge._frontend.fstrings import check_fstring
from opforge._frontend.names import hint_for
from opforge._frontend.operations import check_boolean, check_operation, check_test, check_unary
from opforge._frontend.repairs import repair_with_name
from opforge._frontend.scope import Unset, join_types, narrowings, read
from opforge._frontend.sets import check_set_comprehension, check_set_display
from opforge._frontend.star_arguments import join_tuples
from opforge._frontend.star_displays import check_star_dict, check_star_list
from opforge._frontend.subscripts import check_subscript
from opforge._frontend.symbols import (
    CAUGHT,
    UNKNOWN,
    Broken,
    ConstantDecl,
    ContractDecl,
    EnumDecl,
    FunctionDecl,
    ModuleSymbol,
    RecordDecl,
    Symbol,
    TypeOnly,
    VocabularySymbol,
    split_contract,
    split_function,
)
from opforge._frontend.tree import (
    Conditional,
    ConstantRef,
    DictNew,
    Expr,
    FieldOf,
    ListNew,
    Literal,
    Local,
    TupleNew,
    Walrus,
)
from opforge._frontend.unsupported import refuse_syntax
from opforge._frontend.vocabulary import BUILTIN_TYPES, FLOAT_FUNCTIONS, NAMESPACES, ROUNDINGS
from opforge_ir.codes.operators import E_FLOAT_FUNCTION
from opforge_ir.codes.source import (
    E_CONSTANT_TOO_LARGE,
    E_FLOAT_REFUSED,
    E_KEY_TYPE,
    E_MAYBE_NONE,
    E_MAYBE_UNSET,
    E_NOT_A_VALUE,
    E_OPERAND_TYPES,
    E_TYPE_CHANGES,
    E_TYPE_NEEDED,
    E_UNKNOWN_ATTRIBUTE,
    E_UNKNOWN_NAME,
    E_USED_BEFORE_DEFINITION,
)
from opforge_ir.codes.types import E_MAYBE_OTHER
from opforge_ir.types import (
    ADDRESS,
    BOOL,
    BYTES,
    INT,
    NONE,
    STR,
    Type,
    dict_of,
    list_of,
    tuple_of,
)

__all__ = ["check_expression"]

MAX_LITERAL_DIGITS: Final = 4300
_SURROGATES: Final = ("\ud800", "\udfff")


def check_expression(ctx: Context, node: ast.expr, expected: Type | None) -> Expr:
    """The typed form of any expression."""
    handler = _HANDLERS.get(type(node))
    return refuse_syntax(ctx, node) if handler is None else handler(ctx, node, expected)


def _constant(ctx: Context, node: ast.Constant, _expected: Type | None) -> Expr:
    value = node.value
    span = ctx.span(node)
    match value:
        case None:
            return Literal(NONE, span, "None")
        case bool():
            return Literal(BOOL, span, "true" if value else "false")
        case int():
            if value.bit_length() > 14_000:
                return ctx.refuse(E_CONSTANT_TOO_LARGE, node, limit=f"{MAX_LITERAL_DIGITS} digits")
            return Literal(INT, span, str(value))
        case str():
            if any(_SURROGATES[0] <= c <= _SURROGATES[1] for c in value):
                return ctx.refuse(
                    E_NOT_A_VALUE, node, what="half of a surrogate pair", instead="write the character itself"
                )
            if not is_normalized("NFC", value):
                instead = "write its characters in their composed form (NFC)"
                return ctx.refuse(
                    E_NOT_A_VALUE, node, what="text that can look like another text", instead=instead
                )
            return Literal(STR, span, value)
        case bytes():
            return Literal(BYTES, span, "0x" + value.hex())
        case float():
            text = _float_text(ctx, node)
            return ctx.refuse(
                E_FLOAT_REFUSED,
                node,
                text=text,
                instead=f'write Decimal("{_decimal_text(text)}")',
                edits=repair_with_name(ctx.module, node, "decimal", "Decimal", f'("{_decimal_text(text)}")'),
            )
        case _:
            return refuse_syntax(ctx, node)


def _float_text(ctx: Context, node: ast.Constant) -> str:
    line = ctx.module.source.line_at(node.lineno) or ""
    span = ctx.span(node)
    text = line[span.column - 1 : span.end_column - 1] if span.line == span.end_line else ""
    try:
        if float(text) == node.value:
            return text
    except ValueError:
        pass
    return repr(node.value)


def _decimal_text(text: str) -> str:
    return str(Decimal(text.replace("_", "")))


def _name(ctx: Context, node: ast.Name, _expected: Type | None) -> Expr:
    name = node.id
    if name in ctx.substitutes:
        return ctx.substitutes[name]()
    if ctx.is_variable(name):
        return _local(ctx, node)
    symbol = ctx.symbol(name)
    if symbol is not None:
        return _symbol_value(ctx, node, symbol, name)
    return refuse_unknown_name(ctx, node)


def refuse_unknown_name(ctx: Context, node: ast.Name) -> Expr:
    """Report a name that nothing defines, or that cannot be used as a value."""
    name = node.id
    if name in _BUILTIN_FUNCTIONS or name in BUILTIN_TYPES:
        return ctx.refuse(E_NOT_A_VALUE, node, what=f"the builtin {name}", instead="call it")
    known = [*ctx.state.variables, *ctx.module.symbols, *_BUILTIN_FUNCTIONS]
    return ctx.refuse(E_UNKNOWN_NAME, node, name=name, hint=hint_for(name, known))


_BUILTIN_FUNCTIONS: Final = frozenset(
    [
        *(
            "abs",
            "all",
            "any",
            "bin",
            "bool",
            "bytes",
            "chr",
            "dict",
            "divmod",
            "enumerate",
            "filter",
            "format",
            "frozenset",
        ),
        *("hex", "int", "isinstance", "len", "list", "map", "max", "min", "oct", "ord", "pow", "range"),
        *("reversed", "round", "set", "sorted", "str", "sum", "zip"),
    ]
)


def _local(ctx: Context, node: ast.Name) -> Expr:
    found = ctx.state.variables.get(node.id)
    if found is None:
        if not ctx.state.is_reachable:
            return ctx.unknown(node)
        return ctx.refuse(E_MAYBE_UNSET, node, name=node.id, reason="it is given one only later")
    if isinstance(found, Unset):
        if " on one path and " in found.reason:
            before, _, after = found.reason.removeprefix("it is ").partition(" on one path and ")
            ctx.state.define(node.id, UNKNOWN)
            return ctx.refuse(
                E_TYPE_CHANGES, node, name=node.id, before=before, after=after.removesuffix(" on the other")
            )
        ctx.state.define(node.id, UNKNOWN)
        return ctx.refuse(E_MAYBE_UNSET, node, name=node.id, reason=found.reason)
    if split_function(found) is not None:
        instead = f"call it: `{node.id}(...)`"
        return ctx.refuse(E_NOT_A_VALUE, node, what=f"the function {node.id}", instead=instead)
    return read(ctx.state, Local(found, ctx.span(node), node.id))


def _symbol_value(ctx: Context, node: ast.expr, symbol: Symbol, name: str) -> Expr:
    match symbol:
        case Broken():
            return ctx.unknown(node)
        case ConstantDecl():
            if ctx.function is None and symbol.module is ctx.module and not symbol.is_computed:
                return ctx.refuse(E_USED_BEFORE_DEFINITION, node, name=name, line=symbol.node.lineno)
            if symbol.type is UNKNOWN:
                return ctx.unknown(node)
            return ConstantRef(symbol.type, ctx.span(node), symbol)
        case FunctionDecl():
            return ctx.refuse(
                E_NOT_A_VALUE, node, what=f"the function {name}", instead=f"call it: `{name}(...)`"
            )
        case RecordDecl() | ContractDecl() | EnumDecl():
            return ctx.refuse(
                E_NOT_A_VALUE, node, what=f"the class {name}", instead=f"call it: `{name}(...)`"
            )
        case TypeOnly():
            return ctx.refuse(
                E_NOT_A_VALUE,
                node,
                what=f"{name}, which only type checkers import,",
                instead="import it outside of `if TYPE_CHECKING:`",
            )
        case ModuleSymbol():
            return ctx.refuse(
                E_NOT_A_VALUE, node, what=f"the file {name}", instead="use a name that it defines"
            )
        case VocabularySymbol() if symbol.full.removeprefix("decimal.") in ROUNDINGS:
            return Literal(STR, ctx.span(node), symbol.full.removeprefix("decimal."))
        case _:
            return ctx.refuse(
                E_NOT_A_VALUE, node, what=name, instead="it belongs to the language; use it as such"
            )


def _attribute(ctx: Context, node: ast.Attribute, _expected: Type | None) -> Expr:
    symbol = ctx.resolve(node)
    if symbol is not None:
        return _symbol_value(ctx, node, symbol, ast.unparse(node))
    base = node.value
    if (enum := find_enum(ctx, base)) is not None:
        return check_member(ctx, node, enum)
    if isinstance(base, ast.Name | ast.Attribute):
        outer = ctx.resolve(base)
        match outer:
            case ModuleSymbol():
                return _no_attribute(ctx, node, outer.module.name, outer.module.symbols)
            case VocabularySymbol("math") if node.attr in FLOAT_FUNCTIONS:
                name, instead = ast.unparse(node), FLOAT_FUNCTIONS[node.attr]
                return ctx.refuse(E_FLOAT_FUNCTION, node, name=name, instead=instead)
            case VocabularySymbol() if outer.full in NAMESPACES:
                return _no_attribute(ctx, node, outer.full.rpartition(".")[2], NAMESPACES[outer.full])
            case _:
                pass
    return _value_attribute(ctx, node, ctx.check(base))


def _value_attribute(ctx: Context, node: ast.Attribute, value: Expr) -> Expr:
    """What a value has under a name: a field, or a part of an enum's member."""
    if has_unknown(value.type):
        return ctx.unknown(node)
    if split_contract(value.type) is not None:
        if node.attr == "address":
            value.type = ADDRESS
            return value
        return _no_attribute(ctx, node, show(value.type), ["address"])
    if ctx.program.enum_of(value.type) is not None and node.attr in ENUM_PARTS:
        return check_part(ctx, node, value)
    if value.type.is_union:
        return _shared_field(ctx, node, value)
    if value.type is CAUGHT:
        # What the IR calls its kind and its message are no attributes in Python.
        instead = "compare the class by its handler, and take the text: `str(error)`"
        return ctx.refuse(
            E_UNKNOWN_ATTRIBUTE, node, type="an error", name=node.attr, hint="", instead=instead
        )
    fields = ctx.program.fields_of(value.type)
    if fields is None:
        inner = value.type.args[0] if value.type.is_optional else None
        if inner is not None and (inner.is_union or ctx.program.fields_of(inner) is not None):
            return ctx.refuse(E_MAYBE_NONE, node.value)
        return _no_attribute(ctx, node, show(value.type), [])
    if node.attr not in fields:
        record = ctx.program.records.get(value.type.head)
        if record is not None and not record.is_complete:
            return ctx.unknown(node)
        return _no_attribute(ctx, node, show(value.type), fields)
    return read(ctx.state, FieldOf(fields[node.attr], ctx.span(node), value, node.attr))


def _shared_field(ctx: Context, node: ast.Attribute, value: Expr) -> Expr:
    """A field of a Union: all of its records have it, with one type."""
    tables = {record: ctx.program.fields_of(record) or {} for record in value.type.args}
    kinds = {fields.get(node.attr) for fields in tables.values()}
    kind = kinds.pop()
    if kind is not None and not kinds:
        return read(ctx.state, FieldOf(kind, ctx.span(node), value, node.attr))
    if any(not ctx.program.records[r.head].is_complete for r in tables if r.head in ctx.program.records):
        return ctx.unknown(node)
    having = [record for record, fields in tables.items() if node.attr in fields]
    if not having:
        return _no_attribute(ctx, node, show(value.type), [])
    others = [record for record in tables if record not in having]
    reason = f", which has no {node.attr}" if others else f", whose {node.attr} is of another type"
    record = show(others[0] if others else having[-1])
    return ctx.refuse(E_MAYBE_OTHER, node, record=record, reason=reason, example=show(having[0]))


def _no_attribute(ctx: Context, node: ast.Attribute, owner: str, known: Iterable[str]) -> Expr:
    names = sorted(known)
    instead = f"it has {', '.join(names)}" if 0 < len(names) <= 12 else "use what it has"
    return ctx.refuse(
        E_UNKNOWN_ATTRIBUTE,
        node,
        type=owner,
        name=node.attr,
        hint=hint_for(node.attr, names),
        instead=instead,
    )


def _list(ctx: Context, node: ast.List, expected: Type | None) -> Expr:
    wanted = expected.args[0] if expected is not None and expected.is_list else None
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return check_star_list(ctx, node, wanted)
    items = [ctx.check(item, wanted) for item in node.elts]
    if wanted is None:
        if not items:
            return _needs_type(ctx, node, "an empty list", "items: list[int] = []")
        wanted = _common_type(items)
    if holds_error(wanted):
        return refuse_errors(ctx, node)
    fitted = [fit(ctx, item, value, wanted) for item, value in zip(node.elts, items, strict=True)]
    return ListNew(list_of(wanted), ctx.span(node), fitted)


def _common_type(values: list[Expr]) -> Type:
    common = values[0].type
    for value in values[1:]:
        joined = join_types(common, value.type)
        if joined is None:
            return common
        common = joined
    return common


def _needs_type(ctx: Context, node: ast.expr, what: str, example: str) -> Expr:
    return ctx.refuse(E_TYPE_NEEDED, node, what=what, example=example)


def _tuple(ctx: Context, node: ast.Tuple, expected: Type | None) -> Expr:
    wanted: list[Type | None] = [None] * len(node.elts)
    if expected is not None and expected.is_tuple and len(expected.args) == len(node.elts):
        wanted = list(expected.args)
    if not node.elts:
        return _needs_type(ctx, node, "an empty tuple", "items: list[int] = []")
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return join_tuples(ctx, node)
    items: list[Expr] = []
    for item, kind in zip(node.elts, wanted, strict=True):
        value = ctx.check(item, kind)
        items.append(value if kind is None else fit(ctx, item, value, kind))
    if any(has_unknown(item.type) for item in items):
        return ctx.unknown(node)
    return TupleNew(tuple_of(*(item.type for item in items)), ctx.span(node), items)


def _dict(ctx: Context, node: ast.Dict, expected: Type | None) -> Expr:
    wanted = expected if expected is not None and expected.is_dict else None
    if None in node.keys:
        return check_star_dict(ctx, node, wanted)
    entries: list[tuple[ast.expr, Expr, ast.expr, Expr]] = []
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        assert key_node is not None
        key = ctx.check(key_node, wanted.args[0] if wanted else None)
        value = ctx.check(value_node, wanted.args[1] if wanted else None)
        entries.append((key_node, key, value_node, value))
    if wanted is None:
        if not entries:
            return _needs_type(ctx, node, "an empty dict", "amounts: dict[str, int] = {}")
        key_type = _common_type([e[1] for e in entries])
        value_type = _common_type([e[3] for e in entries])
        if has_unknown(key_type) or has_unknown(value_type):
            return ctx.unknown(node)
        if not is_key_type(key_type):
            return ctx.refuse(E_KEY_TYPE, entries[0][0], type=show(key_type))
        wanted = dict_of(key_type, value_type)
    fitted = [
        (fit(ctx, key_node, key, wanted.args[0]), fit(ctx, value_node, value, wanted.args[1]))
        for key_node, key, value_node, value in entries
    ]
    return DictNew(wanted, ctx.span(node), fitted)


def _conditional(ctx: Context, node: ast.IfExp, expected: Type | None) -> Expr:
    test = check_test(ctx, node.test)
    yes, no = narrowings(test)
    before = ctx.state.narrowed
    with ctx.skippable():
        ctx.state.narrow(yes)
        then = ctx.check(node.body, expected)
        ctx.state.narrowed = before
        ctx.state.narrow(no)
        otherwise = ctx.check(node.orelse, expected)
        ctx.state.narrowed = before
    kind = expected if expected is not None else join_types(then.type, otherwise.type)
    if kind is None:
        operands = f"{show(then.type)} and {show(otherwise.type)}"
        return ctx.refuse(
            E_OPERAND_TYPES,
            node,
            operation="if-else",
            types=operands,
            instead="give both sides the same type",
        )
    then, otherwise = fit(ctx, node.body, then, kind), fit(ctx, node.orelse, otherwise, kind)
    return Conditional(kind, ctx.span(node), test, then, otherwise)


def _walrus(ctx: Context, node: ast.NamedExpr, expected: Type | None) -> Expr:
    """`name := value`, where it is certain to be evaluated once."""
    name = node.target.id
    if ctx.may_be_skipped or ctx.function is None:
        return refuse_syntax(ctx, node)
    wanted = ctx.declared.get(name)
    value = ctx.check(node.value, wanted if wanted is not None else expected)
    if wanted is not None:
        value = fit(ctx, node.value, value, wanted)
    ctx.state.define(name, value.type)
    return ctx.unknown(node) if has_unknown(value.type) else Walrus(value.type, ctx.span(node), name, value)


def _call(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
    return check_call(ctx, node, expected)


_HANDLERS: Final[dict[type[ast.expr], Callable[[Context, Any, Type | None], Expr]]] = {
    ast.Attribute: _attribute,
    ast.BinOp: check_operation,
    ast.BoolOp: check_boolean,
    ast.Call: _call,
    ast.Compare: check_comparison,
    ast.Constant: _constant,
    ast.Dict: _dict,
    ast.DictComp: check_dict_comprehension,
    ast.IfExp: _conditional,
    ast.JoinedStr: check_fstring,
    ast.List: _list,
    ast.ListComp: check_list_comprehension,
    ast.Name: _name,
    ast.NamedExpr: _walrus,
    ast.Set: check_set_display,
    ast.SetComp: check_set_comprehension,
    ast.Subscript: check_subscript,
    ast.Tuple: _tuple,
    ast.UnaryOp: check_unary,
}
