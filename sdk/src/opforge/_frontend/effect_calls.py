"""Calls of capabilities and of contract functions: the effects of a program."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.arguments import Formal, bind_arguments, check_all, evaluate_first, is_stable
from opforge._frontend.coercion import fit, has_unknown, show
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.names import NETWORK_NICKNAMES, hint_for
from opforge._frontend.sizes import check_size
from opforge._frontend.symbols import ContractDecl, contract_type
from opforge._frontend.tree import ConstantRef, Decode, DictNew, Expr, FieldOf, Literal, Request, TupleNew
from opforge._ir import VerbName
from opforge_ir.capabilities import KEY_HEADER, VERBS, Parameter
from opforge_ir.codes.source import (
    E_CONSTANT_EXPRESSION,
    E_FIXED_ARGUMENT,
    E_NETWORK_MISSING,
    E_NETWORK_UNKNOWN,
    E_NOT_A_VALUE,
    E_READ_WITHOUT_BLOCK,
    E_TYPE_NEEDED,
    E_UNKNOWN_ATTRIBUTE,
)
from opforge_ir.codes.waits import E_KEY_HEADER
from opforge_ir.types import ADDRESS, NONE, STR, Type, dict_of, named, parse_type, tuple_of

__all__ = [
    "check_capability",
    "check_contract",
    "check_contract_function",
    "check_json",
    "holds_frozenset",
    "is_capability",
    "is_in_function",
]

_BLOCK: Final = named("Block")
_HEADERS: Final = dict_of(STR, STR)
_VERB_NAMES: Final[dict[str, VerbName]] = {
    "opforge.chain.block": "chain.block",
    "opforge.chain.balance": "chain.balance",
    "opforge.http.get": "http.get",
    "opforge.http.post": "http.post",
    "opforge.log.info": "log.info",
    "opforge.log.warning": "log.warning",
    "opforge.random.integer": "random.integer",
    "opforge.time.now": "time.now",
}


def is_capability(full: str) -> bool:
    """Whether this name of the vocabulary is a verb that programs call."""
    return full in _VERB_NAMES


def check_capability(ctx: Context, node: ast.Call, full: str) -> Expr:
    """A call of a capability's function."""
    verb = _VERB_NAMES[full]
    if not is_in_function(ctx, node):
        return ctx.unknown(node)
    if verb == "chain.block":
        return _block(ctx, node)
    formals = [
        Formal(p.name, _parameter_type(p), p.default is None, p.default is not None)
        for p in VERBS[verb].parameters
    ]
    if verb == "chain.balance":
        formals[-1] = Formal("network", STR, is_required=False, is_keyword_only=True)
        args = bind_arguments(ctx, node, verb, formals)
        return ctx.unknown(node) if args is None else _read(ctx, node, verb, {}, args, parse_type("int"))
    args = bind_arguments(ctx, node, verb, formals)
    if args is None:
        return ctx.unknown(node)
    span = ctx.span(node)
    if VERBS[verb].key and (written := _find_key_header(args.get("headers"))) is not None:
        return ctx.refuse(E_KEY_HEADER, written.span, name=written.value)
    names = [parameter.name for parameter in VERBS[verb].parameters]
    if [name for name in names if name in args] != list(args):
        names = [*args, *(name for name in names if name not in args)]
    parameters = {parameter.name: parameter for parameter in VERBS[verb].parameters}
    complete = {name: _complete(ctx, node, parameters[name], args.get(name)) for name in names}
    return Request(parse_type(VERBS[verb].result), span, verb, {}, complete)


def _find_key_header(headers: Expr | None) -> Literal | None:
    """The name of the header of idempotency keys, among headers that can be read from the source."""
    if isinstance(headers, ConstantRef):
        headers = headers.constant.literal
    keys = [literal_of(key) for key, _ in headers.entries] if isinstance(headers, DictNew) else []
    return next((key for key in keys if key is not None and key.value.lower() == KEY_HEADER.lower()), None)


def _complete(ctx: Context, node: ast.Call, parameter: Parameter, given: Expr | None) -> Expr:
    """An argument as the IR has it. Headers may be None, which there is no word for there."""
    wanted = parse_type(parameter.type)
    if parameter.default is None and given is not None:
        return given
    if given is None or (given.type is NONE and not wanted.is_optional):
        return (
            DictNew(wanted, ctx.span(node), []) if wanted.is_dict else Literal(wanted, ctx.span(node), "None")
        )
    place = next(keyword.value for keyword in node.keywords if keyword.arg == parameter.name)
    return fit(ctx, place, given, wanted)


def _parameter_type(parameter: Parameter) -> Type | None:
    # What may be left out may be None too, whatever its type in the IR.
    return parse_type(parameter.type) if parameter.default is None else None


def is_in_function(ctx: Context, node: ast.Call) -> bool:
    """Whether a call that asks for something outside stands in a function; reported where it does not."""
    if ctx.function is None:
        ctx.report(E_CONSTANT_EXPRESSION, node, reason="it asks for something outside of the program")
        return False
    return True


def _block(ctx: Context, node: ast.Call) -> Expr:
    formals = [
        Formal("network", STR, is_required=False),
        Formal("tag", STR, is_required=False, is_keyword_only=True),
    ]
    args = bind_arguments(ctx, node, "chain.block", formals)
    if args is None:
        return ctx.unknown(node)
    network = _network(ctx, node, args.get("network"), None)
    tag = _tag(ctx, node, args.get("tag"))
    if network is None or tag is None:
        return ctx.unknown(node)
    return Request(_BLOCK, ctx.span(node), "chain.block", {"tag": tag}, {"network": network})


def _tag(ctx: Context, node: ast.Call, given: Expr | None) -> str | None:
    if given is None:
        return "latest"
    allowed = VERBS["chain.block"].statics[0].values
    literal = literal_of(given)
    if has_unknown(given.type):
        return None
    if literal is None or literal.value not in allowed:
        place = next(keyword.value for keyword in node.keywords if keyword.arg == "tag")
        reason = f"it is one of {', '.join(allowed)}"
        ctx.report(E_FIXED_ARGUMENT, place, argument="the tag of a block", reason=reason)
        return None
    return literal.value


def _network(ctx: Context, node: ast.Call, given: Expr | None, at: Expr | None) -> Expr | None:
    """The network of a read, as it is given, as the block has it, or the only one there is."""
    if given is not None:
        return given if _is_known_network(ctx, given) else None
    if at is not None:
        return FieldOf(STR, ctx.span(node), at, "network")
    if len(ctx.program.declared_networks) == 1:
        return Literal(STR, ctx.span(node), ctx.program.declared_networks[0])
    ctx.report(E_NETWORK_MISSING, node)
    return None


def _is_known_network(ctx: Context, given: Expr) -> bool:
    literal = literal_of(given)
    if has_unknown(given.type):
        return False
    if literal is None or literal.value in ctx.program.networks:
        return True
    hint = hint_for(literal.value, ctx.program.networks, NETWORK_NICKNAMES)
    ctx.report(E_NETWORK_UNKNOWN, given.span, name=literal.value, hint=hint)
    return False


def _read(
    ctx: Context,
    node: ast.Call,
    verb: VerbName,
    static: dict[str, str],
    args: dict[str, Expr],
    result: Type,
    contract: ContractDecl | None = None,
) -> Expr:
    """A read at a block. Without `at`, an op's reads are pinned to one block per network later."""
    at = args.get("at")
    network = _network(ctx, node, args.pop("network", None), at)
    if network is None or any(has_unknown(value.type) for value in args.values()):
        return ctx.unknown(node)
    if at is None:
        if ctx.function is not None and not ctx.function.is_op:
            return ctx.refuse(E_READ_WITHOUT_BLOCK, node)
        if not isinstance(network, Literal | ConstantRef):
            reason = "the block is read at the start of the op; pass `at=` otherwise"
            return ctx.refuse(
                E_FIXED_ARGUMENT, node, argument="the network of a read without `at=`", reason=reason
            )
    span = ctx.span(node)
    if at is None or is_stable(at) or not isinstance(network, FieldOf):
        return Request(result, span, verb, static, {**args, "network": network}, contract)

    def build(ready: dict[str, Expr]) -> Expr:
        where = FieldOf(STR, span, ready["at"], "network")
        return Request(result, span, verb, static, {**ready, "network": where}, contract)

    return evaluate_first(args, build)


def check_contract(ctx: Context, node: ast.Call, contract: ContractDecl, name: str) -> Expr:
    """`ERC20(address, network=…)`: the address, with the contract and perhaps the network as its type."""
    formals = [Formal("address", ADDRESS), Formal("network", STR, is_required=False, is_keyword_only=True)]
    args = bind_arguments(ctx, node, name, formals)
    if args is None or any(has_unknown(value.type) for value in args.values()):
        return ctx.unknown(node)
    network: str | None = None
    if "network" in args:
        literal = literal_of(args["network"])
        if literal is None:
            reason = "it belongs to the contract; leave it out where `at=` gives it"
            return ctx.refuse(
                E_FIXED_ARGUMENT, args["network"].span, argument="the network of a contract", reason=reason
            )
        if not _is_known_network(ctx, literal):
            return ctx.unknown(node)
        network = literal.value
    value = args["address"]
    value.type = contract_type(contract, network)
    return value


def check_contract_function(
    ctx: Context, node: ast.Call, callee: ast.Attribute, value: Expr, key: str, network: str | None
) -> Expr:
    """`contract.function(arguments, at=…)`."""
    contract = ctx.program.contracts[key]
    function = contract.functions.get(callee.attr)
    if function is None or not function.is_complete:
        check_all(ctx, node)
        if function is None and contract.is_complete:
            names = sorted(contract.functions)
            return ctx.refuse(
                E_UNKNOWN_ATTRIBUTE,
                callee,
                type=contract.name,
                name=callee.attr,
                hint=hint_for(callee.attr, names),
                instead=f"it has {', '.join(names)}"
                if names
                else "declare the function in the contract class",
            )
        return ctx.unknown(node)
    if not is_in_function(ctx, node):
        return ctx.unknown(node)
    formals = [
        *(Formal(each.name, each.type) for each in function.inputs),
        Formal("at", _BLOCK, is_required=False, is_keyword_only=True),
    ]
    given = bind_arguments(ctx, node, f"{contract.name}.{function.name}", formals)
    if given is None or any(has_unknown(each.type) for each in given.values()):
        return ctx.unknown(node)
    for each in function.inputs:
        check_size(ctx, given[each.name].span, given[each.name], each.abi)
    value.type = ADDRESS
    result = NONE if function.output is None else function.output.type
    static = {"contract": contract.key, "function": function.name}
    fixed = None if network is None else Literal(STR, ctx.span(node), network)

    def build(ready: dict[str, Expr]) -> Expr:
        items = [ready[f"argument {each.name}"] for each in function.inputs]
        made: dict[str, Expr] = {"address": ready["address"]}
        made["arguments"] = TupleNew(tuple_of(*(item.type for item in items)), ctx.span(node), items)
        if "at" in ready:
            made["at"] = ready["at"]
        if fixed is not None:
            made["network"] = fixed
        return _read(ctx, node, "chain.call", static, made, result, contract)

    values = {"address": value} | {n if n == "at" else f"argument {n}": v for n, v in given.items()}
    order = [*(each.name for each in function.inputs), "at"]
    is_in_order = [name for name in order if name in given] == list(given)
    return build(values) if is_in_order else evaluate_first(values, build)


def check_json(ctx: Context, node: ast.Call, response: Expr, expected: Type | None) -> Expr:
    """`response.json()`: the body as a value of the type that is expected of it."""
    if bind_arguments(ctx, node, "json", []) is None:
        return ctx.unknown(node)
    if expected is None:
        return ctx.refuse(
            E_TYPE_NEEDED, node, what="response.json()", example="quote: Quote = response.json()"
        )
    if holds_frozenset(expected):
        instead = "read it as a set, and make one of that: `frozenset(items)`"
        return ctx.refuse(E_NOT_A_VALUE, node, what=f"JSON of the type {show(expected)}", instead=instead)
    span = ctx.span(node)
    return Decode(expected, span, FieldOf(STR, span, response, "text"))


def holds_frozenset(kind: Type) -> bool:
    """Whether a value of the type holds a frozenset, for which a program as plain Python would read a set."""
    return kind.head == "frozenset" or any(map(holds_frozenset, kind.args))
