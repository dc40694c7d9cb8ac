"""The nodes of a body as lines of Python-like text."""

from __future__ import annotations

from typing import Final

from opforge_compiler.text.expression import render_expression
from opforge_ir.document import (
    CallNode,
    Do,
    Effect,
    Expression,
    Fail,
    For,
    If,
    IfResult,
    Let,
    Map,
    Node,
    Require,
    Return,
    Target,
    Yield,
)

__all__ = ["INDENT", "render_body"]

INDENT: Final = "    "


def render_body(nodes: list[Node], depth: int) -> list[str]:
    """The lines of a region, indented `depth` times; `pass` when it is empty."""
    lines = [line for node in nodes for line in _render(node)]
    return [INDENT * depth + line for line in lines or ["pass"]]


def _render(node: Node) -> list[str]:
    match node:
        case Let():
            return [f"{node.id}: {node.type} = {render_expression(node.value)}"]
        case Effect():
            return _effect(node)
        case CallNode():
            return _call(node)
        case If():
            return _if(node)
        case For():
            return _for(node)
        case Map():
            return _map(node)
        case Do():
            return [f"{node.op}({', '.join(render_expression(a) for a in node.args)})  # {node.id}"]
        case Require():
            return [f"assert {render_expression(node.test)}, {render_expression(node.message)}  # {node.id}"]
        case Fail():
            return [f"raise Fail({render_expression(node.message)})"]
        case Return():
            return [f"return {render_expression(node.value)}"]
        case Yield():
            return [f"yield {render_expression(node.value)}"]


def _effect(node: Effect) -> list[str]:
    static = [f"{name}={value}" for name, value in sorted(node.static.items())]
    arguments = [f"{name}={render_expression(value)}" for name, value in sorted(node.args.items())]
    bound = "" if node.type == "None" else f"{node.id}: {node.type} = "
    suffix = f"  # effect {node.id}" if node.type == "None" else "  # effect"
    return [f"{bound}{node.verb}({', '.join([*static, *arguments])}){suffix}"]


def _call(node: CallNode) -> list[str]:
    arguments = ", ".join(render_expression(a) for a in node.args)
    return [f"{node.id}: {node.type} = {node.function}({arguments})  # has effects"]


def _if(node: If) -> list[str]:
    then = [line for result in node.results for line in _side(result, result.then)]
    otherwise = [line for result in node.results for line in _side(result, result.otherwise)]
    lines = [f"if {render_expression(node.test)}:  # {node.id}", *_region(node.then, then)]
    if node.otherwise or otherwise:
        lines += ["else:", *_region(node.otherwise, otherwise)]
    return lines


def _side(result: IfResult, values: list[Expression]) -> list[str]:
    # A region may give its own value the name of the result.
    rendered = [render_expression(value) for value in values]
    return [f"{result.id}: {result.type} = {value}" for value in rendered if value != result.id]


def _region(nodes: list[Node], extra: list[str]) -> list[str]:
    lines = render_body(nodes, 1) if nodes or not extra else []
    return lines + [INDENT + line for line in extra]


def _targets(targets: list[Target]) -> str:
    return ", ".join(f"{t.id}: {t.type}" for t in targets)


def _for(node: For) -> list[str]:
    head = [f"{c.id}: {c.type} = {render_expression(c.init)}  # carried" for c in node.carried]
    head.append(f"for {_targets(node.targets)} in {render_expression(node.items)}:  # {node.id}")
    tail = _assign([(c.result, c.id) for c in node.carried])
    following = _assign([(c.id, render_expression(c.next)) for c in node.carried])
    return [*head, *_region(node.body, following), *tail]


def _assign(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{name} = {value}" for name, value in pairs if name != value]


def _map(node: Map) -> list[str]:
    head = f"{node.id}: {node.type} = map {_targets(node.targets)} in {render_expression(node.items)}:"
    return [head, *_region(node.body, [])]
