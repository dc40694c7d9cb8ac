"""`op`: the decorator of the functions that can be run."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import ParamSpec, TypeVar, overload

from opforge._child import CATCHABLE, bind_arguments, call_with
from opforge._native import enter_op
from opforge._retry import Retry

__all__ = ["op"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


@overload
def op(function: Callable[_P, _R], /) -> Callable[_P, _R]: ...
@overload
def op(
    *,
    retry: int | Retry = 0,
    attempt_timeout: str | None = None,
    timeout: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    concurrency: int = 0,
    max_iterations: int = 0,
    compensate: Callable[..., object] | None = None,
) -> Callable[[Callable[_P, _R]], Callable[_P, _R]]: ...
def op(
    function: Callable[_P, _R] | None = None,
    /,
    *,
    retry: int | Retry = 0,
    attempt_timeout: str | None = None,
    timeout: str | None = None,
    tags: list[str] | tuple[str, ...] = (),
    concurrency: int = 0,
    max_iterations: int = 0,
    compensate: Callable[..., object] | None = None,
) -> Callable[_P, _R] | Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Make a function an op: `@op`, or `@op(retry=3, timeout="2m")`.

    `retry` is how many more times a failed effect is tried, or a `Retry` that says the waits too;
    `attempt_timeout` is how long one attempt may take, and `timeout` how long a run may take, over all of its
    sessions and waits included (a number and `ms`, `s`, `m`, `h` or `d`). `tags` are words to choose ops by.
    `concurrency` is the most requests that a run has under way at once, `max_iterations` how often each
    `while` loop may go round; 0 sets no bound. `compensate` is an op with parameters of the same types: it is
    run with the same arguments when this one fails or its run is cancelled, and then the failure goes on.
    They are read from the source and bind `forge run`.

    Called as plain Python, an op runs once and without a time limit, in the decimal context of its workload;
    what compensates for it runs as well. Its effects are asked of the host in place; without one they raise
    HostMissing.
    """
    del retry, attempt_timeout, timeout, tags, concurrency, max_iterations
    if function is not None:
        return _run_as_op(function, None)
    return lambda decorated: _run_as_op(decorated, compensate)


def _run_as_op(function: Callable[_P, _R], compensate: Callable[..., object] | None) -> Callable[_P, _R]:
    @functools.wraps(function)
    def run(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        __tracebackhide__ = True
        with enter_op(function.__globals__):
            if compensate is None:
                return function(*args, **kwargs)
            try:
                return function(*args, **kwargs)
            except CATCHABLE:
                with suppress(*CATCHABLE):
                    call_with(compensate, bind_arguments(function, args, kwargs))
                raise

    return run
