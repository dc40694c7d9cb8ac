"""What a program raises, and what its effects end with when they fail."""

from __future__ import annotations

__all__ = [
    "ChildFailed",
    "DecodeError",
    "EffectError",
    "Fail",
    "HttpError",
    "NotGranted",
    "RandomError",
    "Reverted",
    "RpcError",
    "Timeout",
]


class Fail(Exception):
    """A program cannot go on: `raise Fail("no wallet is funded")`. Its `str()` is the message."""

    def __init__(self, message: str) -> None:
        super().__init__(message)


class EffectError(Exception):
    """What every failure of an effect derives from. Its `str()` is the name of the failure's code."""


class Reverted(EffectError):
    """A contract function reverted. Its `str()` is the reason that the contract gives."""


class RpcError(EffectError):
    """A node could not be asked, or answered with an error."""


class HttpError(EffectError):
    """A web server could not be asked. Every status that it answers with is a result, not an error."""


class Timeout(EffectError):
    """No answer came in time."""


class NotGranted(EffectError):
    """The grants of the program do not hold what it asked for."""


class ChildFailed(EffectError):
    """A run that was started as a child failed. Its `str()` is that of the error that ended it."""


class DecodeError(EffectError):
    """A text from outside is not JSON of the type that was wanted."""


class RandomError(EffectError):
    """There is nothing to draw from: the lower bound is above the upper one."""
