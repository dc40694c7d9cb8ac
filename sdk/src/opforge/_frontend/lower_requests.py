"""What is fixed of a request in the IR, and what its node is called."""

from __future__ import annotations

from collections.abc import Mapping

from opforge._frontend.lowering_context import Lowering
from opforge._frontend.tree import ConstantRef, Literal, Request
from opforge_ir.types import STR

__all__ = ["build_static", "get_network", "name_request"]


def build_static(work: Lowering, request: Request) -> dict[str, str]:
    """The fixed arguments, with contracts, ops and types as the document spells them."""
    static = dict(request.static)
    if request.contract is not None:
        static["contract"] = work.spelling.contract_function(request.contract, static["function"])
    if request.op is not None:
        static["op"] = work.spelling.name(request.op)
    if request.verb == "event.emit":
        static["type"] = work.type(request.args["value"].type)
    return static


def name_request(request: Request, static: Mapping[str, str]) -> str:
    """The id of a request whose value has no name: what it is about, where that stands in the source."""
    match request.verb:
        case "chain.call":
            return f"call-{static['function']}"
        case "signal.wait":
            return f"wait-{static['name']}"
        case "event.emit":
            return f"emit-{static['name']}"
        case "run.child":
            return f"run-{static['op']}"
        case _:
            return request.verb.replace(".", "-")


def get_network(request: Request) -> str:
    """The network of a request whose network is a literal or a constant."""
    network = request.args["network"]
    if isinstance(network, ConstantRef) and network.constant.literal is not None:
        network = network.constant.literal
    assert isinstance(network, Literal)
    assert network.type is STR
    return network.value
