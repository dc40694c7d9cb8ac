"""Triggers: what starts an op when no person does.

    @on.cron("30 8 * * mon-fri", timezone="Europe/Berlin", missed="last")
    @op
    def report(at: int) -> None: ...

They stand beside `@op`, above or below it, as many as there are occasions. They are read from the source and
written into the IR; a function that is called as plain Python does not change by them.

A parameter without a default must be something that every trigger of the op gives. It is given by its type:

| trigger | gives |
|---|---|
| `on.block` | the `Block` |
| `on.log` | the event's arguments as a record with a field for each in order, the `Block`, |
| | the `Address` of the contract, the hash of the transaction as `bytes` |
| `on.cron` | the time that was meant as `int`, in seconds since 1970-01-01 UTC |
| `on.message` | the message as `str`, or read from JSON as a record, list or dict |
| `on.manual` | whatever a person gives |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, overload

from opforge._address import Address

__all__ = ["block", "cron", "log", "manual", "message"]

_F = TypeVar("_F", bound=Callable[..., Any])

_Tag = Literal["latest", "safe", "finalized"]
_Missed = Literal["skip", "last", "all"]


def block(
    network: str | None = None,
    *,
    every: int = 1,
    tag: _Tag | None = None,
    confirmations: int = 0,
    missed: _Missed = "last",
) -> Callable[[_F], _F]:
    """Start the op for blocks of a network: those whose height is a multiple of `every`.

    `network` may be left out where the workload declares exactly one. `tag` says how far a block must have
    come: finalized, if nothing is said; `latest` with `confirmations` blocks on top of it. `missed` says what
    is done about blocks that came while nobody watched: `skip` them, start for the `last`, or for `all` of
    them in order.
    """
    del network, every, tag, confirmations, missed
    return _keep


def log(
    event: str,
    *,
    address: Address | list[Address] | tuple[Address, ...] | Literal["any"],
    network: str | None = None,
    tag: _Tag | None = None,
    confirmations: int = 0,
    missed: _Missed = "all",
) -> Callable[[_F], _F]:
    """Start the op for each log of an event, such as `Transfer(address indexed, address indexed, uint256)`.

    `event` is written as in Solidity, with `indexed` where the contract has it; names of arguments may stand
    there. `address` is the contract or the contracts, or "any". The rest is as for `on.block`.
    """
    del event, address, network, tag, confirmations, missed
    return _keep


def cron(expression: str, *, missed: _Missed, timezone: str = "UTC") -> Callable[[_F], _F]:
    """Start the op by the clock: minute, hour, day of the month, month and day of the week.

    `timezone` is a name of the IANA time zone database. `missed` says what is done about times at which
    nobody watched: `skip` them, start for the `last`, or for `all` in order.
    """
    del expression, missed, timezone
    return _keep


def message(topic: str) -> Callable[[_F], _F]:
    """Start the op for each message of a topic, such as `orders.created`."""
    del topic
    return _keep


@overload
def manual(function: _F, /) -> _F: ...
@overload
def manual() -> Callable[[_F], _F]: ...
def manual(function: _F | None = None, /) -> _F | Callable[[_F], _F]:
    """Let a person start the op as well, and give its parameters: `@on.manual` or `@on.manual()`.

    An op without any trigger is started by a person anyway.
    """
    return _keep if function is None else function


def _keep(function: _F) -> _F:
    return function
