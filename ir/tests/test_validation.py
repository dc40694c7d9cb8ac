"""What is wrong with a document: one code for each mistake, all mistakes in one run, nothing twice."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    call_node,
    effect,
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
from opforge_ir.canonical import canonical_bytes
from opforge_ir.codes import load_registry
from opforge_ir.codes.document import E_TOO_MANY_NODES
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.document import Document
from opforge_ir.grants import infer_grants
from opforge_ir.jsontext import read_json
from opforge_ir.validation import MAX_PROBLEMS, load_document, validate_document
from opforge_ir.validation.meaning import MAX_NODES

CORPUS = Path(__file__).parents[2] / "corpus" / "invalid-ir"
WITHOUT_ENTRY = {
    "E0228": "its smallest document has more than 50 000 nodes",
    "E0229": "its smallest document has more than 200 problems",
    "E0250": "it is for stored values, not for documents",
}
ONE = lit("int", "1")
NONE = lit("None", "None")


def one_op(*body: Json, result: str = "int", parameters: dict[str, str] | None = None, **tables: Any) -> Json:
    """A document with one op, and the grants that it needs."""
    document = build_document({"main": build_op(result, body, parameters)}, **tables)
    document["grants"] = infer_grants(document).grants
    return document


def names(diagnostics: list[Diagnostic]) -> list[str]:
    return [diagnostic.code.name for diagnostic in diagnostics]


def places(diagnostics: list[Diagnostic]) -> list[tuple[str, str]]:
    return [(diagnostic.code.name, str(diagnostic.pointer)) for diagnostic in diagnostics]


def append(target: Json, value: Json, id_: str = "do-append") -> Json:
    return {"kind": "do", "id": id_, "op": "list.append", "args": [target, value]}


def call(function: str, *args: Json) -> Json:
    return {"kind": "call", "function": function, "args": list(args)}


def function(result: str, parameters: dict[str, str], *body: Json) -> Json:
    return {
        "parameters": [{"name": n, "type": t} for n, t in parameters.items()],
        "result": result,
        "body": list(body),
    }


# --- one code at a time -------------------------------------------------------------------------


def test_every_code_of_a_document_has_a_corpus_entry() -> None:
    codes = {code.number for code in load_registry().values() if code.category == "document"}
    assert {entry.name for entry in CORPUS.iterdir()} == codes - WITHOUT_ENTRY.keys()


@pytest.mark.parametrize("entry", sorted(CORPUS.iterdir()), ids=lambda entry: entry.name)
def test_a_corpus_entry_gives_its_code_and_no_other(entry: Path) -> None:
    document = read_json((entry / "document.json").read_bytes())
    found = [
        {"code": each.code.number, "pointer": each.pointer, "fields": each.values}
        for each in validate_document(document)
    ]
    assert found == json.loads((entry / "expected.json").read_text(encoding="utf-8"))
    assert [each["code"] for each in found] == [entry.name]


def test_too_many_nodes() -> None:
    node = {"kind": "require", "test": lit("bool", "true"), "message": lit("str", "")}
    body = [{**node, "id": f"r-{index}"} for index in range(MAX_NODES)]
    document = one_op(*body, return_node(ONE))
    found = validate_document(document)
    assert [each.code for each in found] == [E_TOO_MANY_NODES]
    document["ops"]["main"]["body"].pop(0)
    assert validate_document(document) == []


def test_too_many_problems() -> None:
    body = [let(f"x-{index}", "int", ref(f"unknown-{index}")) for index in range(MAX_PROBLEMS + 1)]
    found = names(validate_document(one_op(*body, return_node(ONE))))
    assert found == ["E_UNKNOWN_REF"] * MAX_PROBLEMS + ["E_TOO_MANY_PROBLEMS"]


# --- documents that are right -------------------------------------------------------------------


def build_wallets() -> Json:
    """A document with a part of every sort."""
    reads = {
        "selector": "0x70a08231",
        "inputs": [{"name": "owner", "abi": "address", "type": "Address"}],
        "outputs": [{"name": "balance", "abi": "uint256", "type": "int"}],
    }
    token = lit("Address", "0x" + "ab" * 20)
    network = lit("str", "mainnet")
    owner = field_of(ref("wallet"), "owner")
    balances = map_node(
        "balances",
        "list[int]",
        ref("wallets"),
        {"wallet": "Wallet"},
        [
            effect(
                "balance",
                "chain.call",
                "int",
                static={"contract": "ERC20", "function": "balanceOf"},
                address=token,
                arguments={"kind": "tuple", "items": [owner]},
                at=ref("chain-block"),
                network=network,
            ),
            yield_node(ref("balance")),
        ],
    )
    total = for_node(
        "for-wei",
        apply("list.enumerate", ref("balances"), lit("int", "0")),
        {"i": "int", "wei": "int"},
        [
            if_node(
                "if-wei",
                apply("int.lt", ref("wei"), {"kind": "const", "name": "FLOOR"}),
                [call_node("call-warn", "None", "warn", ref("i"))],
                [],
                [("kept", "int", ONE, ref("wei"))],
            ),
            let("next", "int", apply("int.add", ref("sum"), ref("kept"))),
        ],
        [("sum", "int", lit("int", "0"), ref("next"), "total")],
    )
    message = apply("str.concat", lit("str", "low: "), apply("int.str", ref("i")))
    warn = function(
        "None",
        {"i": "int"},
        effect("log", "log.warning", "None", message=message),
        return_node(ref("log")),
    )
    return one_op(
        effect("chain-block", "chain.block", "Block", static={"tag": "finalized"}, network=network),
        balances,
        total,
        return_node(ref("total")),
        parameters={"wallets": "list[Wallet]"},
        records={"Wallet": {"owner": "Address", "label": "str"}},
        contracts={"ERC20": {"functions": {"balanceOf": reads}}},
        constants={"FLOOR": {"type": "int", "value": lit("int", "10")}},
        functions={"warn": warn},
        networks={"mainnet": 1},
    )


def test_a_document_with_a_part_of_every_sort_is_right() -> None:
    document = build_wallets()
    before = copy.deepcopy(document)
    assert validate_document(document) == []
    assert document == before
    assert load_document(canonical_bytes(document)) == Document.model_validate(document)


def test_parts_may_be_one_object_in_memory() -> None:
    shared = ref("x")
    document = one_op(let("x", "int", ONE), return_node(apply("int.add", shared, shared)))
    assert validate_document(document) == []
    wrong = one_op(return_node(apply("int.add", shared, shared)))
    assert places(validate_document(wrong)) == [
        ("E_UNKNOWN_REF", "/ops/main/body/0/value/args/0"),
        ("E_UNKNOWN_REF", "/ops/main/body/0/value/args/1"),
    ]


@pytest.mark.parametrize("kind", ["for", "map"])
def test_ids_of_regions_side_by_side_may_be_equal(kind: str) -> None:
    items = list_value("list[int]", ONE)
    inner = [let("y", "int", ref("x"))]
    nodes = [
        for_node("a", items, {"x": "int"}, inner),
        map_node("b", "list[int]", items, {"x": "int"}, [*copy.deepcopy(inner), yield_node(ref("y"))]),
    ]
    assert validate_document(one_op(*(nodes if kind == "for" else reversed(nodes)), return_node(ONE))) == []


# --- several problems ---------------------------------------------------------------------------


def test_all_problems_are_found_in_one_run_in_order_of_the_document() -> None:
    document = build_wallets()
    document["contracts"]["ERC20"]["functions"]["balanceOf"]["selector"] = "0x00000000"
    document["networks"]["mainnet"] = 7
    document["ops"]["main"]["policy"]["retries"] = -1
    document["functions"]["warn"]["body"][0]["args"]["message"] = ONE
    document["functions"]["warn"]["body"][1]["value"]["name"] = "lag"
    document["settings"]["precision"] = 3
    document["records"]["Wallet"]["fields"][1]["type"] = "string"
    assert places(validate_document(document)) == [
        ("E_SELECTOR_MISMATCH", "/contracts/ERC20/functions/balanceOf/selector"),
        ("E_TYPE_CONFLICT", "/functions/warn/body/0/args/message"),
        ("E_UNKNOWN_REF", "/functions/warn/body/1/value"),
        ("E_OUT_OF_RANGE", "/ops/main/policy/retries"),
        ("E_TYPE_NOT_DEFINED", "/records/Wallet/fields/1/type"),
        ("E_UNKNOWN_FIELD", "/settings/precision"),
    ]


def test_every_misfit_of_one_definition_is_explained() -> None:
    document = one_op(return_node(ONE))
    document["ops"]["main"]["body"] = [
        5,
        {"kind": "let", "id": "1x", "type": "int"},
        {"kind": "for", "id": "for-x", "items": ONE, "targets": [], "carried": {}, "body": []},
        {"value": ONE},
        {"kind": "do", "id": "d", "op": "int.add", "args": [{"kind": "ref", "name": "x", "at": 1}]},
    ]
    assert places(validate_document(document)) == [
        ("E_WRONG_TYPE", "/ops/main/body/0"),
        ("E_MISSING_FIELD", "/ops/main/body/1"),
        ("E_MALFORMED_TEXT", "/ops/main/body/1/id"),
        ("E_WRONG_TYPE", "/ops/main/body/2/carried"),
        ("E_ITEM_COUNT", "/ops/main/body/2/targets"),
        ("E_MISSING_FIELD", "/ops/main/body/3"),
        ("E_UNKNOWN_FIELD", "/ops/main/body/4/args/0/at"),
        ("E_NOT_ALLOWED", "/ops/main/body/4/op"),
    ]


# --- no problem twice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param(
            one_op(let("x", "int", ref("y")), let("z", "str", ref("x")), return_node(ref("z"))),
            ["E_UNKNOWN_REF", "E_TYPE_CONFLICT", "E_TYPE_CONFLICT"],
            id="a stated type counts although its value is unknown",
        ),
        pytest.param(
            one_op(return_node(apply("int.add", apply("int.mul", ref("y"), ONE), ONE))),
            ["E_UNKNOWN_REF"],
            id="an unknown name is no wrong argument",
        ),
        pytest.param(
            one_op(let("w", "Walet", record_value("Walet", label=ONE)), return_node(ONE)),
            ["E_TYPE_NOT_DEFINED", "E_UNKNOWN_RECORD"],
            id="a record that is missing",
        ),
        pytest.param(
            one_op(
                return_node(field_of(field_of(ref("w"), "owner"), "name")),
                parameters={"w": "Wallet"},
                records={"Wallet": {"label": "str"}},
            ),
            ["E_UNKNOWN_MEMBER"],
            id="a member of a member that is missing",
        ),
        pytest.param(
            one_op(
                return_node(call("duble", ref("n"))),
                functions={"double": function("int", {}, return_node(ONE))},
            ),
            ["E_UNKNOWN_REF", "E_UNKNOWN_FUNCTION"],
            id="a misspelled function leaves none unused",
        ),
        pytest.param(
            one_op(
                return_node(ONE),
                functions={
                    "a": function("int", {}, return_node(call("b"))),
                    "b": function("int", {}, return_node(ONE)),
                },
            ),
            ["E_UNUSED_DEFINITION"],
            id="what only an unused function needs",
        ),
    ],
)
def test_one_mistake_is_one_problem(document: Json, expected: list[str]) -> None:
    assert sorted(names(validate_document(document))) == sorted(expected)


@pytest.mark.parametrize(
    ("table", "name", "expected"),
    [
        ("records", "Wallet", "/records/Wallet"),
        ("contracts", "ERC20", "/contracts/ERC20"),
        ("constants", "FLOOR", "/constants/FLOOR"),
        ("functions", "warn", "/functions/warn"),
        ("records", None, "/records"),
        ("contracts", None, "/contracts"),
        ("constants", None, "/constants"),
        ("functions", None, "/functions"),
        ("ops", None, "/ops"),
        ("networks", None, "/networks"),
        ("grants", None, "/grants"),
    ],
)
def test_uses_of_a_misshapen_definition_are_no_problems(table: str, name: str | None, expected: str) -> None:
    document = build_wallets()
    if name is None:
        document[table] = []
    else:
        document[table][name] = "?"
    assert places(validate_document(document)) == [("E_WRONG_TYPE", expected)]


@pytest.mark.parametrize("key", sorted(Document.model_fields.keys() - {"artifact", "ir_version"}))
def test_a_member_that_is_missing_is_one_problem(key: str) -> None:
    document = build_wallets()
    del document[key]
    found = validate_document(document)
    assert places(found) == [("E_MISSING_FIELD", "")]
    assert found[0].values == {"field": key}


def test_a_function_has_the_effects_of_those_that_it_calls() -> None:
    now = function("int", {}, effect("time", "time.now", "int"), return_node(ref("time")))
    later = function("int", {}, call_node("c", "int", "now"), return_node(apply("int.add", ref("c"), ONE)))
    document = one_op(return_node(call("later")), functions={"now": now, "later": later})
    assert places(validate_document(document)) == [("E_CALL_NEEDS_NODE", "/ops/main/body/0/value")]
    document["ops"]["main"]["body"] = [call_node("x", "int", "later"), return_node(ref("x"))]
    assert validate_document(document) == []


# --- changes of lists and dicts -----------------------------------------------------------------

XS = let("xs", "list[int]", list_value("list[int]", ONE))
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


# --- loading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["E_EMPTY_DOCUMENT"]),
        (b'{"a":1,"a":1}', ["E_DUPLICATE_KEY"]),
        (b"[]", ["E_NOT_A_WORKLOAD"]),
        (b'{"artifact":"workload","ir_version":"0.1"}', ["E_MISSING_FIELD"] * 9),
    ],
)
def test_load_document_refuses_with_codes(data: bytes, expected: list[str]) -> None:
    with pytest.raises(DiagnosticError) as caught:
        load_document(data)
    assert names(caught.value.diagnostics) == expected


def test_the_deepest_document_that_can_be_read() -> None:
    value = ONE
    for _ in range(97):
        value = apply("int.neg", value)
    document = one_op(return_node(value))
    assert load_document(canonical_bytes(document)).ops["main"].result == "int"


def test_a_value_too_deep_for_any_reader() -> None:
    value: Any = ONE
    for _ in range(20_000):
        value = apply("int.neg", value)
    document = one_op(return_node(ONE))
    document["ops"]["main"]["body"][0]["value"] = value
    assert names(validate_document(document)) == ["E_VALUE_TOO_DEEP"]
