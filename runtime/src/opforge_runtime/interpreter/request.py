"""What a program asks of the outside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import cast

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.capabilities import Verb
from opforge_ir.diagnostics import JsonPointer
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import ContractFunction
from opforge_ir.ids import StateId
from opforge_ir.types import Type
from opforge_ir.values import Value, ValueCodec

__all__ = ["Conditions", "EffectRequest", "EffectSite"]


@dataclass(frozen=True, slots=True)
class EffectSite:
    """An effect node: what is the same each time it is reached."""

    state: StateId
    verb: Verb
    static: dict[str, str]
    type: Type
    """The type of the answer."""
    argument_types: dict[str, Type | tuple[Type, ...]]
    """The type of each argument; the arguments of a contract function or an op have one type each."""
    function: ContractFunction | None
    """The contract function of a `chain.call`."""
    pointer: JsonPointer
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)
    """The names of the arguments in canonical order."""
    tail: bytes = field(init=False, repr=False, compare=False)
    """What follows the arguments in the canonical bytes of a request: the same each time."""

    def __post_init__(self) -> None:
        fixed: dict[str, JsonValue] = {
            "artifact": "request",
            "verb": self.verb.name,
            "static": self.static,
        }
        if self.function is not None:
            fixed["signature"] = self.signature
            fixed["selector"] = self.function.selector
            fixed["outputs"] = [p.abi for p in self.function.outputs]
        # `arguments` comes before every other member.
        object.__setattr__(self, "tail", b"}," + canonical_bytes(fixed)[1:])
        object.__setattr__(self, "names", tuple(sorted(self.argument_types)))

    @property
    def signature(self) -> str:
        """`name(type,…)` of the contract function, as its selector hashes it; empty for other verbs."""
        if self.function is None:
            return ""
        return f"{self.static['function']}({','.join(p.abi for p in self.function.inputs)})"


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for the requests of a region by the way that led there, whatever its code is."""

    op: str
    """The op whose policy counts: the innermost one that was invoked."""
    is_guarded: bool = False
    """Whether the program may go on after a failure: within a `try`, or where something may be undone."""
    is_compensating: bool = False
    """Whether something is being undone, which comes to its end whatever happens around it."""

    def guard(self) -> Conditions:
        """The same within a `try`."""
        return self if self.is_guarded else replace(self, is_guarded=True)

    def enter(self, op: str) -> Conditions:
        """Those of another op that runs as a part of this region."""
        return replace(self, op=op)

    def compensate(self, op: str) -> Conditions:
        """Those of an op that undoes what was done in this region."""
        return Conditions(op, is_guarded=True, is_compensating=True)


@dataclass(slots=True, eq=False)
class EffectRequest:
    """One request: an effect node reached in one iteration and call, with the values of its arguments."""

    site: EffectSite
    instance: str
    """Frames of iterations and calls, joined with `/`; empty at the top."""
    arguments: dict[str, Value]
    conditions: Conditions

    @property
    def key(self) -> str | None:
        """The idempotency key that the request carries, if it carries one."""
        return cast("str | None", self.arguments.get(self.site.verb.key))

    @property
    def is_repeatable(self) -> bool:
        """Whether making it twice has the effect of making it once: by its verb, or by its key."""
        return self.site.verb.is_idempotent or self.key is not None

    def digest(self, codec: ValueCodec) -> Digest:
        """What is asked, as a digest: verb, static arguments, stored values, and the ABI of the answer.

        A key belongs to it where there is one: there are digests of requests from before there were keys.
        Raises DiagnosticError when an argument has no stored form (a lone surrogate).
        """
        site = self.site
        without = site.verb.key if self.key is None else ""
        parts = [
            b'"%b":%b' % (name.encode(), self._write_argument(name, codec))
            for name in site.names
            if name != without
        ]
        return digest_bytes(b'{"arguments":{' + b",".join(parts) + site.tail)

    def _write_argument(self, name: str, codec: ValueCodec) -> bytes:
        kind, value = self.site.argument_types[name], self.arguments[name]
        if not isinstance(kind, tuple) and kind.head == "int":
            return b'"%d"' % cast("int", value)
        return canonical_bytes(self._encode_argument(kind, value, codec))

    def encode_arguments(self, codec: ValueCodec) -> dict[str, JsonValue]:
        """The arguments in stored form. Raises DiagnosticError as `digest` does."""
        return {
            name: self._encode_argument(self.site.argument_types[name], value, codec)
            for name, value in self.arguments.items()
        }

    def _encode_argument(self, kind: Type | tuple[Type, ...], value: Value, codec: ValueCodec) -> JsonValue:
        if isinstance(kind, tuple):
            values = cast("tuple[Value, ...]", value)
            return [codec.encode(k, v) for k, v in zip(kind, values, strict=True)]
        return codec.encode(kind, value)
