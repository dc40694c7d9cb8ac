"""Changes of lists and dicts: which are refused, and how far they are followed."""

from __future__ import annotations

import copy
import json

import pytest

from house.document_checks import NONE, ONE, append, call, function, names, one_op, places
from house.documents import (
    Json,
    apply,
    call_node,
    field_of,
    for_node,
    if_node,
    let,
    list_value,
    lit,
    map_node,
    record_value,
    ref,
    return_node,
    yield_node,
)
from opforge_ir.validation import validate_document

XS = let("xs", "list[int]", list_value("list[int]", ONE))
LIST = list_value("list[int]")
ROWS = let("rows", "list[list[int]]", list_value("list[list[int]]", ref("xs")))
APPENDS = function("None", {"to": "list[int]"}, append(ref("to"), ONE), return_node(NONE))
APPENDS_INSIDE = function(
    "None",
    {"to": "list[list[int]]"},
    append(apply("list.get", ref("to"), lit("int", "0")), ONE),
    return_node(NONE),
)
KEEPS = function(
    "list[list[int]]", {"item": "list[int]"}, return_node(list_value("list[list[int]]", ref("item")))
)


def change(op: str, *args: Json) -> Json:
    """A `do` node."""
    return {"kind": "do", "id": "change", "op": op, "args": list(args)}


def in_map(*body: Json) -> Json:
    """A map over two integers that does this and yields nothing."""
    items = list_value("list[int]", ONE, lit("int", "2"))
    return map_node("map", "list[int]", items, {"item": "int"}, body)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param([XS, append(ref("xs"), ONE)], [], id="outside a map"),
        pytest.param([in_map(XS, append(ref("xs"), ONE))], [], id="created in the iteration"),
        pytest.param([XS, in_map(append(ref("xs"), ONE))], ["E_CHANGE_IN_MAP"], id="created before the map"),
        pytest.param(
            [XS, ROWS, in_map(append(apply("list.get", ref("rows"), lit("int", "0")), ONE))],
            ["E_CHANGE_IN_MAP"],
            id="taken out of a list from before the map",
        ),
        pytest.param(
            [XS, in_map(ROWS, append(apply("list.get", ref("rows"), lit("int", "0")), ONE))],
            ["E_CHANGE_IN_MAP"],
            id="put into a new list and taken out again",
        ),
        pytest.param(
            [
                XS,
                in_map(
                    let("rows", "list[list[int]]", list_value("list[list[int]]")),
                    append(ref("rows"), ref("xs"), "put"),
                    append(apply("list.get", ref("rows"), lit("int", "0")), ONE),
                ),
            ],
            ["E_CHANGE_IN_MAP"],
            id="appended to a new list and taken out again",
        ),
        pytest.param(
            [
                in_map(
                    XS,
                    let("rows", "list[list[int]]", list_value("list[list[int]]")),
                    append(ref("rows"), ref("xs"), "put"),
                    append(apply("list.get", ref("rows"), lit("int", "0")), ONE),
                )
            ],
            [],
            id="the same within one iteration",
        ),
        pytest.param(
            [
                map_node(
                    "made",
                    "list[list[int]]",
                    list_value("list[int]", ONE),
                    {"n": "int"},
                    [yield_node(list_value("list[int]", ref("n")))],
                ),
                in_map(append(apply("list.get", ref("made"), lit("int", "0")), ONE)),
            ],
            ["E_CHANGE_IN_MAP"],
            id="created in an iteration of another map",
        ),
        pytest.param(
            [
                map_node(
                    "outer",
                    "list[int]",
                    list_value("list[int]", ONE),
                    {"n": "int"},
                    [XS, in_map(append(ref("xs"), ONE))],
                )
            ],
            ["E_CHANGE_IN_MAP"],
            id="created in an iteration of the map around",
        ),
        pytest.param(
            [
                XS,
                ROWS,
                in_map(
                    let("others", "list[list[int]]", list_value("list[list[int]]")),
                    change("list.extend", ref("others"), ref("rows")),
                    append(apply("list.get", ref("others"), lit("int", "0")), ONE),
                ),
            ],
            ["E_CHANGE_IN_MAP"],
            id="what a new list was extended with",
        ),
        pytest.param(
            [
                XS,
                in_map(
                    let("others", "list[int]", list_value("list[int]")),
                    change("list.extend", ref("others"), ref("xs")),
                    append(ref("others"), ONE),
                ),
            ],
            [],
            id="a new list that was extended",
        ),
        pytest.param(
            [XS, ROWS, in_map(append(apply("list.max", ref("rows")), ONE))],
            ["E_CHANGE_IN_MAP"],
            id="the largest item of a list from before the map",
        ),
        pytest.param(
            [
                XS,
                ROWS,
                in_map(append(apply("value.max", ref("xs"), apply("list.get", ref("rows"), ONE)), ONE)),
            ],
            ["E_CHANGE_IN_MAP"],
            id="the larger of two lists from before the map",
        ),
        pytest.param([XS, call_node("c", "None", "appends", ref("xs"))], [], id="a call outside a map"),
        pytest.param(
            [XS, in_map(call_node("c", "None", "appends", ref("xs")))],
            ["E_CHANGE_IN_MAP"],
            id="a call with a list from before the map",
        ),
        pytest.param(
            [XS, in_map(ROWS, call_node("c", "None", "appends_inside", ref("rows")))],
            ["E_CHANGE_IN_MAP"],
            id="a call that changes what the argument holds",
        ),
        pytest.param(
            [
                XS,
                in_map(
                    let("kept", "list[list[int]]", call("keeps", ref("xs"))),
                    append(apply("list.get", ref("kept"), lit("int", "0")), ONE),
                ),
            ],
            ["E_CHANGE_IN_MAP"],
            id="what a call returned holds the argument",
        ),
        pytest.param(
            [append(apply("list.get", {"kind": "const", "name": "TABLE"}, lit("int", "0")), ONE)],
            ["E_CHANGE_OF_CONSTANT"],
            id="a part of a constant",
        ),
        pytest.param(
            [
                XS,
                for_node(
                    "for-n",
                    list_value("list[int]", ONE),
                    {"n": "int"},
                    [append(ref("current"), ref("n"))],
                    [("current", "list[int]", ref("xs"), {"kind": "const", "name": "LIST"}, "last")],
                ),
            ],
            ["E_CHANGE_OF_CONSTANT"],
            id="a constant from the second iteration on",
        ),
        pytest.param(
            [XS, let("n", "None", call("appends", ref("xs")))], ["E_CALL_NEEDS_NODE"], id="in an expression"
        ),
    ],
)
def test_changes(body: list[Json], expected: list[str]) -> None:
    text = json.dumps(body)
    constants = {
        "LIST": {"type": "list[int]", "value": list_value("list[int]", ONE)},
        "TABLE": {
            "type": "list[list[int]]",
            "value": list_value("list[list[int]]", list_value("list[int]", ONE)),
        },
    }
    functions = {"appends": APPENDS, "appends_inside": APPENDS_INSIDE, "keeps": KEEPS}
    document = one_op(
        *body,
        return_node(ONE),
        constants={name: value for name, value in constants.items() if f'"{name}"' in text},
        functions={name: value for name, value in functions.items() if f'"{name}"' in text},
    )
    assert names(validate_document(copy.deepcopy(document))) == expected


PAIR = {"Pair": {"left": "list[int]", "right": "list[int]"}}
DICT_OF_XS = {
    "kind": "dict",
    "type": "dict[str,list[int]]",
    "entries": [{"key": lit("str", "a"), "value": ref("xs")}],
}


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(
            [
                let("t", "tuple[int,list[int]]", {"kind": "tuple", "items": [ONE, ref("xs")]}),
                append(field_of(ref("t"), "1"), ONE),
            ],
            id="a tuple",
        ),
        pytest.param(
            [
                let("p", "Pair", record_value("Pair", left=list_value("list[int]"), right=ref("xs"))),
                append(field_of(ref("p"), "right"), ONE),
            ],
            id="a record",
        ),
        pytest.param(
            [
                let("d", "dict[str,list[int]]", DICT_OF_XS),
                append(apply("dict.item", ref("d"), lit("str", "a")), ONE),
            ],
            id="a dict",
        ),
        pytest.param(
            [
                let("d", "dict[str,list[int]]", {**DICT_OF_XS, "entries": []}),
                append(apply("dict.get", ref("d"), lit("str", "a"), ref("xs")), ONE),
            ],
            id="a default",
        ),
        pytest.param(
            [
                let("d", "dict[str,list[int]]", {**DICT_OF_XS, "entries": []}),
                {"kind": "do", "id": "s", "op": "dict.set", "args": [ref("d"), lit("str", "a"), ref("xs")]},
                append(apply("optional.value", apply("dict.find", ref("d"), lit("str", "a"))), ONE),
            ],
            id="an entry that was set",
        ),
        pytest.param(
            [
                let("o", "Optional[list[int]]", apply("optional.some", ref("xs"))),
                append(apply("optional.value", ref("o")), ONE),
            ],
            id="an Optional",
        ),
        pytest.param(
            [
                append(
                    {
                        "kind": "cond",
                        "test": lit("bool", "true"),
                        "then": list_value("list[int]"),
                        "otherwise": ref("xs"),
                    },
                    ONE,
                )
            ],
            id="one of two",
        ),
        pytest.param(
            [
                if_node(
                    "if-x",
                    lit("bool", "true"),
                    [],
                    [],
                    [("y", "list[int]", list_value("list[int]"), ref("xs"))],
                ),
                append(ref("y"), ONE),
            ],
            id="the result of an if",
        ),
        pytest.param(
            [
                for_node(
                    "f", list_value("list[list[int]]", ref("xs")), {"y": "list[int]"}, [append(ref("y"), ONE)]
                )
            ],
            id="the target of a loop",
        ),
        pytest.param(
            [
                for_node(
                    "f",
                    list_value("list[int]", ONE),
                    {"n": "int"},
                    [],
                    [("y", "list[int]", list_value("list[int]"), ref("xs"), "last")],
                ),
                append(ref("last"), ONE),
            ],
            id="what a loop carries out",
        ),
        pytest.param(
            [
                let(
                    "rows",
                    "list[list[int]]",
                    apply(
                        "list.concat", list_value("list[list[int]]", ref("xs")), list_value("list[list[int]]")
                    ),
                ),
                append(apply("list.get", ref("rows"), lit("int", "0")), ONE),
            ],
            id="a list joined of others",
        ),
    ],
)
def test_a_change_is_followed_through(inside: list[Json]) -> None:
    """In a map, each of these changes the list `xs` from before the map; outside, each is right."""
    records = PAIR if "Pair" in json.dumps(inside) else {}
    wrong = one_op(XS, in_map(*copy.deepcopy(inside)), return_node(ONE), records=records)
    assert names(validate_document(wrong)) == ["E_CHANGE_IN_MAP"]
    right = one_op(XS, *copy.deepcopy(inside), return_node(ONE), records=records)
    assert validate_document(right) == []
    own = one_op(in_map(XS, *copy.deepcopy(inside)), return_node(ONE), records=records)
    assert validate_document(own) == []


def test_what_a_call_stores_is_followed() -> None:
    stores = function(
        "None",
        {"to": "list[list[int]]", "item": "list[int]"},
        append(ref("to"), ref("item")),
        return_node(NONE),
    )
    body = in_map(
        let("rows", "list[list[int]]", list_value("list[list[int]]")),
        call_node("c", "None", "stores", ref("rows"), ref("xs")),
        append(apply("list.get", ref("rows"), lit("int", "0")), ONE),
    )
    document = one_op(XS, body, return_node(ONE), functions={"stores": stores})
    assert places(validate_document(document)) == [("E_CHANGE_IN_MAP", "/ops/main/body/1/body/2/args/0")]


def test_an_input_may_be_changed_but_not_its_constant_default() -> None:
    constants = {"LIST": {"type": "list[int]", "value": list_value("list[int]", ONE)}}
    document = one_op(append(ref("xs"), ONE), return_node(ONE), parameters={"xs": "list[int]"})
    assert validate_document(document) == []
    document["constants"] = constants
    document["ops"]["main"]["parameters"][0]["default"] = [{"kind": "const", "name": "LIST"}]
    assert names(validate_document(document)) == ["E_CHANGE_OF_CONSTANT"]


def test_a_value_that_wanders_through_many_loops_is_followed_in_bounded_time() -> None:
    """Each walk over the body moves the constant one carried value on; after a few, anything is assumed."""
    count = 40
    carried = [
        (
            f"c-{i}",
            "list[int]",
            ref("xs"),
            ref(f"c-{i - 1}") if i else {"kind": "const", "name": "LIST"},
            f"r-{i}",
        )
        for i in range(count)
    ]
    loop = for_node(
        "for-n", list_value("list[int]", ONE), {"n": "int"}, [append(ref(f"c-{count - 1}"), ONE)], carried
    )
    constants = {"LIST": {"type": "list[int]", "value": list_value("list[int]", ONE)}}
    document = one_op(XS, loop, return_node(ONE), constants=constants)
    assert names(validate_document(document)) == ["E_CHANGE_OF_CONSTANT"]
