"""`Contract` and `chain.view`: contracts as classes whose methods read the chain."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, TypeVarTuple, final, overload

from opforge._address import Address
from opforge._block import Block
from opforge._host import perform
from opforge._native import locate_read

__all__ = ["BoundView", "Contract", "View", "view"]

_R = TypeVar("_R")
_Ts = TypeVarTuple("_Ts")
_C = TypeVar("_C", bound="Contract")


class Contract:
    """The base of contract classes. A class lists the functions in use, an instance is at one address.

    class ERC20(Contract):
        @chain.view
        def balanceOf(self, owner: Address) -> int: ...

    ERC20(token).balanceOf(owner, at=block)
    """

    def __init__(self, address: Address, *, network: str | None = None) -> None:
        """The contract at `address`; `network` may be left out where a block or the workload says it."""
        self._address = address
        self._network = network

    @property
    def address(self) -> Address:
        """Where it is."""
        return self._address

    def __eq__(self, other: object, /) -> bool:
        if not isinstance(other, Contract) or type(other) is not type(self):
            return NotImplemented
        return (self._address, self._network) == (other._address, other._network)

    def __hash__(self) -> int:
        return hash((type(self), self._address, self._network))


@final
class BoundView(Generic[_R, *_Ts]):
    """A view function of one contract; calling it asks the node."""

    def __init__(self, contract: Contract, network: str | None, function: Callable[..., object]) -> None:
        self._contract = contract
        self._network = network
        self._function = function

    if TYPE_CHECKING:

        def __call__(self, *arguments: *_Ts, at: Block | None = None) -> _R:
            """The function's result at a block, computed by the node without a transaction.

            Fails with Reverted, RpcError, Timeout or NotGranted.
            """
            ...

    else:
        # The type system cannot add `at` to parameters that keep their names; Python can.
        def __call__(self, *arguments: object, at: Block | None = None, **named: object) -> object:
            return self._ask(arguments, named, at)

    def _ask(self, arguments: tuple[object, ...], named: dict[str, object], at: Block | None) -> object:
        bound = inspect.signature(self._function).bind(self._contract, *arguments, **named)
        block, network = locate_read("chain.call", at, self._network)
        return perform(
            "chain.call",
            {"contract": type(self._contract).__name__, "function": self._function.__name__},
            {"address": self._contract.address, "arguments": bound.args[1:], "at": block, "network": network},
        )


@final
class View(Generic[_R, *_Ts]):
    """A view function in a contract class."""

    def __init__(self, function: Callable[[Any, *_Ts], _R]) -> None:
        self._function = function
        self._contract = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self._contract = owner.__name__

    @property
    def contract(self) -> str:
        """The name of the contract class that it stands in."""
        return self._contract

    @property
    def name(self) -> str:
        """Its name there, which is its name on chain."""
        return self._function.__name__

    @property
    def function(self) -> Callable[..., object]:
        """What the class declares, with the annotations of arguments and result."""
        return self._function

    @overload
    def __get__(self, instance: None, owner: type[Contract], /) -> Self: ...
    @overload
    def __get__(self, instance: Contract, owner: type[Contract], /) -> BoundView[_R, *_Ts]: ...
    def __get__(self, instance: Contract | None, owner: type[Contract], /) -> Self | BoundView[_R, *_Ts]:
        if instance is None:
            return self
        network = instance._network  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        return BoundView(instance, network, self._function)


def view(function: Callable[[_C, *_Ts], _R], /) -> View[_R, *_Ts]:
    """Declare a view function of a contract: its name, the types of its arguments and of its result.

    Its body is `...`. Callers may say the block with `at=`; type checkers take the arguments by
    position only.
    """
    return View(function)
