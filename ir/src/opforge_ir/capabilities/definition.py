"""What a capability is: a named group of verbs, each defined once.

The SDK's functions, the schema, the validator, the grants, the runtime's dispatch and the reference
are derived from these definitions or checked against them by a test (ADR 0007).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = [
    "MAX_WAIT_SECONDS",
    "Capability",
    "EffectClass",
    "Field",
    "GrantRule",
    "Parameter",
    "RecordShape",
    "Signature",
    "Static",
    "StaticKind",
    "Verb",
]

EffectClass = Literal["read", "side_effect", "wait"]
"""`read`: may be asked again. `side_effect`: changes something outside. `wait`: the engine itself answers it,
whenever that is; it asks nothing of the outside, and is never repeated or retried."""

Signature = Literal["stated", "contract", "op", "any"]
"""What says the types of a verb:

`stated`    the verb itself
`contract`  `*` is what the contract function takes and gives, which `contract` and `function` name
`op`        `*` is what the op takes and gives, which `op` names
`any`       `*` is any type: that of the node for the result, that which `type` spells for an argument
"""

StaticKind = Literal["choice", "contract", "function", "op", "name", "type"]
"""What a fixed argument holds: one of its `values`, a name of the document, a segment, or a type."""

MAX_WAIT_SECONDS: Final = (2**63 - 1) // 10**9
"""The longest time that CPython's `time.sleep` takes (some 292 years), and the latest that is waited for."""

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
    """A type of `opforge_ir.types`; `*` for what the verb's signature says: for a contract function and an op
    all of its arguments, as one tuple."""
    doc: str
    default: str | None = None
    """The Python spelling of the default in the author's function, or None when it is required there.
    The IR always holds the argument."""
    least: int | None = None
    """The smallest integer that it may be: below it the program gets a ValueError, and nothing is asked."""
    most: int | None = None
    """The largest integer that it may be: above it the program gets an OverflowError."""


@dataclass(frozen=True, slots=True)
class Static:
    """One argument that is fixed in the IR."""

    name: str
    kind: StaticKind
    doc: str
    values: tuple[str, ...] = ()
    """What a choice is between."""
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
    """A type, or `*` where the signature says it."""
    effect: EffectClass
    is_idempotent: bool
    """Whether doing it twice has the effect of doing it once."""
    grant: GrantRule
    errors: tuple[str, ...]
    """Names of the effect errors it may end with."""
    doc: str
    statics: tuple[Static, ...] = ()
    signature: Signature = "stated"
    key: str = ""
    """The parameter that may hold an idempotency key. A request with a key may be made again: the other side
    takes all requests of one key for the same one."""
    skipped: str | None = None
    """Of a side effect: what the program goes on with where a dry run leaves the request out, a stored value
    in canonical JSON."""


@dataclass(frozen=True, slots=True)
class Capability:
    """A group of verbs under one name."""

    name: str
    doc: str
    verbs: tuple[Verb, ...]
    records: tuple[RecordShape, ...] = ()
