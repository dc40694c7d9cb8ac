"""`op`: the decorator of the functions that can be run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar, overload

from opforge._native import enter_op

__all__ = ["op"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


@overload
def op(function: Callable[_P, _R], /) -> Callable[_P, _R]: ...
@overload
def op(
    *,
    retry: int = 0,
    timeout: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    concurrency: int = 0,
    max_iterations: int = 0,
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]: ...
def op(
    function: Callable[_P, _R] | None = None,
    /,
    *,
    retry: int = 0,
    timeout: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    concurrency: int = 0,
    max_iterations: int = 0,
) -> Callable[_P, _R] | Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Make a function an op: `@op`, or `@op(retry=3, timeout="2m")`.

    `retry` is how many more times a failed effect is tried, `timeout` how long a run may take (a number and
    `ms`, `s`, `m`, `h` or `d`), and `tags` are words to choose ops by. `concurrency` is the most requests
    that a run has under way at once, `max_iterations` how often each `while` loop may go round; 0 sets no
    bound. They are read from the source and bind `forge run`.

    Called as plain Python, an op runs once and without a time limit, in the decimal context of its workload.
    Its effects are asked of the host in place; without one they raise HostMissing.
    """
    del retry, timeout, tags, concurrency, max_iterations
    return _run_as_op if function is None else _run_as_op(function)


def _run_as_op(function: Callable[_P, _R]) -> Callable[_P, _R]:
    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        __tracebackhide__ = True
        with enter_op(function.__globals__):
            return function(*args, **kwargs)

    return run
