"""What a program asked of the outside, one class for each verb, and patterns of it.

    chain.balance(owner, at=block)   is   ChainBalance(address=owner, at=block, network="mainnet")

A field that is left out of a pattern is `ANY`, which equals everything, so `ChainBalance(owner)` equals the
request above. `str()` of an effect spells it as the program does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Generic, TypeVar, TypeVarTuple, final

from opforge._address import Address
from opforge._block import Block
from opforge._contract import View
from opforge._response import Response

__all__ = [
    "ANY",
    "ChainBalance",
    "ChainBlock",
    "ChainCall",
    "Effect",
    "EventEmit",
    "HttpGet",
    "HttpPost",
    "LogInfo",
    "LogWarning",
    "RandomInteger",
    "RunChild",
    "SignalWait",
    "TimeNow",
    "TimeSleep",
    "TimeUntil",
    "build_effect",
]

_R = TypeVar("_R")
_S = TypeVar("_S")
_Ts = TypeVarTuple("_Ts")


@final
class _Any:
    def __eq__(self, other: object, /) -> bool:
        return True

    __hash__ = object.__hash__  # as what dataclasses take for a default

    def __repr__(self) -> str:
        return "ANY"


ANY: Final[Any] = _Any()
"""Equals everything: a field of a pattern that does not matter."""


@dataclass(frozen=True)
class Effect(Generic[_R]):
    """One request of a program, or a pattern of requests. The type in brackets is that of its answer."""

    verb: ClassVar[str]
    """The capability's verb, such as `chain.balance`."""
    result: ClassVar[object] = ANY
    """The type of the answer, as an annotation says it; ANY where it is not known."""

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in _list_stated(self))
        return f"{type(self).__name__}({shown})"

    def __str__(self) -> str:
        shown = ", ".join(f"{name}={_spell(value)}" for name, value in _list_stated(self))
        return f"{self.verb}({shown})"


@dataclass(frozen=True, repr=False)
class ChainBlock(Effect[Block]):
    """`chain.block`: the block that a tag names."""

    verb: ClassVar[str] = "chain.block"
    result: ClassVar[object] = Block

    tag: str = ANY
    network: str = ANY


@dataclass(frozen=True, repr=False)
class ChainBalance(Effect[int]):
    """`chain.balance`: the native balance of an account."""

    verb: ClassVar[str] = "chain.balance"
    result: ClassVar[object] = int

    address: Address = ANY
    at: Block = ANY
    network: str = ANY


@dataclass(frozen=True, repr=False)
class ChainCall(Effect[_R]):
    """A view function of a contract."""

    verb: ClassVar[str] = "chain.call"

    contract: str = ANY
    """The name of the contract class."""
    function: str = ANY
    """The name of the function in it."""
    address: Address = ANY
    arguments: tuple[Any, ...] = ANY
    at: Block = ANY
    network: str = ANY
    declaration: Callable[..., object] | None = field(default=None, compare=False)
    """The function as its class declares it, where that is known."""

    @staticmethod
    def of(
        view: View[_S, *_Ts],
        *arguments: *_Ts,
        address: Address = ANY,
        at: Block = ANY,
        network: str = ANY,
    ) -> ChainCall[_S]:
        """The pattern of a call with these arguments: `ChainCall.of(ERC20.balanceOf, owner)`.

        Arguments are checked by type checkers, so all of them or ANY in their place has to be given.
        """
        pattern = ChainCall[_S].any_of(view, address=address, at=at, network=network)
        return dataclasses.replace(pattern, arguments=arguments)

    @staticmethod
    def any_of(
        view: View[_S, *_Ts], *, address: Address = ANY, at: Block = ANY, network: str = ANY
    ) -> ChainCall[_S]:
        """The pattern of every call of a function, whatever its arguments."""
        return ChainCall(
            view.contract, view.name, address=address, at=at, network=network, declaration=view.function
        )

    def __str__(self) -> str:
        arguments = "…" if self.arguments is ANY else ", ".join(map(_spell, self.arguments))
        at = "" if self.at is ANY else f"{', ' if arguments else ''}at={_spell(self.at)}"
        address = "…" if self.address is ANY else _spell(self.address)
        network = "" if self.network is ANY else f", network={_spell(self.network)}"
        return f"{self.contract}({address}{network}).{self.function}({arguments}{at})"


@dataclass(frozen=True, repr=False)
class HttpGet(Effect[Response]):
    """`http.get`: a GET request."""

    verb: ClassVar[str] = "http.get"
    result: ClassVar[object] = Response

    url: str = ANY
    headers: Mapping[str, str] = ANY


@dataclass(frozen=True, repr=False)
class HttpPost(Effect[Response]):
    """`http.post`: a POST request."""

    verb: ClassVar[str] = "http.post"
    result: ClassVar[object] = Response

    url: str = ANY
    body: str = ANY
    headers: Mapping[str, str] = ANY
    idempotency_key: str | None = ANY


@dataclass(frozen=True, repr=False)
class LogInfo(Effect[None]):
    """`log.info`: a line of information."""

    verb: ClassVar[str] = "log.info"
    result: ClassVar[object] = None

    message: str = ANY


@dataclass(frozen=True, repr=False)
class LogWarning(Effect[None]):
    """`log.warning`: a line that asks for attention."""

    verb: ClassVar[str] = "log.warning"
    result: ClassVar[object] = None

    message: str = ANY


@dataclass(frozen=True, repr=False)
class RandomInteger(Effect[int]):
    """`random.integer`: an integer between two bounds."""

    verb: ClassVar[str] = "random.integer"
    result: ClassVar[object] = int

    low: int = ANY
    high: int = ANY


@dataclass(frozen=True, repr=False)
class TimeNow(Effect[int]):
    """`time.now`: the seconds of the wall clock."""

    verb: ClassVar[str] = "time.now"
    result: ClassVar[object] = int


@dataclass(frozen=True, repr=False)
class TimeSleep(Effect[None]):
    """`time.sleep`: some time that passes."""

    verb: ClassVar[str] = "time.sleep"
    result: ClassVar[object] = None

    seconds: int = ANY


@dataclass(frozen=True, repr=False)
class TimeUntil(Effect[None]):
    """`time.until`: a moment that is waited for."""

    verb: ClassVar[str] = "time.until"
    result: ClassVar[object] = None

    epoch_seconds: int = ANY


@dataclass(frozen=True, repr=False)
class SignalWait(Effect[_R]):
    """`signal.wait`: a message that is waited for."""

    verb: ClassVar[str] = "signal.wait"

    name: str = ANY
    timeout_seconds: int | None = ANY


@dataclass(frozen=True, repr=False)
class RunChild(Effect[_R]):
    """`run.child`: an op that runs beside this one."""

    verb: ClassVar[str] = "run.child"

    op: str = ANY
    """The name of the op."""
    arguments: tuple[Any, ...] = ANY
    """One for each parameter, in order."""


@dataclass(frozen=True, repr=False)
class EventEmit(Effect[None]):
    """`event.emit`: something that has happened."""

    verb: ClassVar[str] = "event.emit"
    result: ClassVar[object] = None

    name: str = ANY
    value: Any = ANY


_CLASSES: Final[dict[str, type[Effect[Any]]]] = {
    cls.verb: cls
    for cls in (
        ChainBalance,
        ChainBlock,
        ChainCall,
        EventEmit,
        HttpGet,
        HttpPost,
        LogInfo,
        LogWarning,
        RandomInteger,
        RunChild,
        SignalWait,
        TimeNow,
        TimeSleep,
        TimeUntil,
    )
}


def build_effect(verb: str, static: Mapping[str, str], args: Mapping[str, object]) -> Effect[Any]:
    """The effect that a host was asked for, as the port of hosts names it. Raises KeyError for no verb."""
    return _CLASSES[verb](**static, **args)


def _list_stated(effect: Effect[Any]) -> list[tuple[str, object]]:
    """The fields of an effect that are not ANY."""
    return [
        (each.name, value)
        for each in dataclasses.fields(effect)
        if each.compare and (value := getattr(effect, each.name)) is not ANY
    ]


def _spell(value: object) -> str:
    """A value in few words: what a block is, not all that it holds."""
    if isinstance(value, Block):
        return f"<block {value.number} of {value.network}>"
    return repr(value)
