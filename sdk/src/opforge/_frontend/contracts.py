"""Contract classes: the view functions that a program calls, with their types in the contract ABI."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.annotations import resolve_type
from opforge._frontend.coercion import has_unknown, show
from opforge._frontend.context import Context
from opforge._frontend.decorators import decorator_name
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.source import Located, shorten_place
from opforge._frontend.symbols import (
    AliasDecl,
    ContractDecl,
    ContractFunctionDecl,
    ContractParameterDecl,
    Module,
    VocabularySymbol,
)
from opforge._frontend.vocabulary import ABI_SCALARS
from opforge_ir.codes.source import (
    E_ABI_TYPE,
    E_ANNOTATION_MISSING,
    E_CONTRACT_FORM,
    E_DECORATOR,
    E_DUPLICATE_DEFINITION,
)
from opforge_ir.types import ADDRESS, BOOL, BYTES, INT, STR, Type

__all__ = ["is_contract_class", "read_contract"]

_ABI: Final[dict[Type, str]] = {
    INT: "uint256",
    BOOL: "bool",
    STR: "string",
    BYTES: "bytes",
    ADDRESS: "address",
}
"""What the language's types are in a contract's interface, when no name of `opforge.abi` is used."""
_PREFIX: Final = "opforge.abi."
_RESERVED: Final = {"address", "at"}
_MAX_ARRAY_DEPTH: Final = 4


def is_contract_class(module: Module, node: ast.ClassDef) -> bool:
    """Whether the class has the base `opforge.Contract`."""
    return any(resolve_dotted(module, base) == VocabularySymbol("opforge.Contract") for base in node.bases)


def read_contract(ctx: Context, contract: ContractDecl) -> None:
    """Fill in the functions; `ctx` is the top of the contract's file."""
    syntax = contract.syntax
    for decorator in syntax.decorator_list:
        ctx.report(E_DECORATOR, decorator)
    if len(syntax.bases) > 1 or syntax.keywords:
        place = syntax.bases[1] if len(syntax.bases) > 1 else syntax.keywords[0].value
        _refuse(ctx, contract, place, "more than the base Contract")
    for statement in syntax.body:
        match statement:
            case ast.FunctionDef():
                _read_function(ctx, contract, statement)
            case ast.Pass():
                pass
            case ast.Expr(value=ast.Constant(value=text)) if isinstance(text, str) or text is ...:
                pass
            case _:
                _refuse(ctx, contract, shorten_place(statement, "def"), "this statement")


def _refuse(ctx: Context, contract: ContractDecl, node: Located, reason: str) -> None:
    ctx.report(E_CONTRACT_FORM, node, reason=reason)
    contract.is_complete = False


def _read_function(ctx: Context, contract: ContractDecl, node: ast.FunctionDef) -> None:
    name = node.name
    if name in contract.functions:
        first = next(
            s.lineno for s in contract.syntax.body if isinstance(s, ast.FunctionDef) and s.name == name
        )
        ctx.report(E_DUPLICATE_DEFINITION, shorten_place(node, "def"), name=name, line=first)
        return
    function = ContractFunctionDecl(name, [], None, is_complete=False)
    contract.functions[name] = function
    problem = _form_problem(ctx, node)
    if problem is not None:
        place, reason = problem
        if reason:
            _refuse(ctx, contract, place, reason)
        return
    outputs: ContractParameterDecl | None = None
    is_complete = True
    for argument in node.args.args[1:]:
        if argument.annotation is None:
            ctx.report(E_ANNOTATION_MISSING, argument, what=f"the parameter {argument.arg}")
            is_complete = False
            continue
        found = _abi_type(ctx.module, argument.annotation)
        if found is None:
            is_complete = False
        else:
            function.inputs.append(ContractParameterDecl(argument.arg, *found))
    if node.returns is None:
        ctx.report(E_ANNOTATION_MISSING, shorten_place(node, "def"), what=f"the result of {name}")
        is_complete = False
    elif not (isinstance(node.returns, ast.Constant) and node.returns.value is None):
        found = _abi_type(ctx.module, node.returns)
        if found is None:
            is_complete = False
        else:
            outputs = ContractParameterDecl("result", *found)
    function.output = outputs
    function.is_complete = is_complete


def _form_problem(ctx: Context, node: ast.FunctionDef) -> tuple[Located, str] | None:
    """What keeps a method from being a view function; the reason is empty where it is reported already."""
    is_view = [decorator_name(ctx.module, each) == "opforge.chain.view" for each in node.decorator_list]
    if not node.decorator_list:
        return shorten_place(node, "def"), f"the method {node.name} without `@chain.view`"
    if not all(is_view) or len(is_view) > 1:
        ctx.report(E_DECORATOR, node.decorator_list[is_view.index(False) if False in is_view else 1])
        return shorten_place(node, "def"), ""
    if isinstance(node.decorator_list[0], ast.Call):
        return node.decorator_list[0], "an argument of `@chain.view`"
    args = node.args
    if not args.args or args.args[0].arg != "self":
        return shorten_place(node, "def"), f"the function {node.name} without the parameter self"
    if args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs or args.defaults:
        return shorten_place(node, "def"), "a parameter that is not plain"
    for argument in args.args[1:]:
        if argument.arg in _RESERVED:
            return argument, f"a parameter called {argument.arg}, which calls use for the block"
    if node.name in _RESERVED:
        return shorten_place(node, "def"), f"a function called {node.name}, which the contract has already"
    for statement in node.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not is_text and not isinstance(statement, ast.Pass):
            return shorten_place(statement, "def"), "a body: the node computes the function"
    return None


def _abi_type(module: Module, node: ast.expr) -> tuple[str, Type] | None:
    """The ABI type and the language's type of an annotation; None, with a problem, when there is none."""
    kind = resolve_type(module, node, eager_line=node.lineno)
    if has_unknown(kind):
        return None
    abi = _abi_name(module, node, kind)
    if abi is None or abi.count("[") > _MAX_ARRAY_DEPTH:
        module.report(E_ABI_TYPE, node, type=show(kind))
        return None
    return abi, kind


def _abi_name(module: Module, node: ast.expr, kind: Type) -> str | None:
    """The spelling of the ABI; names of `opforge.abi` stand for themselves, also in lists and aliases."""
    if kind.is_list:
        inner = kind.args[0]
        if isinstance(node, ast.Subscript):
            found = _abi_name(module, node.slice, inner)
            return None if found is None else f"{found}[]"
    symbol = resolve_dotted(module, node)
    if isinstance(symbol, AliasDecl):
        return _abi_name(symbol.module, symbol.value, kind)
    if isinstance(symbol, VocabularySymbol) and symbol.full.removeprefix(_PREFIX) in ABI_SCALARS:
        return symbol.full.removeprefix(_PREFIX)
    if kind.is_list:
        found = _abi_name(module, node, kind.args[0])
        return None if found is None else f"{found}[]"
    return _ABI.get(kind)
