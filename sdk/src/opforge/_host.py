"""The port through which a program that runs as plain Python reaches the outside.

A capability function does nothing itself: it hands its request to the host that `use_host` has put in
place. `forge run` needs no host, since it interprets the compiled program.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, Protocol

__all__ = ["LEFT_TO_PYTHON", "Host", "HostMissing", "get_host", "perform", "use_host"]

LEFT_TO_PYTHON: Final = object()
"""What a host answers to a `run.child` that is to be a call of the op as plain Python."""


class Host(Protocol):
    """Answers the requests of a program."""

    def perform(self, verb: str, static: Mapping[str, str], args: Mapping[str, object]) -> object:
        """The answer to one request, as the value that the capability function returns.

        `verb`, `static` and `args` are those of the capability's definition in `opforge_ir.capabilities`;
        every parameter is there, but no type, since plain Python knows none. The arguments of a contract
        function or an op are one tuple. An effect that fails raises one of the verb's errors.
        """
        ...


class HostMissing(RuntimeError):
    """An effect was asked for and there is nobody to perform it."""

    def __init__(self, verb: str) -> None:
        super().__init__(
            f"{verb} reaches outside of the program, and called as plain Python it needs a host: "
            "start the program with `forge run`, or call it in a test under a testing host"
        )
        self.verb = verb


_HOST: Final[ContextVar[Host]] = ContextVar("opforge-host")


@contextmanager
def use_host(host: Host) -> Generator[None]:
    """Let `host` answer all requests until the block ends, in this thread or task only."""
    token = _HOST.set(host)
    try:
        yield
    finally:
        _HOST.reset(token)


def get_host(verb: str) -> Host:
    """The host in place. Raises HostMissing, which names the verb, when there is none."""
    try:
        return _HOST.get()
    except LookupError:
        raise HostMissing(verb) from None


def perform(verb: str, static: Mapping[str, str], args: Mapping[str, object]) -> object:
    """Ask the host in place. Raises HostMissing, or what the host raises."""
    __tracebackhide__ = True  # pytest shows authors the call in their program, and not what is below it
    return get_host(verb).perform(verb, static, args)
