"""A child run as plain Python: a call of the op with copies, whose failure is one of the caller's effects."""

from __future__ import annotations

import copy
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from opforge._errors import ChildFailed, EffectError, Fail
from opforge._stored import Stored, build_stored

__all__ = ["CATCHABLE", "bind_arguments", "call_child", "call_with", "read_result"]

_R = TypeVar("_R")
_SPEAKING: Final = (Fail, AssertionError, EffectError)
"""What a program says in its own words; of every other error it reads the name of the code."""
CATCHABLE: Final = (*_SPEAKING, ArithmeticError, LookupError, TypeError, ValueError)
"""The errors that programs may catch."""
_CODE: Final = "E_PROGRAM_EXCEPTION"


def bind_arguments(
    op: Callable[..., Any], args: tuple[object, ...], kwargs: Mapping[str, object]
) -> tuple[object, ...]:
    """A value for each parameter of the op, in order. Raises TypeError where they do not fit."""
    bound = inspect.signature(op).bind(*args, **kwargs)
    bound.apply_defaults()
    return tuple(bound.arguments.values())


def call_with(op: Callable[..., _R], arguments: tuple[object, ...]) -> _R:
    """Call an op with a value for each of its parameters, in order."""
    parameters = inspect.signature(op).parameters.values()
    named = [p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    count = len(arguments) - len(named)
    return op(*arguments[:count], **dict(zip(named, arguments[count:], strict=True)))


def call_child(op: Callable[..., _R], arguments: tuple[object, ...]) -> _R:
    """Call the op as another run would do it. Raises ChildFailed where it raises what a program may catch."""
    try:
        result = call_with(op, copy.deepcopy(arguments))
    except CATCHABLE as error:
        raise ChildFailed(str(error) if isinstance(error, _SPEAKING) else _CODE) from error
    return copy.deepcopy(result)


def read_result(op: Callable[..., object], answer: object) -> object:
    """The answer itself; one in stored form as a value of the type that the op is annotated to return."""
    hint = typing.get_type_hints(op).get("return", type(None))
    return build_stored(hint, answer.value) if isinstance(answer, Stored) else answer
