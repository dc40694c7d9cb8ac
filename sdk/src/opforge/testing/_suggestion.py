"""The line that answers a request, for the message that says that nothing does."""

from __future__ import annotations

from typing import Any

from opforge.testing.effects import (
    ChainBalance,
    ChainBlock,
    ChainCall,
    Effect,
    HttpGet,
    HttpPost,
    RandomInteger,
    SignalWait,
    TimeNow,
)

__all__ = ["suggest_answer"]


def suggest_answer(effect: Effect[Any]) -> str:
    """An answer to fill in: `...` stands where a value has to be."""
    match effect:
        case ChainBlock(tag, network):
            return f"answers.block(1, tag={tag!r}, network={network!r})"
        case ChainBalance():
            return f"answers.balance({{{effect.address!r}: ...}})"
        case ChainCall(contract, function, address, arguments):
            key = repr(arguments[0] if len(arguments) == 1 else arguments)
            reply = f"{{{key}: ...}}" if arguments else "..."
            return f"answers.call({contract}.{function}, {reply}, address={address!r})"
        case HttpGet(url):
            return f"answers.http_get({{{url!r}: testing.response(...)}})"
        case HttpPost(url):
            return f"answers.http_post({{{url!r}: testing.response(...)}})"
        case RandomInteger(low):
            return f"answers.random({low})"
        case SignalWait(name):
            return f"answers.signal({name!r}, ...)"
        case TimeNow():
            return "answers.time(1_700_000_000)"
        case _:
            return f"answers.when({effect!r}, ...)"
