"""A workload of a given number of nodes, mixed as compiled programs are, and variants of it with mistakes."""

from __future__ import annotations

import copy
from typing import Any

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    call_node,
    effect,
    field_of,
    for_node,
    if_node,
    let,
    lit,
    map_node,
    record_value,
    ref,
    return_node,
    yield_node,
)
from opforge_ir.selector import function_selector

__all__ = ["build_workload", "count_nodes", "spoil"]

_NETWORK = "mainnet"
_WALLETS = "list[Wallet]"
_ADDRESS = "0x" + "ab" * 20


def _const(name: str) -> Json:
    return {"kind": "const", "name": name}


def _build_helper() -> Json:
    """The balance of a token in whole units, after two reads."""
    at = {"at": ref("at"), "network": field_of(ref("at"), "network")}
    call = {"address": ref("token"), "arguments": {"kind": "tuple", "items": [ref("owner")]}, **at}
    return {
        "parameters": [
            {"name": "token", "type": "Address"},
            {"name": "owner", "type": "Address"},
            {"name": "at", "type": "Block"},
        ],
        "result": "int",
        "body": [
            effect("raw", "chain.call", "int", static={"contract": "ERC20", "function": "balanceOf"}, **call),
            let("whole", "int", apply("int.floordiv", ref("raw"), _const("UNIT"))),
            return_node(ref("whole")),
        ],
    }


def _build_pure_helper() -> Json:
    return {
        "parameters": [{"name": "wei", "type": "int"}, {"name": "floor", "type": "int"}],
        "result": "bool",
        "body": [return_node(apply("int.lt", ref("wei"), ref("floor")))],
    }


def _build_op() -> Json:
    """Reads of a list of wallets, a report, totals, a loop with a branch, a message."""
    at = {"at": ref("at"), "network": field_of(ref("at"), "network")}
    wallet = {"w": "Wallet"}
    is_low: Json = {"kind": "call", "function": "is_low", "args": [ref("b"), ref("floor")]}
    row = record_value(
        "Report",
        label=field_of(ref("w"), "label"),
        wei=ref("b"),
        low=ref("low"),
        share=ref("share"),
    )
    return build_op(
        "list[Report]",
        [
            effect("at", "chain.block", "Block", static={"tag": "finalized"}, network=lit("str", _NETWORK)),
            map_node(
                "balances",
                "list[int]",
                ref("wallets"),
                wallet,
                [
                    effect(
                        "chain-balance", "chain.balance", "int", address=field_of(ref("w"), "address"), **at
                    ),
                    yield_node(ref("chain-balance")),
                ],
            ),
            map_node(
                "held",
                "list[int]",
                ref("wallets"),
                wallet,
                [
                    call_node(
                        "call-holding",
                        "int",
                        "holding",
                        _const("USDC"),
                        field_of(ref("w"), "address"),
                        ref("at"),
                    ),
                    yield_node(ref("call-holding")),
                ],
            ),
            let("total", "int", apply("list.sum_int", ref("balances"), lit("int", "0"))),
            let("count", "int", apply("list.len", ref("wallets"))),
            let(
                "mean",
                "int",
                apply("int.floordiv", ref("total"), apply("int.max", ref("count"), lit("int", "1"))),
            ),
            map_node(
                "rows",
                "list[Report]",
                apply("list.zip", ref("wallets"), ref("balances")),
                {"w": "Wallet", "b": "int"},
                [
                    let("low", "bool", is_low),
                    let(
                        "share",
                        "Decimal",
                        apply(
                            "decimal.div",
                            apply("int.decimal", apply("int.mul", ref("b"), lit("int", "100"))),
                            apply("int.decimal", apply("int.max", ref("total"), lit("int", "1"))),
                        ),
                    ),
                    if_node("if-low", ref("low"), [yield_node(row)]),
                ],
            ),
            for_node(
                "for-row",
                apply("list.enumerate", ref("rows"), lit("int", "1")),
                {"index": "int", "row": "Report"},
                [
                    let("wei", "int", field_of(ref("row"), "wei")),
                    if_node(
                        "if-low",
                        apply("int.lt", ref("wei"), ref("mean")),
                        [
                            let("missing", "int", apply("int.sub", ref("mean"), ref("wei"))),
                            let("more", "int", apply("int.add", ref("short"), ref("missing"))),
                        ],
                        [let("same", "int", ref("short"))],
                        [("next-short", "int", ref("more"), ref("same"))],
                    ),
                    let(
                        "line",
                        "str",
                        apply(
                            "str.concat",
                            apply("int.str", ref("index")),
                            lit("str", ". "),
                            field_of(ref("row"), "label"),
                            lit("str", ": "),
                            apply("int.str", ref("wei")),
                        ),
                    ),
                    effect("log-info", "log.info", "None", message=ref("line")),
                ],
                [("short", "int", lit("int", "0"), ref("next-short"), "shortfall")],
            ),
            {
                "kind": "require",
                "id": "require-shortfall",
                "test": {
                    "kind": "and",
                    "args": [
                        apply("int.ge", ref("shortfall"), lit("int", "0")),
                        apply("int.le", ref("shortfall"), apply("int.mul", ref("mean"), ref("count"))),
                    ],
                },
                "message": lit("str", "the shortfall is out of bounds"),
            },
            let("deficit", "int", apply("int.mul", ref("shortfall"), ref("count"))),
            let("is-many", "bool", apply("int.gt", ref("count"), lit("int", "10"))),
            let("limit", "int", apply("int.mul", ref("floor"), lit("int", "2"))),
            let("spare", "int", apply("int.sub", ref("limit"), ref("mean"))),
            let("is-short", "bool", apply("int.lt", ref("spare"), ref("deficit"))),
            let("worst", "int", apply("int.min", ref("spare"), ref("deficit"))),
            *_build_arithmetic(),
            let(
                "notes", "list[str]", {"kind": "list", "type": "list[str]", "items": [lit("str", "checked")]}
            ),
            {
                "kind": "do",
                "id": "do-notes",
                "op": "list.append",
                "args": [ref("notes"), apply("int.str", ref("shortfall"))],
            },
            return_node(ref("rows")),
        ],
        {"wallets": _WALLETS, "floor": "int"},
        retries=3,
        timeout_ms=120_000,
    )


def _build_arithmetic() -> list[Json]:
    """The plain statements that stand between reads: one operator each."""
    steps = ("sub", "add", "mul", "min", "max", "add", "sub", "add", "max", "min", "add", "sub")
    nodes: list[Json] = []
    before = "worst"
    for number, step in enumerate(steps):
        nodes.append(let(f"part-{number}", "int", apply(f"int.{step}", ref(before), ref("spare"))))
        before = f"part-{number}"
    return [*nodes, let("is-enough", "bool", apply("int.ge", ref(before), ref("floor")))]


def build_workload(nodes: int) -> Json:
    """A document that is valid and has this many nodes, or a few less."""
    ops: dict[str, Json] = {}
    functions = {"holding": _build_helper(), "is_low": _build_pure_helper()}
    size = count_nodes({"functions": functions, "ops": {}})
    step = count_nodes({"functions": {}, "ops": {"op": _build_op()}})
    while size + step <= nodes:
        ops[f"check-{len(ops)}"] = _build_op()
        size += step
    filler = [
        let(f"step-{n}", "int", apply("int.add", ref("n"), lit("int", str(n))))
        for n in range(nodes - size - 1)
    ]
    if filler:
        ops["fill"] = build_op("int", [*filler, return_node(ref("n"))], {"n": "int"})
    return build_document(
        ops,
        functions=functions,
        records={
            "Wallet": {"address": "Address", "label": "str"},
            "Report": {"label": "str", "wei": "int", "low": "bool", "share": "Decimal"},
        },
        constants={
            "USDC": {"type": "Address", "value": lit("Address", _ADDRESS)},
            "UNIT": {"type": "int", "value": lit("int", str(10**6))},
        },
        contracts={
            "ERC20": {
                "functions": {
                    "balanceOf": {
                        "selector": function_selector("balanceOf(address)"),
                        "inputs": [{"name": "owner", "abi": "address", "type": "Address"}],
                        "outputs": [{"name": "result", "abi": "uint256", "type": "int"}],
                    }
                }
            }
        },
        networks={_NETWORK: 1},
    )


def count_nodes(document: Json) -> int:
    """The nodes of all bodies, those of inner regions too."""
    return sum(_count(owner["body"]) for table in ("functions", "ops") for owner in document[table].values())


def _count(nodes: list[Any]) -> int:
    return sum(
        1 + sum(_count(node.get(region, [])) for region in ("then", "otherwise", "body")) for node in nodes
    )


def spoil(document: Json) -> Json:
    """The same document with one mistake of meaning in each op."""
    spoilt = copy.deepcopy(document)
    for op in spoilt["ops"].values():
        op["body"][-1]["value"]["name"] = "nowhere"
    return spoilt
