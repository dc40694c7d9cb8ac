"""Every part of every node that may fail names its node; what is not chosen is not evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    call_node,
    effect,
    for_node,
    if_node,
    let,
    list_value,
    lit,
    map_node,
    ref,
    return_node,
    yield_node,
)
from opforge_ir.document import Document
from opforge_runtime.interpreter import Execution, ProgramError, compile_document

ONE, ZERO = lit("int", "1"), lit("int", "0")
BAD = apply("int.floordiv", ONE, ref("zero"))
IS_BAD = apply("int.gt", BAD, ZERO)
BAD_LIST = list_value("list[int]", BAD)
ONES = list_value("list[int]", ONE)
TRUE, FALSE = lit("bool", "true"), lit("bool", "false")


def draw(id_: str, high: Json = ONE) -> Json:
    return effect(id_, "random.integer", "int", low=ZERO, high=high)


HELPER = {
    "parameters": [{"name": "n", "type": "int"}],
    "result": "int",
    "body": [draw("r"), return_node(ref("n"))],
}


def execute(*body: Json, result: str = "int", end: Json = ONE) -> Any:
    parameters = {"zero": "int"}
    op = build_op(result, [*body, return_node(end)], parameters)
    document = build_document({"main": op}, functions={"helper": HELPER})
    execution = Execution(compile_document(Document.model_validate(document)), "main", {"zero": 0})
    wave = execution.start()
    while wave:
        wave = execution.resume([1] * len(wave))
    return execution.output


@pytest.mark.parametrize(
    ("node", "at", "instance"),
    [
        (let("x", "int", BAD), "x", ""),
        (draw("r", BAD), "r", ""),
        (call_node("c", "int", "helper", BAD), "c", ""),
        (if_node("i", IS_BAD, []), "i", ""),
        (if_node("i", TRUE, [], [], [("x", "int", BAD, ONE)]), "i", ""),
        (if_node("i", IS_BAD, [draw("r")]), "i", ""),
        (if_node("i", FALSE, [draw("r")], [let("x", "int", BAD)]), "i.else.x", ""),
        (for_node("f", BAD_LIST, {"x": "int"}, []), "f", ""),
        (for_node("f", ONES, {"x": "int"}, [], [("c", "int", BAD, ONE, "d")]), "f", ""),
        (for_node("f", ONES, {"x": "int"}, [], [("c", "int", ONE, BAD, "d")]), "f", "f[0]"),
        (for_node("f", ONES, {"x": "int"}, [draw("r")], [("c", "int", ONE, BAD, "d")]), "f", "f[0]"),
        (for_node("f", BAD_LIST, {"x": "int"}, [draw("r")]), "f", ""),
        (map_node("m", "list[int]", BAD_LIST, {"x": "int"}, [yield_node(ONE)]), "m", ""),
        (map_node("m", "list[int]", ONES, {"x": "int"}, [yield_node(BAD)]), "m.yield", "m[0]"),
        (map_node("m", "list[int]", ONES, {"x": "int"}, [draw("r"), yield_node(BAD)]), "m.yield", "m[0]"),
        ({"kind": "require", "id": "q", "test": IS_BAD, "message": lit("str", "")}, "q", ""),
        ({"kind": "require", "id": "q", "test": FALSE, "message": apply("int.str", BAD)}, "q", ""),
        ({"kind": "do", "id": "d", "op": "list.append", "args": [ONES, BAD]}, "d", ""),
    ],
)
def test_a_failure_names_the_node_that_it_is_in(node: Json, at: str, instance: str) -> None:
    with pytest.raises(ProgramError) as caught:
        execute(node)
    assert caught.value.fields == {
        "exception": "ZeroDivisionError",
        "at": f"sample.main.{at}",
        "instance": instance,
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ({"kind": "and", "args": [FALSE, IS_BAD]}, False),
        ({"kind": "and", "args": [TRUE, TRUE]}, True),
        ({"kind": "or", "args": [TRUE, IS_BAD]}, True),
        ({"kind": "or", "args": [FALSE, FALSE]}, False),
        ({"kind": "cond", "test": TRUE, "then": TRUE, "otherwise": IS_BAD}, True),
        ({"kind": "cond", "test": FALSE, "then": IS_BAD, "otherwise": FALSE}, False),
    ],
)
def test_what_is_not_chosen_is_not_evaluated(expression: Json, value: bool) -> None:
    assert execute(result="bool", end=expression) is value


def test_a_dict_keeps_the_place_of_a_replaced_key() -> None:
    entries = [
        {"key": lit("str", k), "value": lit("int", v)} for k, v in (("b", "1"), ("a", "2"), ("b", "3"))
    ]
    made = {"kind": "dict", "type": "dict[str,int]", "entries": entries}
    found = execute(result="dict[str,int]", end=made)
    assert list(found.items()) == [("b", 3), ("a", 2)]


def test_an_early_return_leaves_a_loop_with_effects_and_its_instance() -> None:
    loop = for_node(
        "f",
        list_value("list[int]", ZERO, ONE),
        {"x": "int"},
        [draw("r"), if_node("i", apply("value.eq", ref("x"), ref("zero")), [], [return_node(ref("r"))])],
    )
    assert execute(loop, end=ZERO) == 1
