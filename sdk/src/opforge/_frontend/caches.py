"""`@functools.cache` at a helper: accepted where keeping results changes nothing, and then it means nothing.

A result is kept by the arguments' equality. So it must not change afterwards, and arguments that are equal
must be the same in every respect. The interpreter keeps nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from opforge._frontend.coercion import has_unknown, show
from opforge._frontend.context import Program
from opforge._frontend.lowering_context import find_effectful
from opforge._frontend.symbols import FunctionDecl
from opforge_ir.codes.functions import E_CACHE
from opforge_ir.types import DECIMAL, Type

__all__ = ["check_caches"]


def check_caches(program: Program, functions: Sequence[FunctionDecl]) -> None:
    """Report the caches that could be noticed; of `functions`, those that are called stand first."""
    cached = [function for function in functions if function.cache is not None]
    if not cached:
        return
    effectful = find_effectful(functions)
    for function in cached:
        reason = _find_reason(program, function, effectful)
        if reason is not None and function.cache is not None:
            function.module.report(E_CACHE, function.cache, function=function.syntax.name, reason=reason)


def _find_reason(program: Program, function: FunctionDecl, effectful: frozenset[str]) -> str | None:
    if function.is_op:
        return "it is an op, and each run of it is its own"
    if function.key in program.nested_by_key:
        return "it stands inside of another function, whose variables change"
    if function.key in effectful:
        return "it asks for something outside of the program"
    for parameter in function.parameters:
        if _holds(program, parameter.type, {"list", "dict", "set"}):
            return f"its parameter {parameter.name} is {show(parameter.type)}, which Python cannot look up"
        if _holds(program, parameter.type, {DECIMAL.head}):
            return (
                f"its parameter {parameter.name} is {show(parameter.type)}, and equal Decimals may look apart"
            )
    if _holds(program, function.result, {"list", "dict", "set"}):
        return f"its result is {show(function.result)}, which may be changed"
    return None


def _holds(program: Program, kind: Type, heads: set[str]) -> bool:
    """Whether a value of the type is or holds one of these."""
    if has_unknown(kind):
        return False
    inner = [*kind.args, *(program.fields_of(kind) or {}).values()]
    return kind.head in heads or any(_holds(program, each, heads) for each in inner)
