"""Which type the source expects of a call, for programs run as plain Python.

Python keeps no annotation of a local variable. So the call that is being executed is looked up in the source
of its file, and the type is followed inwards from the statement that it stands in:

    quotes: list[Quote] = [response.json() for response in responses]
    return Report(quote=response.json())
"""

from __future__ import annotations

import ast
import inspect
import linecache
import typing
from collections.abc import Iterator
from itertools import islice
from types import FrameType
from typing import Any, Final, NamedTuple

from opforge import run

__all__ = ["find_expected_type"]

_UNKNOWN: Final = object()


class _End(NamedTuple):
    """Where a call ends: at its closing parenthesis, which is no other call's."""

    line: int | None
    column: int | None


def find_expected_type(caller: FrameType, call: str = "json", *, unused: object = _UNKNOWN) -> object:
    """The type that the source expects of the call that `caller` is executing.

    `call` is what messages name; `unused` is the type where the call is a statement, if it may be one. Raises
    TypeError when the source says none, or is not there to be read.
    """
    found = _find(caller, unused)
    if found is _UNKNOWN:
        raise TypeError(
            f"the source does not say which type {call}() is read as: assign it to an annotated variable, "
            "such as `quote: Quote = response.json()`"
        )
    return found


def _find(caller: FrameType, unused: object) -> object:
    position = next(islice(caller.f_code.co_positions(), caller.f_lasti // 2, None))
    search = _Search(_End(position[1], position[3]), caller.f_globals)
    source = "".join(linecache.getlines(caller.f_code.co_filename, caller.f_globals))
    for function, statement in _walk_statements(ast.parse(source), None):
        if not search.is_within(statement):
            continue
        match statement:
            case ast.AnnAssign(value=ast.expr() as value, annotation=annotation):
                return search.descend(value, search.evaluate(annotation))
            case ast.Return(value=ast.expr() as value) if (
                function is not None and function.returns is not None
            ):
                return search.descend(value, search.evaluate(function.returns))
            case ast.Expr(value=value) if search.is_call(value):
                return unused
            case _:
                found = search.descend_anywhere(statement)
                if found is not _UNKNOWN:
                    return found
    return _UNKNOWN


def _walk_statements(
    node: ast.AST, function: ast.FunctionDef | None
) -> Iterator[tuple[ast.FunctionDef | None, ast.stmt]]:
    """Every statement below `node`, with the function that it stands in."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield function, child
        yield from _walk_statements(child, child if isinstance(child, ast.FunctionDef) else function)


class _Search:
    def __init__(self, end: _End, names: dict[str, Any]) -> None:
        self._end = end
        self._names = names

    def is_within(self, node: ast.AST) -> bool:
        """Whether the call stands somewhere in `node`."""
        return any(isinstance(part, ast.Call) and self._is_it(part) for part in ast.walk(node))

    def is_call(self, node: ast.AST) -> bool:
        """Whether `node` is the call itself."""
        return isinstance(node, ast.Call) and self._is_it(node)

    def _is_it(self, node: ast.expr) -> bool:
        return (node.end_lineno, node.end_col_offset) == self._end

    def evaluate(self, annotation: ast.expr) -> object:
        """The type that an annotation of the file says."""
        holder = type("Annotated", (), {"__annotations__": {"value": ast.unparse(annotation)}})
        return typing.get_type_hints(holder, self._names)["value"]

    def descend_anywhere(self, node: ast.AST) -> object:
        """The type expected of the call within `node`, of which nothing is expected itself."""
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.stmt) and self.is_within(child):
                return self.descend(child, _UNKNOWN)
        return _UNKNOWN

    def descend(self, node: ast.AST, expected: object) -> object:
        """The type expected of the call within `node`, when `expected` is expected of `node`."""
        match node:
            case ast.Call() if self._is_it(node):
                return expected
            case ast.Call():
                return self._descend_arguments(node)
            case ast.IfExp(body=body, orelse=orelse):
                return self._choose(node, (body, expected), (orelse, expected))
            case ast.List(elts=items):
                return self._choose(node, *((item, _part(expected, 0)) for item in items))
            case ast.ListComp(elt=item):
                return self._choose(node, (item, _part(expected, 0)))
            case ast.Tuple(elts=items):
                return self._choose(
                    node, *((item, _part(expected, index)) for index, item in enumerate(items))
                )
            case ast.Dict(values=values):
                return self._choose(node, *((value, _part(expected, 1)) for value in values))
            case ast.DictComp(value=value):
                return self._choose(node, (value, _part(expected, 1)))
            case _:
                return self.descend_anywhere(node)

    def _choose(self, node: ast.expr, *parts: tuple[ast.expr, object]) -> object:
        """What is expected of the call in one of these parts of `node`, or in another one."""
        for part, expected in parts:
            if self.is_within(part):
                return self.descend(part, expected)
        return self.descend_anywhere(node)

    def _descend_arguments(self, node: ast.Call) -> object:
        """The argument's type, as the called helper, record or child op declares it."""
        callee = self._resolve(node.func)
        if callee is run.child and node.args:
            return self._descend_arguments(ast.Call(node.args[0], node.args[1:], node.keywords))
        if not callable(callee):
            return self.descend_anywhere(node)
        signature = inspect.signature(callee, eval_str=True)
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        bound = signature.bind_partial(*node.args, **keywords).arguments
        return self._choose(node, *((bound[name], signature.parameters[name].annotation) for name in bound))

    def _resolve(self, node: ast.expr) -> Any:
        """What a dotted name of the file means, or None."""
        match node:
            case ast.Name():
                return self._names.get(node.id)
            case ast.Attribute():
                return getattr(self._resolve(node.value), node.attr, None)
            case _:
                return None


def _part(expected: object, index: int) -> object:
    """The type of the items of a list, of one place of a tuple, of the keys or values of a dict."""
    args = typing.get_args(expected)
    return args[index] if index < len(args) else _UNKNOWN
