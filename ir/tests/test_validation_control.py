"""Loops that are left, errors that are caught, ops that are invoked: what is right and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from house.document_checks import ONE, append, call, function, names, one_op, places
from house.documents import (
    Json,
    apply,
    break_node,
    build_document,
    build_op,
    call_node,
    continue_node,
    effect,
    fail_node,
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
    no_headers,
    ref,
    rethrow_node,
    return_node,
    try_node,
    while_node,
    yield_node,
)
from opforge_ir.grants import infer_grants
from opforge_ir.validation import validate_document

TRUE, FALSE = lit("bool", "true"), lit("bool", "false")
TEXT = lit("str", "x")
XS = list_value("list[int]", ONE)
LAST = [let("last", "int", ONE)]


def loop(*body: Json, carried: Any = ()) -> Json:
    return for_node("for-x", XS, {"x": "int"}, body, carried)


def caught(*body: Json, id_: str = "e", errors: str = "KeyError") -> Json:
    return handler(errors, id_, *body)


@pytest.mark.parametrize(
    "body",
    [
        [loop(break_node())],
        [loop(if_node("if-a", TRUE, [continue_node()]), break_node())],
        [loop(break_node(ref("n")), carried=[("n", "int", ONE, ref("n"), "n")])],
        [loop(try_node("try", [break_node()], always=LAST))],
        [loop(try_node("try", [let("y", "int", ONE)], always=[continue_node()]))],
        [loop(try_node("try", [let("y", "int", ONE)], caught(break_node())))],
        [map_node("ys", "list[int]", XS, {"x": "int"}, [for_node("l", XS, {"z": "int"}, [break_node()])])],
        [map_node("ys", "list[int]", XS, {"x": "int"}, [try_node("t", [yield_node(ONE)], always=LAST)])],
        [
            try_node(
                "try", [let("y", "int", ONE)], caught(let("y", "int", ONE)), otherwise=[let("y", "int", ONE)]
            )
        ],
        [try_node("try", [fail_node("no")], caught(rethrow_node("e")), caught(id_="e-2", errors="Fail"))],
        [
            try_node(
                "try",
                [try_node("inner", [keep_node("n", ONE)], caught(keep_node("n", ref("n"))))],
                kept=[("n", "int", ONE, "n")],
                always=[keep_node("n", ONE)],
            ),
            let("after", "int", ref("n")),
        ],
        [
            try_node(
                "try",
                [let("y", "int", ONE)],
                caught(map_node("ys", "list[int]", XS, {"x": "int"}, [rethrow_node("e")])),
            )
        ],
        [try_node("try", [let("y", "int", ONE)], caught(let("k", "str", field_of(ref("e"), "message"))))],
        [
            while_node(
                "w", ONE, ref("go"), [], [("i", "int", ONE, ref("i"), "i")], head=[let("go", "bool", TRUE)]
            )
        ],
        [while_node("w", ONE, TRUE, [break_node()])],
    ],
)
def test_a_right_body(body: list[Json]) -> None:
    assert validate_document(one_op(*body, return_node(ONE))) == []


@pytest.mark.parametrize(
    "body",
    [
        [try_node("try", [return_node(ONE)], caught(fail_node("no")))],
        [try_node("try", [let("y", "int", ONE)], caught(return_node(ONE)), otherwise=[return_node(ONE)])],
        [try_node("try", [let("y", "int", ONE)], caught(rethrow_node("e")), always=[return_node(ONE)])],
        [while_node("w", ONE, TRUE, [if_node("if-a", TRUE, [return_node(ONE)])])],
    ],
)
def test_a_body_that_cannot_fall_through(body: list[Json]) -> None:
    assert validate_document(one_op(*body)) == []
    found = validate_document(one_op(*body, return_node(ONE)))
    assert places(found) == [("E_AFTER_TERMINATOR", "/ops/main/body/1")]


@pytest.mark.parametrize(
    ("node", "code", "place"),
    [
        (break_node(), "E_LOOP_EXIT_OUTSIDE", ""),
        (if_node("i", TRUE, [continue_node()]), "E_LOOP_EXIT_OUTSIDE", "/then/0"),
        (
            loop(map_node("ys", "list[int]", XS, {"z": "int"}, [break_node()])),
            "E_LOOP_EXIT_OUTSIDE",
            "/body/0/body/0",
        ),
        (
            loop(while_node("w", ONE, TRUE, [], head=[if_node("i", TRUE, [break_node()])])),
            "E_LOOP_EXIT_OUTSIDE",
            "/body/0/head/0/then/0",
        ),
        (loop(break_node(ONE)), "E_ARGUMENT_COUNT", "/body/0/values"),
        (
            loop(continue_node(TEXT), carried=[("n", "int", ONE, ONE, "n")]),
            "E_TYPE_CONFLICT",
            "/body/0/values/0",
        ),
        (loop(break_node(), let("y", "int", ONE)), "E_AFTER_TERMINATOR", "/body/1"),
        (while_node("w", TEXT, FALSE, []), "E_TYPE_CONFLICT", "/limit"),
        (while_node("w", ONE, ONE, []), "E_TYPE_CONFLICT", "/test"),
        (while_node("w", ONE, FALSE, [], head=[fail_node("no")]), "E_AFTER_TERMINATOR", "/test"),
        (
            while_node("w", ONE, FALSE, [let("y", "int", ref("h"))], head=[let("h", "int", ONE)]),
            "E_UNKNOWN_REF",
            "/body/0/value",
        ),
        (keep_node("n", ONE), "E_UNKNOWN_CELL", "/name"),
        (try_node("t", [keep_node("y", ONE)], caught()), "E_UNKNOWN_CELL", "/body/0/name"),
        (
            try_node("t", [keep_node("n", TEXT)], caught(), kept=[("n", "int", ONE, "m")]),
            "E_TYPE_CONFLICT",
            "/body/0/value",
        ),
        (try_node("t", [], caught(), kept=[("n", "int", TEXT, "m")]), "E_TYPE_CONFLICT", "/kept/0/init"),
        (
            try_node(
                "t",
                [map_node("ys", "list[int]", XS, {"z": "int"}, [keep_node("n", ONE)])],
                caught(),
                kept=[("n", "int", ONE, "m")],
            ),
            "E_KEEP_INSIDE_MAP",
            "/body/0/body/0",
        ),
        (try_node("t", [], otherwise=[let("y", "int", ONE)]), "E_TRY_WITHOUT_HANDLER", ""),
        (try_node("t", [fail_node("no")], caught(), otherwise=LAST), "E_AFTER_TERMINATOR", "/otherwise/0"),
        (
            try_node("t", [let("y", "int", ONE)], caught(let("z", "int", ref("y")))),
            "E_UNKNOWN_REF",
            "/handlers/0/body/0/value",
        ),
        (try_node("t", [], caught(), caught(errors="Fail")), "E_DUPLICATE_ID", "/handlers/1/id"),
        (try_node("t", [], caught(errors="Fail Fail")), "E_DUPLICATE_MEMBER", "/handlers/0/errors/1"),
        (try_node("t", [], caught(errors="Exception")), "E_NOT_ALLOWED", "/handlers/0/errors/0"),
        (try_node("t", [rethrow_node("e")], caught()), "E_RETHROW_OUTSIDE_HANDLER", "/body/0/error"),
        (
            try_node("t", [], caught(let("k", "int", field_of(ref("e"), "kind")))),
            "E_TYPE_CONFLICT",
            "/handlers/0/body/0/value",
        ),
        (invoke_node("i", "int", "none", ONE), "E_UNKNOWN_OP", "/op"),
        (invoke_node("i", "int", "other"), "E_ARGUMENT_COUNT", "/args"),
        (invoke_node("i", "int", "other", TEXT), "E_TYPE_CONFLICT", "/args/0"),
        (invoke_node("i", "str", "other", ONE), "E_TYPE_CONFLICT", "/type"),
    ],
)
def test_a_refused_node(node: Json, code: str, place: str) -> None:
    ends = [] if node["kind"] == "break" else [return_node(ONE)]
    other = build_op("int", [return_node(ref("n"))], {"n": "int"})
    document = build_document({"main": build_op("int", [node, *ends]), "other": other})
    assert places(validate_document(document)) == [(code, f"/ops/main/body/0{place}")]


def test_calls_in_a_circle_over_ops_and_functions_are_refused() -> None:
    helper = function("int", {}, invoke_node("i", "int", "other"), return_node(ref("i")))
    document = build_document(
        {
            "main": build_op("int", [call_node("c", "int", "helper"), return_node(ref("c"))]),
            "other": build_op("int", [invoke_node("i", "int", "main"), return_node(ref("i"))]),
        },
        functions={"helper": helper},
    )
    (found,) = validate_document(document)
    assert (found.code.name, found.values["path"]) == ("E_RECURSIVE_OP", "main > helper > other > main")
    assert found.pointer == "/ops/main/body/0"


def test_a_function_that_invokes_is_called_by_a_node() -> None:
    helper = function("int", {}, invoke_node("i", "int", "other"), return_node(ref("i")))
    ops = {
        "main": build_op("int", [return_node(call("helper"))]),
        "other": build_op("int", [return_node(ONE)]),
    }
    document = build_document(ops, functions={"helper": helper})
    assert names(validate_document(document)) == ["E_CALL_NEEDS_NODE"]


# --- values that are followed ---------------------------------------------------------------------


ROWS = {"type": "list[int]", "value": list_value("list[int]", ONE)}
CONST: Json = {"kind": "const", "name": "ROWS"}
NEW = list_value("list[int]")


def kept_rows(*body: Json, first: Json = NEW) -> Json:
    return try_node("try", body, caught(), kept=[("rows", "list[int]", first, "rows")])


@pytest.mark.parametrize(
    "body",
    [
        [kept_rows(keep_node("rows", CONST)), append(ref("rows"), ONE)],
        [kept_rows(loop(append(ref("rows"), ONE), keep_node("rows", CONST)))],
        [
            loop(break_node(CONST), carried=[("rows", "list[int]", NEW, ref("rows"), "rows")]),
            append(ref("rows"), ONE),
        ],
        [
            while_node(
                "w",
                ONE,
                TRUE,
                [append(ref("rows"), ONE), continue_node(CONST)],
                [("rows", "list[int]", NEW, ref("rows"), "end")],
            ),
        ],
        [invoke_node("i", "int", "change", CONST)],
        [loop(try_node("t", [fail_node("")], always=[continue_node()])), append(CONST, ONE)],
    ],
)
def test_a_change_of_what_may_be_a_constant(body: list[Json]) -> None:
    change = build_op("int", [append(ref("xs"), ONE), return_node(ONE)], {"xs": "list[int]"})
    ends = [] if body[-1]["kind"] == "while" else [return_node(ONE)]
    ops = {"main": build_op("int", [*body, *ends]), "change": change}
    document = build_document(ops, constants={"ROWS": ROWS})
    assert names(validate_document(document)) == ["E_CHANGE_OF_CONSTANT"]


def test_what_a_break_gives_is_not_in_the_loop() -> None:
    rounds = loop(
        append(ref("rows"), ONE),
        if_node("i", TRUE, [break_node(CONST)]),
        carried=[("rows", "list[int]", NEW, ref("rows"), "end")],
    )
    document = one_op(rounds, return_node(apply("list.len", ref("end"))), constants={"ROWS": ROWS})
    assert validate_document(document) == []


def test_an_op_that_changes_what_it_is_given_is_not_invoked_in_a_map() -> None:
    change = build_op("int", [append(ref("xs"), ONE), return_node(ONE)], {"xs": "list[int]"})
    body = [
        let("rows", "list[int]", NEW),
        map_node("ys", "list[int]", XS, {"x": "int"}, [invoke_node("i", "int", "change", ref("rows"))]),
        return_node(ONE),
    ]
    document = build_document({"main": build_op("int", body), "change": change})
    assert names(validate_document(document)) == ["E_CHANGE_IN_MAP"]


def get(url: Json) -> Json:
    return effect("answer", "http.get", "Response", url=url, headers=no_headers())


def url(host: str) -> Json:
    return lit("str", f"https://{host}/")


def infer_hosts(*body: Json, **ops: Json) -> list[str]:
    document = build_document({"main": build_op("int", [*body, return_node(ONE)]), **ops})
    inference = infer_grants(document)
    assert inference.diagnostics == []
    assert validate_document(document) == []
    return list(inference.grants["http"])


def test_hosts_are_followed_through_what_a_loop_hands_on() -> None:
    rounds = while_node(
        "w",
        ONE,
        ref("go"),
        [
            if_node("i", TRUE, [continue_node(url("b"))]),
            if_node("j", TRUE, [break_node(url("c"))]),
            get(ref("u")),
        ],
        [("u", "str", url("a"), url("d"), "end")],
        head=[let("go", "bool", TRUE)],
    )
    assert infer_hosts(rounds) == ["a", "b", "d"]
    assert infer_hosts(rounds, {**get(ref("end")), "id": "answer-2"}) == ["a", "b", "c", "d"]


def test_hosts_are_followed_through_what_a_try_keeps() -> None:
    node = try_node(
        "t",
        [keep_node("u", url("b")), keep_node("u", url("c"))],
        caught(get(ref("u"))),
        kept=[("u", "str", url("a"), "u")],
    )
    assert infer_hosts(node) == ["a", "b", "c"]


def test_a_host_that_a_loop_hands_on_as_it_is_stays_known() -> None:
    inner = for_node(
        "inner",
        XS,
        {"y": "int"},
        [if_node("i", TRUE, [continue_node(ref("v"))]), if_node("j", TRUE, [break_node(url("c"))])],
        [("v", "str", ref("u"), ref("v"), "w")],
    )
    chosen = if_node("k", TRUE, [], [], [("chosen", "str", ref("w"), ref("u"))])
    rounds = loop(inner, chosen, carried=[("u", "str", url("a"), ref("chosen"), "end")])
    assert infer_hosts(rounds, get(ref("end"))) == ["a", "c"]


def test_a_text_that_grows_with_each_round_is_known_at_its_front_only() -> None:
    longer = loop(carried=[("u", "str", url("a"), apply("str.concat", ref("u"), TEXT), "end")])
    document = one_op(longer, get(ref("end")), return_node(ONE))
    assert names(infer_grants(document).diagnostics) == ["E_HOST_NOT_KNOWN"]
    behind = apply("str.concat", url("a"), ref("end"))
    assert infer_hosts(longer, get(behind)) == ["a"]


def test_hosts_are_followed_out_of_an_invoked_op_and_not_into_it() -> None:
    choose = build_op("str", [return_node(url("a"))])
    assert infer_hosts(invoke_node("u", "str", "choose"), get(ref("u")), choose=choose) == ["a"]
    ask = build_op("int", [get(ref("u")), return_node(ONE)], {"u": "str"})
    document = build_document(
        {"main": build_op("int", [invoke_node("i", "int", "ask", url("a")), return_node(ONE)]), "ask": ask}
    )
    assert [each.code.name for each in infer_grants(document).diagnostics] == ["E_HOST_NOT_KNOWN"]


def test_the_text_of_an_error_is_no_known_host() -> None:
    body = [try_node("t", [], caught(get(field_of(ref("e"), "message"))))]
    document = one_op(*body, return_node(ONE))
    assert names(infer_grants(document).diagnostics) == ["E_HOST_NOT_KNOWN"]


@pytest.mark.parametrize("mark", ["else", "except", "finally", "while"])
def test_an_id_that_marks_a_region(mark: str) -> None:
    inner = if_node(mark, TRUE, [effect("now", "time.now", "int")])
    body = [try_node("try", [inner], always=[effect("now", "time.now", "int")]), return_node(ONE)]
    assert places(validate_document(one_op(*body))) == [("E_RESERVED_ID", "/ops/main/body/0/body/0/id")]


def test_a_map_within_itself() -> None:
    body = [map_node("ys", "list[int]", XS, {"x": "int"}, [yield_node(apply("list.len", ref("ys")))])]
    assert places(validate_document(one_op(*body, return_node(ONE)))) == [
        ("E_REF_WITHOUT_VALUE", "/ops/main/body/0/body/0/value/args/0")
    ]
