"""The call that undoes an op, for what follows the objects that functions change."""

from __future__ import annotations

from opforge._frontend.symbols import FunctionDecl
from opforge._frontend.tree import Block, CallFunction, ExprStatement, Local

__all__ = ["get_undone_body"]


def get_undone_body(function: FunctionDecl) -> Block:
    """The body of a function; of an op that is undone, with the call of that after it."""
    undoing = None if function.policy is None else function.policy.compensation
    if undoing is None:
        return function.body
    span = function.module.span_of(function.node)
    args = [Local(each.type, span, each.name) for each in function.parameters]
    call = CallFunction(undoing.result, span, undoing, [*args])
    return [*function.body, ExprStatement(span, call)]
