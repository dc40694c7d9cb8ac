"""A document with a part of every kind: whatever is put into any place, walk, shape and models agree."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from pydantic import ValidationError

from house.documents import (
    Json,
    apply,
    break_node,
    build_document,
    build_op,
    call_node,
    continue_node,
    effect,
    field_of,
    for_node,
    handler,
    if_node,
    invoke_node,
    keep_node,
    let,
    list_value,
    lit,
    map_node,
    record_value,
    ref,
    rethrow_node,
    return_node,
    try_node,
    while_node,
    yield_node,
)
from house.json_places import find_places, is_object
from opforge_ir.document import Document
from opforge_ir.grants import infer_grants
from opforge_ir.problems import Problems
from opforge_ir.selector import function_selector
from opforge_ir.triggers import event_topic
from opforge_ir.validation import validate_document
from opforge_ir.validation.forms import OneOf, get_form, get_members
from opforge_ir.validation.shape import check_shape

ONE = lit("int", "1")
TRUE = lit("bool", "true")


def _build_expressions() -> list[Json]:
    """Definitions that use every kind of expression."""
    entries = [{"key": lit("str", "a"), "value": ref("n")}]
    return [
        let("pair", "tuple[int,str]", {"kind": "tuple", "items": [ref("n"), lit("str", "x")]}),
        let("first", "int", field_of(ref("pair"), "0")),
        let("table", "dict[str,int]", {"kind": "dict", "type": "dict[str,int]", "entries": entries}),
        let("row", "Row", record_value("Row", label=lit("str", "x"), wei={"kind": "const", "name": "FLOOR"})),
        let("read", "Row", {"kind": "decode", "type": "Row", "value": lit("str", "{}")}),
        let("kept", "int", {"kind": "cond", "test": TRUE, "then": ONE, "otherwise": ref("first")}),
        let("yes", "bool", {"kind": "and", "args": [TRUE, {"kind": "or", "args": [TRUE, TRUE]}]}),
        let("twice", "int", {"kind": "call", "function": "double", "args": [ref("n")]}),
        let("side", "Side", {"kind": "enum", "enum": "Side", "part": "from_name", "of": lit("str", "BUY")}),
        let("all", "set[Side]", {"kind": "set", "type": "set[Side]", "items": [ref("side")]}),
        let("either", "Union[Mark,Row]", {"kind": "widen", "type": "Union[Mark,Row]", "value": ref("row")}),
        let("is-row", "bool", {"kind": "isinstance", "type": "Row", "value": ref("either")}),
        let("again", "Row", {"kind": "narrow", "type": "Row", "value": ref("either")}),
        let("xs", "list[int]", list_value("list[int]", ONE, apply("int.neg", ONE))),
    ]


def _build_nodes() -> list[Json]:
    """Nodes of every kind but `return`."""
    network = lit("str", "mainnet")
    token = lit("Address", "0x" + "ab" * 20)
    call = {
        "address": token,
        "arguments": {"kind": "tuple", "items": [token]},
        "at": ref("at"),
        "network": network,
    }
    static = {"contract": "ERC20", "function": "balanceOf"}
    branch = if_node("if-low", TRUE, [let("y", "int", ONE)], [], [("z", "int", ref("y"), ONE)])
    failing = if_node("if-not", TRUE, [], [{"kind": "fail", "message": lit("str", "no")}])
    add = let("sum", "int", apply("int.add", ref("total"), ref("x")))
    return [
        effect("at", "chain.block", "Block", static={"tag": "latest"}, network=network),
        effect("balance", "chain.call", "int", static=static, **call),
        call_node("called", "int", "timed", ref("n")),
        branch,
        failing,
        for_node("for-x", ref("xs"), {"x": "int"}, [add], [("total", "int", ONE, ref("sum"), "end")]),
        map_node("ys", "list[int]", ref("xs"), {"x": "int"}, [yield_node(ref("x"))]),
        {"kind": "do", "id": "do-append", "op": "list.append", "args": [ref("xs"), ONE]},
        {"kind": "require", "id": "check", "test": TRUE, "message": lit("str", "m")},
        *_build_control(),
    ]


def _build_control() -> list[Json]:
    """Nodes of every kind that leaves, catches or invokes."""
    body = [
        if_node("if-enough", TRUE, [break_node(ref("i"))]),
        if_node("if-odd", TRUE, [continue_node(ONE)]),
    ]
    rounds = while_node(
        "repeat", ONE, TRUE, body, [("i", "int", ONE, ref("i"), "rounds")], head=[let("h", "int", ONE)]
    )
    handlers = [handler("KeyError Fail", "e", let("k", "str", field_of(ref("e"), "kind")), rethrow_node("e"))]
    last = [let("last", "int", ref("best"))]
    return [
        rounds,
        try_node(
            "attempt",
            [keep_node("best", ONE)],
            *handlers,
            kept=[("best", "int", ONE, "best")],
            otherwise=last,
            always=last,
        ),
        invoke_node("invoked", "int", "helper", ref("n")),
    ]


def _build_triggers() -> list[Json]:
    """Triggers of every kind."""
    chain: Json = {"network": "mainnet", "tag": "latest", "confirmations": 3, "missed": "all", "passes": {}}
    event = {
        "event": "Paid",
        "inputs": [{"abi": "address", "place": "topic"}, {"abi": "uint256", "place": "data"}],
        "topic": event_topic("Paid(address,uint256)"),
        "addresses": ["0x" + "ab" * 20],
    }
    clock = {"expression": "0 8 * * *", "timezone": "UTC", "missed": "last", "passes": {"n": "time"}}
    return [
        {"kind": "block", "every": 10, **copy.deepcopy(chain)},
        {"kind": "log", **event, **copy.deepcopy(chain)},
        {"kind": "cron", **clock},
        {"kind": "message", "topic": "orders", "passes": {}},
        {"kind": "manual"},
    ]


def build_everything() -> Json:
    signature = "balanceOf(address)"
    parameters = [{"name": "n", "type": "int"}]
    timed = [effect("now", "time.now", "int"), return_node(apply("int.add", ref("now"), ref("n")))]
    functions = {
        "double": {
            "parameters": parameters,
            "result": "int",
            "body": [return_node(apply("int.add", ONE, ref("n")))],
        },
        "timed": {"parameters": parameters, "result": "int", "body": timed},
    }
    view = {
        "selector": function_selector(signature),
        "inputs": [{"name": "owner", "abi": "address", "type": "Address"}],
        "outputs": [{"name": "balance", "abi": "uint256", "type": "int"}],
    }
    op = build_op("int", [*_build_expressions(), *_build_nodes(), return_node(ref("end"))], {"n": "int"})
    op["parameters"][0]["default"] = [{"kind": "const", "name": "FLOOR"}]
    op["tags"] = ["daily"]
    op["triggers"] = _build_triggers()
    document = build_document(
        {"main": op, "helper": build_op("int", [return_node(ref("n"))], {"n": "int"})},
        functions=functions,
        enums={"Side": {"type": "str", "members": [{"name": "BUY", "value": "buy"}]}},
        records={"Row": {"label": "str", "wei": "int"}, "Mark": {"label": "str"}},
        constants={"FLOOR": {"type": "int", "value": ONE}},
        contracts={"ERC20": {"functions": {"balanceOf": view}}},
        networks={"mainnet": 1},
    )
    document = copy.deepcopy(document)  # so that no part stands in two places
    document["grants"] = infer_grants(document).grants
    return document


def is_accepted_by_the_models(document: Any) -> bool:
    try:
        Document.model_validate(document)
    except ValidationError:
        return False
    return True


def check_agreement(document: Any, change: str) -> None:
    shape = Problems()
    check_shape(document, shape)
    is_accepted = is_accepted_by_the_models(document)
    assert (len(shape) == 0) is is_accepted, change
    found = validate_document(document)
    assert not any(each.code.category == "internal" for each in found), change
    assert is_accepted or found, change


def test_the_document_is_right_and_has_a_part_of_every_kind() -> None:
    document = build_everything()
    assert validate_document(document) == []
    kinds = {each["kind"] for each, key in find_places(document) if key == "kind" and "first_ms" not in each}
    forms = [
        get_form(Document.model_fields["ops"].annotation),
        get_form(Document.model_fields["constants"].annotation),
    ]
    op, constant = (get_members(get_form(form.value).model) for form in forms)  # type: ignore[union-attr]
    node, expression = get_form(op["body"].item), constant["value"]  # type: ignore[union-attr]
    trigger = get_form(op["triggers"].item)  # type: ignore[union-attr]
    assert isinstance(node, OneOf)
    assert isinstance(expression, OneOf)
    assert isinstance(trigger, OneOf)
    assert kinds == {kind for kind, _ in (*node.models, *expression.models, *trigger.models)}


@pytest.mark.parametrize("value", [None, "two words", {}], ids=repr)
def test_another_value_in_every_place(value: Any) -> None:
    document = build_everything()
    for container, key in find_places(document):
        before = container[key]
        container[key] = copy.deepcopy(value)
        check_agreement(document, f"{key} of {str(container)[:200]}")
        container[key] = before


def test_every_part_removed() -> None:
    document = build_everything()
    for container, key in find_places(document):
        before = container.pop(key)
        check_agreement(document, f"without {key}: {str(container)[:200]}")
        if is_object(container):
            container[key] = before
        else:
            container.insert(key, before)


def test_a_member_too_many_in_every_object() -> None:
    document = build_everything()
    for container in {id(each): each for each, _ in find_places(document) if is_object(each)}.values():
        container["extra"] = "x"
        check_agreement(document, str(container)[:200])
        assert validate_document(document), str(container)[:200]
        del container["extra"]
