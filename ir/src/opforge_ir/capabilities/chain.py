"""`chain`: reading an EVM network (Ethereum JSON-RPC, execution-apis)."""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities.definition import Capability, Field, Parameter, RecordShape, Static, Verb

__all__ = ["CHAIN"]

_NETWORK = Parameter("network", "str", "the network, by the name the workload gives it", default="None")
_AT = Parameter(
    "at", "Block", "the block whose state is read; named by hash on the wire (EIP-1898)", default="None"
)
_READ_ERRORS = ("RpcError", "Timeout", "NotGranted")

CHAIN: Final = Capability(
    name="chain",
    doc="Reads of an EVM network. Every read names the block it is made at.",
    records=(
        RecordShape(
            "Block",
            (
                Field("number", "int", "height"),
                Field("hash", "bytes", "the 32 bytes of its hash"),
                Field("timestamp", "int", "seconds since 1970-01-01 UTC, as the chain tells it"),
                Field("network", "str", "the network it belongs to"),
            ),
            "A block of one network.",
        ),
    ),
    verbs=(
        Verb(
            name="chain.block",
            parameters=(_NETWORK,),
            statics=(
                Static(
                    "tag", "choice", "which block is meant", ("latest", "safe", "finalized"), default="latest"
                ),
            ),
            result="Block",
            effect="read",
            is_idempotent=True,
            grant="chain_read",
            errors=_READ_ERRORS,
            doc="The block that a tag names now.",
        ),
        Verb(
            name="chain.balance",
            parameters=(Parameter("address", "Address", "whose balance"), _AT, _NETWORK),
            result="int",
            effect="read",
            is_idempotent=True,
            grant="chain_read",
            errors=_READ_ERRORS,
            doc="The native balance of an account, in wei.",
        ),
        Verb(
            name="chain.call",
            parameters=(
                Parameter("address", "Address", "the contract's address"),
                Parameter("arguments", "*", "the function's arguments, in order"),
                _AT,
                _NETWORK,
            ),
            statics=(
                Static("contract", "contract", "the contract class of the document"),
                Static("function", "function", "the view function of that class"),
            ),
            result="*",
            signature="contract",
            effect="read",
            is_idempotent=True,
            grant="chain_call",
            errors=("Reverted", *_READ_ERRORS),
            doc="The result of a view function of a contract, computed by the node without a transaction.",
        ),
    ),
)
