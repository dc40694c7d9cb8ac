"""Waits, child runs, events, keys and compensation in a document."""

from __future__ import annotations

from typing import Any

import pytest

from house.document_checks import ONE, names
from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    invoke_node,
    let,
    lit,
    map_node,
    no_headers,
    no_key,
    ref,
    return_node,
    return_none,
    yield_node,
)
from opforge_ir.capabilities import VERBS
from opforge_ir.jsontext import read_json
from opforge_ir.types import parse_type
from opforge_ir.validation import validate_document
from opforge_ir.values import ValueCodec

FOREVER = lit("Optional[int]", "None")
TAKEN: Json = {"kind": "tuple", "items": [lit("str", "a"), ONE]}


def wait(kind: str = "bool", name: str = "approve") -> Json:
    return effect("answer", "signal.wait", kind, static={"name": name}, timeout_seconds=FOREVER)


def child(arguments: Json, *, op: str = "settle", kind: str = "int") -> Json:
    return effect("total", "run.child", kind, static={"op": op}, arguments=arguments)


def emit(value: Json, kind: str, name: str = "settled") -> Json:
    return effect("told", "event.emit", "None", static={"name": name, "type": kind}, value=value)


def build(*body: Json, **ops: Json) -> Json:
    settle = build_op("int", [return_node(ref("limit"))], {"order": "str", "limit": "int"})
    return build_document({"main": build_op("None", [*body, return_none()]), "settle": settle, **ops})


def check(document: Json) -> list[str]:
    return names(validate_document(document))


def test_waits_children_and_events_with_their_grants() -> None:
    sleeps = [
        effect("a", "time.sleep", "None", seconds=ONE),
        effect("b", "time.until", "None", epoch_seconds=ONE),
    ]
    document = build(*sleeps, wait(), child(TAKEN), emit(ref("total"), "int"))
    assert check(document) == []
    assert document["grants"]["ambient"] == ["event", "run", "signal", "time"]


@pytest.mark.parametrize(
    "kind", ["None", "int", "Optional[str]", "list[tuple[Address,Decimal]]", "dict[str,bytes]"]
)
def test_a_signal_carries_what_its_node_states(kind: str) -> None:
    assert check(build(wait(kind))) == []


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (wait("Nothing"), ["E_TYPE_NOT_DEFINED"]),
        (wait(name="go ahead"), ["E_STATIC_NAME"]),
        (wait(name=""), ["E_STATIC_NAME"]),
        (child(TAKEN, op="settled"), ["E_UNKNOWN_OP"]),
        (child(TAKEN, kind="str"), ["E_TYPE_CONFLICT"]),
        (child({"kind": "tuple", "items": [ONE, ONE]}), ["E_TYPE_CONFLICT"]),
        (child({"kind": "tuple", "items": [lit("str", "a")]}), ["E_TYPE_CONFLICT"]),
        (emit(ONE, "str"), ["E_TYPE_CONFLICT"]),
        (emit(ONE, "Nothing"), ["E_TYPE_NOT_DEFINED"]),
        (emit(ONE, "int", name="two words"), ["E_STATIC_NAME"]),
        (effect("x", "time.sleep", "None", seconds=lit("str", "2h")), ["E_TYPE_CONFLICT"]),
    ],
)
def test_what_does_not_fit_is_one_problem(node: Json, expected: list[str]) -> None:
    assert check(build(node)) == expected


def test_a_child_without_parameters_gets_the_empty_tuple() -> None:
    tick = build_op("int", [return_node(ONE)])
    assert check(build(child({"kind": "tuple", "items": []}, op="tick"), tick=tick)) == []


def test_a_type_that_only_an_event_states_is_in_use() -> None:
    document = build_document(
        {
            "main": build_op(
                "None",
                [emit({"kind": "list", "type": "list[Order]", "items": []}, "list[Order]"), return_none()],
            )
        },
        records={"Order": {"id": "str"}},
    )
    assert check(document) == []


def test_an_op_that_runs_itself_through_others_is_refused() -> None:
    again = build_op("None", [child({"kind": "tuple", "items": []}, op="main", kind="None"), return_none()])
    assert check(build(child({"kind": "tuple", "items": []}, op="again", kind="None"), again=again)) == [
        "E_RECURSIVE_OP"
    ]


# --- compensation ---------------------------------------------------------------------------------------


def compensated(parameters: dict[str, str], *undoing: str, **ops: Json) -> Json:
    main = build_op("None", [return_none()], {"order": "str"}, compensation=undoing)
    return build_document({"main": main, "undo": build_op("int", [return_node(ONE)], parameters), **ops})


def test_an_op_is_undone_by_one_with_the_same_parameters() -> None:
    assert check(compensated({"order": "str"}, "undo")) == []
    assert check(compensated({"named-otherwise": "str"}, "undo")) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (compensated({}, "undo"), ["E_COMPENSATION_PARAMETERS"]),
        (compensated({"order": "int"}, "undo"), ["E_COMPENSATION_PARAMETERS"]),
        (compensated({"order": "str"}, "undone"), ["E_UNKNOWN_OP"]),
        (compensated({"order": "str"}, "main"), ["E_RECURSIVE_OP"]),
        (compensated({"order": "str"}, "undo", "undo"), ["E_ITEM_COUNT"]),
        (compensated({"order": "str"}, "not a name"), ["E_MALFORMED_TEXT"]),
        (compensated({"order": "Nothing"}, "undo"), ["E_TYPE_NOT_DEFINED"]),
    ],
)
def test_what_cannot_undo_is_refused(document: Json, expected: list[str]) -> None:
    assert check(document) == expected


def test_ops_that_undo_each_other_are_refused() -> None:
    back = build_op("None", [return_none()], {"order": "str"}, compensation=["main"])
    document = build_document(
        {"main": build_op("None", [return_none()], {"order": "str"}, compensation=["back"]), "back": back}
    )
    assert check(document) == ["E_RECURSIVE_OP"]


def test_what_undoing_changes_is_changed_by_the_op() -> None:
    """`pay` is invoked in a map, and what undoes it clears a list that no iteration has made."""
    clear: Json = {"kind": "do", "id": "clear", "op": "list.clear", "args": [ref("items")]}
    undo = build_op("None", [clear, return_none()], {"items": "list[int]"})
    pay = build_op("int", [return_node(ONE)], {"items": "list[int]"}, compensation=["undo"])
    calls = [invoke_node("paid", "int", "pay", ref("items")), yield_node(ref("paid"))]
    fanned = map_node("m", "list[int]", ref("items"), {"n": "int"}, calls)
    main = build_op("list[int]", [fanned, return_node(ref("m"))], {"items": "list[int]"})
    document = build_document({"main": main, "pay": pay, "undo": undo})
    assert check(document) == ["E_CHANGE_IN_MAP"]
    document["ops"]["pay"]["compensation"] = []
    assert check(document) == []


# --- keys and dry runs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "key", [no_key(), {"kind": "apply", "op": "optional.some", "args": [lit("str", "k")]}]
)
def test_a_post_may_have_a_key(key: Any) -> None:
    url, body = lit("str", "https://a.example/x"), lit("str", "")
    post = effect("p", "http.post", "Response", url=url, body=body, headers=no_headers(), idempotency_key=key)
    assert check(build(let("x", "int", ONE), post)) == []


def test_every_side_effect_says_what_stands_in_for_it_and_nothing_else_does() -> None:
    codec = ValueCodec({})
    for verb in VERBS.values():
        assert (verb.skipped is not None) is (verb.effect == "side_effect"), verb.name
        if verb.skipped is not None:
            kind, stored = parse_type(verb.result), read_json(verb.skipped.encode())
            assert codec.encode(kind, codec.decode(kind, stored)) == stored


def test_a_key_is_a_parameter_that_may_be_none() -> None:
    keyed = {verb.name: verb for verb in VERBS.values() if verb.key}
    assert list(keyed) == ["http.post"]
    for verb in keyed.values():
        (parameter,) = [each for each in verb.parameters if each.name == verb.key]
        assert parameter.type == "Optional[str]"
        assert not verb.is_idempotent
