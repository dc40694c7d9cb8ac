"""What is wrong with a document: one code for each mistake, all mistakes in one run, nothing twice."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from house.document_checks import ONE, call, function, names, one_op, places
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
    no_headers,
    record_value,
    ref,
    return_node,
    yield_node,
)
from opforge_ir.canonical import canonical_bytes
from opforge_ir.codes import load_registry
from opforge_ir.codes.document import E_TOO_MANY_NODES
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.document import IR_VERSION, Document, Effect, If, LiteralValue
from opforge_ir.jsontext import read_json
from opforge_ir.validation import MAX_PROBLEMS, load_document, validate_document
from opforge_ir.validation.meaning import MAX_NODES

CORPUS = Path(__file__).parents[2] / "corpus" / "invalid-ir"
WITHOUT_ENTRY = {
    "E0228": "its smallest document has more than 50 000 nodes",
    "E0229": "its smallest document has more than 200 problems",
    "E0250": "it is for stored values, not for documents",
    "E0251": "it is for stored values, not for documents",
    "E0252": "it is for stored values, not for documents",
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


# --- loading ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ["E_EMPTY_DOCUMENT"]),
        (b'{"a":1,"a":1}', ["E_DUPLICATE_KEY"]),
        (b"[]", ["E_NOT_A_WORKLOAD"]),
        (b'{"artifact":"workload","ir_version":"0.3"}', ["E_MISSING_FIELD"] * 10),
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


def build_older(document: Json, version: str) -> Json:
    """A document that has nothing of a later version, as one of 0.1 or 0.2."""
    older: Json = {**copy.deepcopy(document), "ir_version": version}
    ops: dict[str, Json] = older["ops"]
    for op in ops.values():
        del op["compensation"], op["policy"]["backoff"], op["policy"]["attempt_timeout_ms"]
    if version == "0.1":
        del older["enums"]
        for op in ops.values():
            del op["triggers"], op["policy"]["concurrency"]
    return older


@pytest.mark.parametrize(
    ("version", "place", "part", "found", "since"),
    [
        ("0.1", "/enums", {}, "enums", "0.2"),
        ("0.1", "/ops/main/triggers", [], "triggers", "0.2"),
        ("0.1", "/ops/main/policy/concurrency", 0, "concurrency", "0.2"),
        ("0.1", "/ops/main/body/0/value", {"kind": "set", "type": "set[int]", "items": []}, "set", "0.2"),
        ("0.1", "/ops/main/body/0/type", "list[Union[A,B]]", "list[Union[A,B]]", "0.2"),
        ("0.1", "/ops/main/compensation", [], "compensation", "0.3"),
        ("0.2", "/ops/main/compensation", [], "compensation", "0.3"),
        ("0.2", "/ops/main/policy/backoff", {}, "backoff", "0.3"),
        ("0.2", "/ops/main/policy/attempt_timeout_ms", 0, "attempt_timeout_ms", "0.3"),
        ("0.2", "/ops/main/body/0", {"kind": "effect", "verb": "time.sleep"}, "time.sleep", "0.3"),
        ("0.2", "/ops/main/body/0/args", {"idempotency_key": ONE}, "idempotency_key", "0.3"),
    ],
)
def test_a_word_that_came_after_the_version(
    version: str, place: str, part: Any, found: str, since: str
) -> None:
    older: Any = build_older(one_op(let("x", "int", ONE), return_node(ONE)), version)
    *path, last = place.split("/")[1:]
    container = older
    for key in path:
        container = container[int(key) if isinstance(container, list) else key]
    container[int(last) if isinstance(container, list) else last] = part
    (diagnostic,) = validate_document(older)
    assert (diagnostic.code.name, diagnostic.values["found"]) == ("E_LATER_WORD", found)
    assert diagnostic.values["version"] == since
    assert str(diagnostic.pointer).startswith(place)


@pytest.mark.parametrize("version", ["0.1", "0.2"])
def test_a_document_of_an_earlier_minor_version_is_the_same_program(version: str) -> None:
    document = one_op(return_node(ONE))
    older = build_older(document, version)
    before = canonical_bytes(older)
    assert validate_document(older) == []
    assert canonical_bytes(older) == before
    document["ops"]["main"]["policy"]["backoff"]["jitter"] = "none"
    assert load_document(before) == Document.model_validate(older) == Document.model_validate(document)
    assert load_document(before).ir_version == IR_VERSION


def test_a_post_of_an_earlier_document_has_no_key() -> None:
    url, body = lit("str", "https://a.example/x"), lit("str", "")
    post = effect("p", "http.post", "Response", url=url, body=body, headers=no_headers())
    sends = if_node("if-x", lit("bool", "true"), [post])
    main = build_op("int", [sends, call_node("n", "int", "helper"), return_node(ref("n"))])
    helper = {"parameters": [], "result": "int", "body": [sends, return_node(ONE)]}
    older = build_older(build_document({"main": main}, functions={"helper": helper}), "0.2")
    assert validate_document(older) == []
    loaded = load_document(canonical_bytes(older))
    for nodes in (loaded.ops["main"].body, loaded.functions["helper"].body):
        choice = nodes[0]
        assert isinstance(choice, If)
        (sent,) = choice.then
        assert isinstance(sent, Effect)
        assert sent.args["idempotency_key"] == LiteralValue(kind="lit", type="Optional[str]", value="None")


def test_functions_whose_names_run_into_each_other_are_refused_in_new_documents() -> None:
    entry = CORPUS / "E0378" / "document.json"
    document = json.loads(entry.read_bytes())
    assert names(validate_document(document)) == ["E_OWNER_NAMES"]
    assert validate_document(build_older(document, "0.2")) == []
