"""What a scripted host answers, by kind of request.

Where a table is taken, keys that are not in it are left to the next answer. In place of a value there may be
an error (`Timeout`, `Reverted("paused")`) or several replies `in_turn(…)`; in place of a table, a function.

    answers.balance({ALICE: ether(2), BOB: Timeout})
    answers.balance(lambda address: 0)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, TypeVarTuple, overload

from opforge._address import Address
from opforge._block import Block
from opforge._contract import View
from opforge._response import Response
from opforge.testing._rules import Answer, InTurn, Reply, build_answer
from opforge.testing.effects import (
    ANY,
    ChainBalance,
    ChainBlock,
    ChainCall,
    Effect,
    HttpGet,
    HttpPost,
    RandomInteger,
    RunChild,
    SignalWait,
    TimeNow,
)
from opforge_ir.fixture_values import FIRST_BLOCK_SECONDS, SECONDS_PER_BLOCK

__all__ = ["balance", "block", "call", "child", "http_get", "http_post", "random", "signal", "time", "when"]

_R = TypeVar("_R")
_A = TypeVar("_A")
_Ts = TypeVarTuple("_Ts")


def when(pattern: Effect[_R], reply: Reply[_R] | Callable[[Effect[_R]], Reply[_R]]) -> Answer:
    """Answer every request that equals a pattern: `when(ChainBalance(ALICE, at=block), 5)`."""
    return build_answer(pattern, reply, "answers.when")


def block(
    given: Reply[Block] | int | InTurn[int],
    *,
    timestamp: int | None = None,
    network: str = ANY,
    tag: str = ANY,
) -> Answer:
    """Answer `chain.block`, with a block or with the block of this number.

    The block of a number has the number as its hash, and the timestamp that is given or else twelve seconds
    for each number. `network` and `tag` say which requests are meant, all of them without.
    """

    def finish(effect: Effect[Any], found: Block | int) -> object:
        if not isinstance(found, int):
            return found
        moment = FIRST_BLOCK_SECONDS + SECONDS_PER_BLOCK * found if timestamp is None else timestamp
        assert isinstance(effect, ChainBlock), "the pattern is one of blocks"
        return Block(found, found.to_bytes(32, "big"), moment, effect.network)

    return build_answer(ChainBlock(tag, network), given, "answers.block", finish=finish)


def balance(
    given: Mapping[Address, Reply[int]] | Callable[[Address], Reply[int]] | Reply[int],
    *,
    at: Block = ANY,
    network: str = ANY,
) -> Answer:
    """Answer `chain.balance` by address, in wei."""
    return build_answer(
        ChainBalance(at=at, network=network),
        given,
        "answers.balance",
        build_key=lambda effect: effect.address,
        call=lambda function, effect: function(effect.address),
    )


@overload
def call(
    view: View[_R, _A],
    given: Mapping[_A, Reply[_R]],
    *,
    address: Address = ANY,
    at: Block = ANY,
    network: str = ANY,
) -> Answer: ...
@overload
def call(
    view: View[_R, *_Ts],
    given: Mapping[tuple[*_Ts], Reply[_R]] | Callable[[*_Ts], Reply[_R]] | Reply[_R],
    *,
    address: Address = ANY,
    at: Block = ANY,
    network: str = ANY,
) -> Answer: ...
def call(
    view: View[Any, *tuple[Any, ...]],
    given: object,
    *,
    address: Address = ANY,
    at: Block = ANY,
    network: str = ANY,
) -> Answer:
    """Answer a view function of a contract, by its arguments.

        answers.call(ERC20.balanceOf, {ALICE: 5, BOB: Reverted("paused")}, address=USDC)
        answers.call(ERC20.allowance, {(ALICE, BOB): 5})
        answers.call(ERC20.decimals, 6)

    The keys of a table are the argument of a function that takes one, and tuples of all arguments else.
    """

    def build_key(effect: ChainCall[Any]) -> object:
        return effect.arguments[0] if len(effect.arguments) == 1 else effect.arguments

    return build_answer(
        ChainCall[Any].any_of(view, address=address, at=at, network=network),
        given,
        f"answers.call({view.contract}.{view.name})",
        build_key=build_key,
        call=lambda function, effect: function(*effect.arguments),
    )


def http_get(
    given: Mapping[str, Reply[Response]] | Callable[[str], Reply[Response]] | Reply[Response],
    *,
    headers: Mapping[str, str] = ANY,
) -> Answer:
    """Answer GET requests by URL."""
    return build_answer(
        HttpGet(headers=headers),
        given,
        "answers.http_get",
        build_key=lambda effect: effect.url,
        call=lambda function, effect: function(effect.url),
    )


def http_post(
    given: Mapping[str, Reply[Response]] | Callable[[str, str], Reply[Response]] | Reply[Response],
    *,
    headers: Mapping[str, str] = ANY,
) -> Answer:
    """Answer POST requests by URL, or by a function of URL and body."""
    return build_answer(
        HttpPost(headers=headers),
        given,
        "answers.http_post",
        build_key=lambda effect: effect.url,
        call=lambda function, effect: function(effect.url, effect.body),
    )


def time(now: Reply[int]) -> Answer:
    """Answer `time.now`, in seconds since 1970-01-01 UTC."""
    return build_answer(TimeNow(), now, "answers.time")


def random(drawn: Reply[int] | Callable[[int, int], Reply[int]]) -> Answer:
    """Answer `random.integer`, with a number between the bounds or by a function of both."""
    return build_answer(
        RandomInteger(),
        drawn,
        "answers.random",
        call=lambda function, effect: function(effect.low, effect.high),
    )


def signal(name: str, value: Reply[Any] | Callable[[], Reply[Any]] = None) -> Answer:
    """Answer `signal.wait` for signals of this name, with the value that comes or with `Timeout`.

    Several signals come `in_turn(…)`; without a value, the signal carries none.
    """
    return build_answer(SignalWait(name), value, "answers.signal", call=lambda function, _: function())


def child(op: Callable[..., _R], given: Reply[_R] | Callable[..., Reply[_R]]) -> Answer:
    """Answer `run.child` of an op in place of calling it: with its result, by a function of the op's
    arguments, or with `ChildFailed("why")`.
    """
    return build_answer(
        RunChild(op.__name__),
        given,
        "answers.child",
        call=lambda function, effect: function(*effect.arguments),
    )
