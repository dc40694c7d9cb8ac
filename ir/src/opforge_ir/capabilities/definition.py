"""What a capability is: a named group of verbs, each defined once.

The SDK's functions, the schema, the validator, the grants, the runtime's dispatch and the reference
are derived from these definitions or checked against them by a test (ADR 0007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Capability", "EffectClass", "Field", "GrantRule", "Parameter", "RecordShape", "Static", "Verb"]

EffectClass = Literal["read", "side_effect"]
"""`read`: may be asked again. `side_effect`: changes something outside."""

GrantRule = Literal["chain_read", "chain_call", "http", "ambient"]
"""How the grant that a verb needs is found:

`chain_read`  the verb, on the network that its `network` argument names
`chain_call`  the contract address and the function selector, on that network
`http`        the host of its `url` argument, with the verb as method
`ambient`     the capability itself
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument that a program computes."""

    name: str
    type: str
    """A type of `opforge_ir.types`; `*` for the arguments of a contract function, as one tuple."""
    doc: str
    default: str | None = None
    """The Python spelling of the default in the author's function, or None when it is required there.
    The IR always holds the argument."""


@dataclass(frozen=True, slots=True)
class Static:
    """One argument that is fixed in the IR."""

    name: str
    values: tuple[str, ...]
    """What is allowed, or empty when another rule says it (a contract, a function)."""
    doc: str
    default: str | None = None
    """The value that the author's function has as default, or None when it has none."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record that a verb returns."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A record type that belongs to a capability."""

    name: str
    fields: tuple[Field, ...]
    doc: str


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a program may ask of the outside."""

    name: str
    parameters: tuple[Parameter, ...]
    result: str
    """A type, or `*` where the contract function says it."""
    effect: EffectClass
    is_idempotent: bool
    """Whether doing it twice has the effect of doing it once."""
    grant: GrantRule
    errors: tuple[str, ...]
    """Names of the effect errors it may end with."""
    doc: str
    statics: tuple[Static, ...] = ()


@dataclass(frozen=True, slots=True)
class Capability:
    """A group of verbs under one name."""

    name: str
    doc: str
    verbs: tuple[Verb, ...]
    records: tuple[RecordShape, ...] = ()
