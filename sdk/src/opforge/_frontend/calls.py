"""Calls: what is called decides which rules hold for the arguments."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.annotations import resolve_type
from opforge._frontend.arguments import Formal, bind_arguments, check_all
from opforge._frontend.builtin_calls import BUILTINS, check_builtin
from opforge._frontend.coercion import has_unknown
from opforge._frontend.context import Context
from opforge._frontend.decorators import RETRY
from opforge._frontend.effect_calls import check_capability, check_contract, is_capability
from opforge._frontend.enum_values import check_by_value
from opforge._frontend.literal_calls import check_address, check_decimal, check_unit
from opforge._frontend.math_calls import check_math
from opforge._frontend.method_calls import check_class_method, check_method
from opforge._frontend.names import hint_for
from opforge._frontend.nested_functions import hand_on_captures
from opforge._frontend.record_copies import check_replace
from opforge._frontend.star_arguments import expand_stars
from opforge._frontend.symbols import (
    UNKNOWN,
    AliasDecl,
    Broken,
    ConstantDecl,
    ContractDecl,
    Declaration,
    EnumDecl,
    FunctionDecl,
    RecordDecl,
    Symbol,
    TypeOnly,
    VocabularySymbol,
)
from opforge._frontend.tree import CallFunction, Expr, RecordNew
from opforge._frontend.vocabulary import FOREIGN_TYPES
from opforge._frontend.wait_calls import WAIT_VERBS, check_wait_call
from opforge_ir.codes.source import (
    E_CALL_OF_OP,
    E_FLOAT_REFUSED,
    E_NOT_A_VALUE,
    E_NOT_CALLABLE,
    E_UNKNOWN_NAME,
    E_UNKNOWN_TYPE,
    E_USED_BEFORE_DEFINITION,
    E_WORKLOAD_PLACE,
)
from opforge_ir.types import Type

__all__ = ["check_call"]

_UNITS: Final = "opforge.units."


def check_call(ctx: Context, node: ast.Call, expected: Type | None) -> Expr:
    """The typed form of a call."""
    node = expand_stars(ctx, node)
    callee = node.func
    symbol = ctx.resolve(callee) or ctx.find_nested(callee)
    if symbol is not None:
        return _call_symbol(ctx, node, symbol, expected)
    match callee:
        case ast.Name() if not ctx.is_variable(callee.id):
            made = check_builtin(ctx, node, callee.id, expected)
            if made is not None:
                return made
            check_all(ctx, node)
            known = [*ctx.state.variables, *ctx.module.symbols, *BUILTINS]
            return ctx.refuse(E_UNKNOWN_NAME, callee, name=callee.id, hint=hint_for(callee.id, known))
        case ast.Attribute(value=ast.Name(id=("int" | "bytes" | "str" | "dict") as kind)) if (
            not ctx.is_variable(kind) and ctx.symbol(kind) is None
        ):
            return check_class_method(ctx, node, kind, callee)
        case ast.Attribute():
            if ctx.resolve(callee.value) is None or _is_value(ctx.resolve(callee.value)):
                return check_method(ctx, node, callee, expected)
            if (ctx.resolve(callee.value), callee.attr) == (
                VocabularySymbol("decimal.Decimal"),
                "from_float",
            ):
                check_all(ctx, node)
                text, instead = "Decimal.from_float(...)", 'write Decimal("...")'
                return ctx.refuse(E_FLOAT_REFUSED, callee, text=text, instead=instead)
            ctx.check(callee)  # a name that its file or library does not have: reported there
            check_all(ctx, node)
            return ctx.unknown(node)
        case _:
            value = ctx.check(callee)
            check_all(ctx, node)
            if has_unknown(value.type):
                return ctx.unknown(node)
            return ctx.refuse(E_NOT_CALLABLE, callee, what="a value")


def _is_value(symbol: Symbol | None) -> bool:
    return isinstance(symbol, ConstantDecl)


def _call_symbol(ctx: Context, node: ast.Call, symbol: Symbol, expected: Type | None) -> Expr:
    name = ast.unparse(node.func)
    if isinstance(symbol, Declaration) and _is_later(ctx, symbol):
        check_all(ctx, node)
        return ctx.refuse(E_USED_BEFORE_DEFINITION, node.func, name=name, line=symbol.node.lineno)
    match symbol:
        case Broken():
            _check_given(ctx, node)
            return ctx.unknown(node)
        case FunctionDecl():
            return _call_function(ctx, node, symbol, name)
        case RecordDecl():
            return _make_record(ctx, node, symbol, name)
        case EnumDecl():
            return check_by_value(ctx, node, symbol, name)
        case ContractDecl():
            return check_contract(ctx, node, symbol, name)
        case AliasDecl():
            return _call_alias(ctx, node, symbol, name, expected)
        case TypeOnly():
            check_all(ctx, node)
            return ctx.check(node.func)
        case VocabularySymbol():
            return _call_vocabulary(ctx, node, symbol.full, name, expected)
        case _:
            check_all(ctx, node)
            if isinstance(symbol, ConstantDecl) and symbol.type is UNKNOWN:
                return ctx.unknown(node)
            return ctx.refuse(E_NOT_CALLABLE, node.func, what=name)


def _check_given(ctx: Context, node: ast.Call) -> None:
    """Find the problems within the arguments of what was refused; it may take types and functions."""
    args = [arg for arg in node.args if not isinstance(arg, ast.Name) or ctx.is_variable(arg.id)]
    check_all(ctx, ast.copy_location(ast.Call(node.func, args, node.keywords), node))


def _is_later(ctx: Context, symbol: Declaration) -> bool:
    """Whether a definition stands below the statement at the top of the same file that is looked at."""
    return ctx.function is None and symbol.module is ctx.module and symbol.node.lineno >= ctx.line


def _call_alias(ctx: Context, node: ast.Call, alias: AliasDecl, name: str, expected: Type | None) -> Expr:
    if alias.is_new_type:
        kind = resolve_type(alias.module, alias.value)
        args = bind_arguments(ctx, node, name, [Formal("value", kind)])
        return ctx.unknown(node) if args is None else args["value"]
    inner = Context(ctx.program, alias.module, None, ctx.dispatch)
    target = inner.resolve(alias.value)
    if isinstance(target, RecordDecl | EnumDecl | ContractDecl | VocabularySymbol):
        return _call_symbol(ctx, node, target, expected)
    check_all(ctx, node)
    return ctx.refuse(E_NOT_CALLABLE, node.func, what=name)


def _call_vocabulary(ctx: Context, node: ast.Call, full: str, name: str, expected: Type | None) -> Expr:
    if is_capability(full):
        return check_capability(ctx, node, full)
    if full in WAIT_VERBS:
        return check_wait_call(ctx, node, full, expected)
    if full == "opforge.Address":
        return check_address(ctx, node)
    if full == "decimal.Decimal":
        return check_decimal(ctx, node)
    if full.startswith("math."):
        return check_math(ctx, node, full.removeprefix("math."))
    if full == "dataclasses.replace":
        return check_replace(ctx, node, name)
    if full.startswith(_UNITS):
        return check_unit(ctx, node, full.removeprefix(_UNITS))
    check_all(ctx, node)
    if full in FOREIGN_TYPES:
        return ctx.refuse(E_UNKNOWN_TYPE, node, text=name, hint=FOREIGN_TYPES[full])
    if full == "opforge.workload":
        return ctx.refuse(E_WORKLOAD_PLACE, node)
    if full == RETRY:
        instead = "write it in the decorator: `@op(retry=Retry(3))`"
        return ctx.refuse(E_NOT_A_VALUE, node, what=name, instead=instead)
    if full == "opforge.Fail":
        return ctx.refuse(E_NOT_A_VALUE, node, what="an error", instead="raise it: `raise Fail(...)`")
    return ctx.refuse(E_NOT_CALLABLE, node.func, what=name)


def _call_function(ctx: Context, node: ast.Call, function: FunctionDecl, name: str) -> Expr:
    if ctx.function is not None:
        ctx.program.calls.append((ctx.function, function, ctx.span(node)))
    elif function.is_op:
        check_all(ctx, node)
        return ctx.refuse(E_CALL_OF_OP, node.func, name=name)
    if not function.is_complete:
        check_all(ctx, node)
        return ctx.unknown(node)
    formals = [
        Formal(each.name, each.type, each.default is None, each.is_keyword_only, each.is_positional_only)
        for each in function.parameters
        if each.name not in function.captures
    ]
    given = bind_arguments(ctx, node, name, formals)
    if given is None:
        return ctx.unknown(node)
    given |= hand_on_captures(ctx, node.func, function)
    args: list[Expr] = []
    for parameter in function.parameters:
        value = given.get(parameter.name, parameter.default)
        assert value is not None  # required parameters are given: bind_arguments sees to it
        args.append(value)
    names = [parameter.name for parameter in function.parameters]
    order = [names.index(each) for each in given]
    rest = [index for index in range(len(names)) if index not in order]
    full_order = (*order, *rest)
    is_in_order = order == sorted(order)
    return CallFunction(function.result, ctx.span(node), function, args, None if is_in_order else full_order)


def _make_record(ctx: Context, node: ast.Call, record: RecordDecl, name: str) -> Expr:
    if not record.is_complete:
        check_all(ctx, node)
        return ctx.unknown(node)
    formals = [Formal(field.name, field.type, field.default is None) for field in record.fields]
    given = bind_arguments(ctx, node, name, formals)
    if given is None:
        return ctx.unknown(node)
    defaults = [(field.name, field.default) for field in record.fields if field.name not in given]
    values = [*given.items(), *((name, value) for name, value in defaults if value is not None)]
    return RecordNew(record.type, ctx.span(node), record, values)
