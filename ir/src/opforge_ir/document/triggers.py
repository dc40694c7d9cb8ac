"""What starts an op without a person: blocks, logs, the clock and messages; or that a person may.

The document says when an op is to run and what it is given then. Watching for it is the runtime's work.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints
from typing_extensions import TypeAliasType

from opforge_ir.document.base import AbiType, ContractAddress, Model, Qualified, Segment

__all__ = [
    "BlockTrigger",
    "CronTrigger",
    "EventInput",
    "LogTrigger",
    "ManualTrigger",
    "MessageTrigger",
    "Trigger",
]

MissedPolicy = Literal["all", "last", "skip"]
"""What is done about what came while nobody watched: each of them in order, the last one only, or nothing."""

BlockTag = Literal["latest", "safe", "finalized"]


class BlockTrigger(Model):
    """The blocks of a network whose height is a multiple of `every`."""

    kind: Literal["block"]
    network: Segment
    every: int = Field(ge=1, le=10_000_000)
    tag: BlockTag
    """How far a block must have come before it counts."""
    confirmations: int = Field(ge=0, le=10_000)
    """How many blocks must stand on top of it; with the tag `latest` only."""
    missed: MissedPolicy
    passes: dict[Segment, Literal["block"]]
    """What parameters of the op are given."""


class EventInput(Model):
    """One argument of an event, and where a log holds it."""

    abi: AbiType
    place: Literal["topic", "data"]


class LogTrigger(Model):
    """The logs of an event (Solidity contract ABI specification, "Events")."""

    kind: Literal["log"]
    network: Segment
    addresses: list[ContractAddress] = Field(min_length=1, max_length=1000)
    """The contracts, in order; `any` alone for whatever contract."""
    event: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_$][A-Za-z0-9_$]{0,62}$")]
    inputs: list[EventInput] = Field(max_length=17)
    topic: Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{64}$")]
    """The Keccak-256 hash of the event's signature: the first topic of its logs."""
    tag: BlockTag
    confirmations: int = Field(ge=0, le=10_000)
    missed: MissedPolicy
    passes: dict[Segment, Literal["address", "block", "event", "transaction"]]


class CronTrigger(Model):
    """Times by a calendar (`opforge_ir.cron`) in a time zone (`opforge_ir.time_zones`)."""

    kind: Literal["cron"]
    expression: Annotated[str, StringConstraints(max_length=200)]
    timezone: Annotated[str, StringConstraints(max_length=64)]
    missed: MissedPolicy
    passes: dict[Segment, Literal["time"]]


class MessageTrigger(Model):
    """The messages of a topic."""

    kind: Literal["message"]
    topic: Qualified
    passes: dict[Segment, Literal["message"]]


class ManualTrigger(Model):
    """A person, who gives the parameters."""

    kind: Literal["manual"]


Trigger = TypeAliasType(
    "Trigger",
    Annotated[
        BlockTrigger | LogTrigger | CronTrigger | MessageTrigger | ManualTrigger, Field(discriminator="kind")
    ],
)
