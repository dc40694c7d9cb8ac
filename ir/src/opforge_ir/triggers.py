"""What a trigger gives to the op that it starts, and how events are named: one table for all layers.

A parameter is given a value by its type, so each kind of trigger gives at most one value of a type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from opforge_ir.abi_types import type_of_abi
from opforge_ir.selector import keccak_256
from opforge_ir.types import ADDRESS, BYTES, INT, STR, Type, named

__all__ = [
    "MAX_EVENT_TOPICS",
    "TRIGGER_VALUES",
    "event_signature",
    "event_topic",
    "find_event_problem",
    "fits_message",
]

MAX_EVENT_TOPICS: Final = 3
"""The most arguments of an event that a log holds as topics, beside the topic of the event itself."""

TRIGGER_VALUES: Final[Mapping[str, Mapping[str, Type | None]]] = {
    "block": {"block": named("Block")},
    "log": {"block": named("Block"), "address": ADDRESS, "transaction": BYTES, "event": None},
    "cron": {"time": INT},
    "message": {"message": None},
    "manual": {},
}
"""For each kind, the values by name with their types.

`block` is the block that is the occasion or holds the log; `address` the contract that wrote the log and
`transaction` the hash of the transaction that made it do so; `time` the time that was meant, in seconds since
1970-01-01 UTC. None stands for a type that the op chooses: for `event` a record of the document whose fields
take the event's arguments in order, for `message` what the text of a message is read as.
"""


def event_signature(event: str, abi_types: Sequence[str]) -> str:
    """The signature of an event, such as `Transfer(address,address,uint256)`."""
    return f"{event}({','.join(abi_types)})"


def event_topic(signature: str) -> str:
    """The first topic of the logs of an event: `0x` and 64 lower-case digits.

    The signature is taken as it stands; its types must be in the ABI's canonical spelling.
    """
    return "0x" + keccak_256(signature.encode("ascii")).hex()


def find_event_problem(fields: Sequence[tuple[str, Type]], inputs: Sequence[tuple[str, bool]]) -> str | None:
    """Why a record with these fields cannot hold an event's arguments, in order; None where it can.

    Each input is an ABI type, and whether it is a topic. Of bytes, strings and arrays a topic is the hash,
    which is bytes.
    """
    if len(fields) != len(inputs):
        return f"it has {len(fields)} fields, and the event {len(inputs)} arguments"
    for (name, kind), (abi, is_topic) in zip(fields, inputs, strict=True):
        is_hash = is_topic and (abi in ("bytes", "string") or abi.endswith("]"))
        wanted = BYTES if is_hash else type_of_abi(abi)
        if wanted is not None and kind is not wanted and "?" not in kind.text:
            return f"its field {name} is {kind}, and {'the hash of ' if is_hash else ''}{abi} is {wanted}"
    return None


def fits_message(kind: Type) -> bool:
    """Whether a message can be read as this type: a text as it is, a record, list or dict from JSON."""
    return kind is STR or kind.is_list or kind.is_dict or (kind.is_named and kind not in _CAPABILITY)


_CAPABILITY: Final = frozenset({named("Block"), named("Response")})
