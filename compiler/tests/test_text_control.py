"""The text form of the nodes that repeat, leave, catch and invoke."""

from __future__ import annotations

import pytest

from house.documents import (
    Json,
    apply,
    break_node,
    build_document,
    build_op,
    continue_node,
    fail_node,
    for_node,
    handler,
    if_node,
    invoke_node,
    keep_node,
    let,
    list_value,
    lit,
    ref,
    rethrow_node,
    return_node,
    try_node,
    while_node,
)
from opforge_compiler.text import render_text
from opforge_ir.document import Document

ONE, TRUE = lit("int", "1"), lit("bool", "true")
XS = list_value("list[int]", ONE)

LOOP = """
n: int = 1  # carried
for x: int in [1]:  # for-x
    if True:  # if-a
        n = x
        break
    if True:  # if-b
        n = 1
        continue
    n = x
end = n
"""
WHILE = """
i: int = 1  # carried
while i < 3:  # while-i, at most 1 rounds
    break
"""
HEAD = """
while True:  # while-go, at most 1 rounds
    go: bool = True
    if not (go):
        break
"""
TRY = """
best: int = 1  # kept
try:  # try-a
    best = 1  # kept
except (Fail, KeyError) as e:
    raise e
else:
    y: int = 1
finally:
    raise Fail("no")
last = best
"""
INVOKE = """
found: int = other(1)  # invokes the op
"""


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (
            for_node(
                "for-x",
                XS,
                {"x": "int"},
                [
                    if_node("if-a", TRUE, [break_node(ref("x"))]),
                    if_node("if-b", TRUE, [continue_node(ONE)]),
                ],
                [("n", "int", ONE, ref("x"), "end")],
            ),
            LOOP,
        ),
        (
            while_node(
                "while-i",
                ONE,
                apply("int.lt", ref("i"), lit("int", "3")),
                [break_node(ref("i"))],
                [("i", "int", ONE, ref("i"), "i")],
            ),
            WHILE,
        ),
        (while_node("while-go", ONE, ref("go"), [], head=[let("go", "bool", TRUE)]), HEAD),
        (
            try_node(
                "try-a",
                [keep_node("best", ONE)],
                handler("Fail KeyError", "e", rethrow_node("e")),
                kept=[("best", "int", ONE, "last")],
                otherwise=[let("y", "int", ONE)],
                always=[fail_node("no")],
            ),
            TRY,
        ),
        (invoke_node("found", "int", "other", ONE), INVOKE),
    ],
)
def test_a_node_reads_like_the_program_it_came_from(node: Json, text: str) -> None:
    other = build_op("int", [return_node(ref("n"))], {"n": "int"})
    document = build_document({"main": build_op("int", [node, return_node(ONE)]), "other": other})
    shown = render_text(Document.model_validate(document))
    body = shown[shown.index("op main(") :].split("\n\n")[0].splitlines()[1:]
    assert [line.removeprefix("    ") for line in body] == [*text.strip().splitlines(), "return 1"]
