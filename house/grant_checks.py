"""What the tests of grants build and look at."""

from __future__ import annotations

from typing import Any

from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    for_node,
    lit,
    no_headers,
    ref,
    return_node,
)
from opforge_ir.grants import infer_grants
from opforge_ir.selector import function_selector
from opforge_ir.validation import validate_document

ONE = lit("int", "1")
NONE = lit("None", "None")
NETWORKS = {"mainnet": 1, "base": 8453, "devnet": 31337}
ADDRESSES = ["0x" + digit * 40 for digit in "abc"]
BALANCE_OF = function_selector("balanceOf(address)")
ERC20 = {
    "functions": {
        "balanceOf": {
            "selector": BALANCE_OF,
            "inputs": [{"name": "owner", "abi": "address", "type": "Address"}],
            "outputs": [{"name": "balance", "abi": "uint256", "type": "int"}],
        }
    }
}


def text(value: str) -> Json:
    return lit("str", value)


def const(name: str) -> Json:
    return {"kind": "const", "name": name}


def block(network: Json, id_: str = "at") -> Json:
    return effect(id_, "chain.block", "Block", static={"tag": "latest"}, network=network)


def get(url: Json, id_: str = "answer") -> Json:
    return effect(id_, "http.get", "Response", url=url, headers=no_headers())


def balance_of(address: Json, network: Json) -> Json:
    return effect(
        "balance",
        "chain.call",
        "int",
        static={"contract": "ERC20", "function": "balanceOf"},
        address=address,
        arguments={"kind": "tuple", "items": [lit("Address", ADDRESSES[0])]},
        at=ref("at"),
        network=network,
    )


def function(parameters: dict[str, str], *body: Json, result: str = "None") -> Json:
    return {
        "parameters": [{"name": n, "type": t} for n, t in parameters.items()],
        "result": result,
        "body": list(body),
    }


def one_op(*body: Json, parameters: dict[str, str] | None = None, **tables: Any) -> Json:
    return build_document({"main": build_op("int", [*body, return_node(ONE)], parameters)}, **tables)


def infer(document: Json) -> dict[str, Any]:
    """The grants of a document that is right when it has them."""
    inference = infer_grants(document)
    assert inference.diagnostics == []
    assert validate_document({**document, "grants": inference.grants}) == []
    return inference.grants


def infer_networks(*body: Json, used: tuple[str, ...] = ("mainnet",), **tables: Any) -> list[str]:
    """The networks of the grants, in a document that declares those and no others."""
    declared = {name: NETWORKS[name] for name in used}
    return list(infer(one_op(*body, networks=declared, **tables))["chain"])


def loop_over(items: Json) -> Json:
    """A loop that reads each network of a list."""
    return for_node("for-n", items, {"n": "str"}, [block(ref("n"))])


def refusals(*body: Json, **tables: Any) -> list[tuple[str, str]]:
    document = one_op(*body, networks={"mainnet": 1}, **tables)
    return [(each.code.name, str(each.pointer)) for each in infer_grants(document).diagnostics]
