"""The parts of a document that hold no expressions: the validation of a program needs no other models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from opforge_ir.document.base import (
    AbiType,
    ContractAddress,
    Host,
    Model,
    Segment,
    Selector,
    TypeText,
    VerbName,
)

__all__ = [
    "MAX_CHAIN_ID",
    "Backoff",
    "CallGrant",
    "ChainGrant",
    "Contract",
    "ContractFunction",
    "ContractParameter",
    "Enum",
    "EnumMember",
    "Grants",
    "Networks",
    "Policy",
    "Record",
    "RecordField",
    "Settings",
    "Workload",
]

MAX_CHAIN_ID = 2**53 - 1
Networks = dict[Segment, Annotated[int, Field(ge=1, le=MAX_CHAIN_ID)]]


class RecordField(Model):
    """One field of a record."""

    name: Segment
    type: TypeText


class Record(Model):
    """A record type: named fields in order."""

    fields: list[RecordField]


class EnumMember(Model):
    """One member of an enum: the value is the text itself, or an integer in decimal digits."""

    name: Segment
    value: str


class Enum(Model):
    """An enum: its members in order. One whose value an earlier one has is another name for that."""

    type: Literal["str", "int"]
    members: list[EnumMember] = Field(min_length=1)


class ContractParameter(Model):
    """One argument or result of a contract function: its ABI type beside the language's."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    abi: AbiType
    type: TypeText


class ContractFunction(Model):
    """A view function of a contract (Solidity ABI specification)."""

    selector: Selector
    inputs: list[ContractParameter]
    outputs: list[ContractParameter] = Field(max_length=1)


class Contract(Model):
    """The parts of a contract's ABI that the program uses."""

    functions: dict[Segment, ContractFunction]


class Backoff(Model):
    """How long is waited between two attempts of an effect."""

    kind: Literal["exponential", "fixed"]
    """`exponential`: twice as long after each failure; `fixed`: always `first_ms`."""
    first_ms: int = Field(ge=0, le=86_400_000)
    """The wait after the first failure, in milliseconds."""
    cap_ms: int = Field(ge=0, le=86_400_000)
    """The longest wait."""
    jitter: Literal["none", "full"]
    """`full`: some time between nothing and that wait, each equally likely."""


class Policy(Model):
    """How the runtime treats the op's effects."""

    retries: int = Field(ge=0, le=100)
    """Further attempts of what failed and may be repeated: a read, or a request with an idempotency key."""
    backoff: Backoff
    attempt_timeout_ms: int = Field(ge=0, le=31_536_000_000)
    """The longest that one attempt of an effect may take, in milliseconds; 0 for no limit of its own."""
    timeout_ms: int = Field(ge=0, le=31_536_000_000)
    """The longest that the run may take over all of its sessions, waits included, in milliseconds; 0 for no
    limit."""
    concurrency: int = Field(ge=0, le=1000)
    """The most requests that a run has under way at once; 0 for no bound of its own."""


class CallGrant(Model):
    """The functions of one contract that may be called, as selector and signature."""

    functions: dict[Selector, str]


class ChainGrant(Model):
    """What may be read of one network. In `calls`, `any` stands for an address known only at run time."""

    reads: list[VerbName]
    calls: dict[ContractAddress, CallGrant]


class Grants(Model):
    """Everything the program may ask of the outside: inferred, minimal, and checked."""

    chain: dict[Segment, ChainGrant]
    http: dict[Host, list[VerbName]]
    ambient: list[Literal["event", "log", "random", "run", "signal", "time"]]


class Workload(Model):
    """Whose program this is."""

    id: Segment
    version: Annotated[
        str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}(-[0-9A-Za-z.-]{1,40})?$")
    ]


class Settings(Model):
    """Rules of arithmetic that the whole program is computed under."""

    decimal_precision: int = Field(ge=1, le=10_000)
