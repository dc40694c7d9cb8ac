"""The nodes of a body as lines of Python-like text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from opforge_compiler.text.expression import render_expression
from opforge_ir.document import (
    Break,
    CallNode,
    Carried,
    Continue,
    Do,
    Effect,
    Expression,
    Fail,
    For,
    If,
    IfResult,
    Invoke,
    Keep,
    Kept,
    Let,
    Map,
    Node,
    Require,
    Rethrow,
    Return,
    Target,
    Try,
    While,
    Yield,
)

__all__ = ["INDENT", "render_body"]

INDENT: Final = "    "

_Loop = Sequence[Carried]
"""What the innermost loop carries."""


def render_body(nodes: list[Node], depth: int, loop: _Loop = ()) -> list[str]:
    """The lines of a region, indented `depth` times; `pass` when it is empty."""
    lines = [line for node in nodes for line in _render(node, loop)]
    return [INDENT * depth + line for line in lines or ["pass"]]


def _render(node: Node, loop: _Loop) -> list[str]:
    match node:
        case If():
            return _if(node, loop)
        case For():
            return _for(node)
        case While():
            return _while(node)
        case Map():
            return _map(node)
        case Try():
            return _try(node, loop)
        case Break() | Continue():
            values = map(render_expression, node.values)
            return [*_assign(list(zip([c.id for c in loop], values, strict=False))), node.kind]
        case _:
            return _render_plain(node)


def _render_plain(
    node: Let | Effect | CallNode | Invoke | Keep | Do | Require | Fail | Rethrow | Return | Yield,
) -> list[str]:
    """A node without regions."""
    match node:
        case Let():
            return [f"{node.id}: {node.type} = {render_expression(node.value)}"]
        case Effect():
            return _effect(node)
        case CallNode():
            return [f"{node.id}: {node.type} = {node.function}({_arguments(node.args)})  # has effects"]
        case Invoke():
            return [f"{node.id}: {node.type} = {node.op}({_arguments(node.args)})  # invokes the op"]
        case Keep():
            return [f"{node.name} = {render_expression(node.value)}  # kept"]
        case Do():
            return [f"{node.op}({_arguments(node.args)})  # {node.id}"]
        case Require():
            return [f"assert {render_expression(node.test)}, {render_expression(node.message)}  # {node.id}"]
        case Fail():
            return [f"raise Fail({render_expression(node.message)})"]
        case Rethrow():
            return [f"raise {node.error}"]
        case Return():
            return [f"return {render_expression(node.value)}"]
        case Yield():
            return [f"yield {render_expression(node.value)}"]


def _arguments(arguments: list[Expression]) -> str:
    return ", ".join(map(render_expression, arguments))


def _effect(node: Effect) -> list[str]:
    static = [f"{name}={value}" for name, value in sorted(node.static.items())]
    arguments = [f"{name}={render_expression(value)}" for name, value in sorted(node.args.items())]
    bound = "" if node.type == "None" else f"{node.id}: {node.type} = "
    suffix = f"  # effect {node.id}" if node.type == "None" else "  # effect"
    return [f"{bound}{node.verb}({', '.join([*static, *arguments])}){suffix}"]


def _if(node: If, loop: _Loop) -> list[str]:
    then = [line for result in node.results for line in _side(result, result.then)]
    otherwise = [line for result in node.results for line in _side(result, result.otherwise)]
    lines = [f"if {render_expression(node.test)}:  # {node.id}", *_region(node.then, then, loop)]
    if node.otherwise or otherwise:
        lines += ["else:", *_region(node.otherwise, otherwise, loop)]
    return lines


def _side(result: IfResult, values: list[Expression]) -> list[str]:
    # A region may give its own value the name of the result.
    rendered = [render_expression(value) for value in values]
    return [f"{result.id}: {result.type} = {value}" for value in rendered if value != result.id]


def _region(nodes: list[Node], extra: list[str], loop: _Loop) -> list[str]:
    lines = render_body(nodes, 1, loop) if nodes or not extra else []
    return lines + [INDENT + line for line in extra]


def _targets(targets: list[Target]) -> str:
    return ", ".join(f"{t.id}: {t.type}" for t in targets)


def _for(node: For) -> list[str]:
    head = f"for {_targets(node.targets)} in {render_expression(node.items)}:  # {node.id}"
    return [*_begin(node.carried, "carried"), head, *_rounds(node.body, node.carried), *_end(node.carried)]


def _while(node: While) -> list[str]:
    about = f"# {node.id}, at most {render_expression(node.limit)} rounds"
    test = render_expression(node.test)
    if node.head:
        leave = ["if not (" + test + "):", INDENT + "break"]
        lines = [f"while True:  {about}", *_region(node.head, leave, node.carried)]
    else:
        lines = [f"while {test}:  {about}"]
    rounds = _rounds(node.body, node.carried) if node.body or node.carried or not node.head else []
    return [*_begin(node.carried, "carried"), *lines, *rounds, *_end(node.carried)]


def _rounds(body: list[Node], carried: list[Carried]) -> list[str]:
    return _region(body, _assign([(c.id, render_expression(c.next)) for c in carried]), carried)


def _begin(values: Sequence[Carried | Kept], word: str) -> list[str]:
    return [f"{v.id}: {v.type} = {render_expression(v.init)}  # {word}" for v in values]


def _end(values: Sequence[Carried | Kept]) -> list[str]:
    return _assign([(v.result, v.id) for v in values])


def _assign(pairs: list[tuple[str, str]]) -> list[str]:
    return [f"{name} = {value}" for name, value in pairs if name != value]


def _map(node: Map) -> list[str]:
    head = f"{node.id}: {node.type} = map {_targets(node.targets)} in {render_expression(node.items)}:"
    return [head, *_region(node.body, [], ())]


def _try(node: Try, loop: _Loop) -> list[str]:
    lines = [*_begin(node.kept, "kept"), f"try:  # {node.id}", *_region(node.body, [], loop)]
    for handler in node.handlers:
        lines.append(f"except ({', '.join(handler.errors)}) as {handler.id}:")
        lines += _region(handler.body, [], loop)
    for word, region in (("else", node.otherwise), ("finally", node.always)):
        if region:
            lines += [f"{word}:", *_region(region, [], loop)]
    return [*lines, *_end(node.kept)]
