"""Runs beside this one, each with a history of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from opforge._child import bind_arguments, call_child, read_result
from opforge._host import LEFT_TO_PYTHON, perform

__all__ = ["child"]

_P = ParamSpec("_P")
_R = TypeVar("_R")


def child(op: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """The result of an op that runs as a run of its own.

        total = run.child(settle, order, limit=3)

    Values go there and come back as copies. In a comprehension, children run side by side. A child that fails
    does so by itself: what it did stays, and here it is the error ChildFailed.
    """
    arguments = bind_arguments(op, args, kwargs)
    answer = perform("run.child", {"op": op.__name__}, {"arguments": arguments})
    if answer is LEFT_TO_PYTHON:
        return call_child(op, arguments)
    return cast("_R", read_result(op, answer))
