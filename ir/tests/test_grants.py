"""Grants are found in the program: minimal where a value can be followed, refused where it must be."""

from __future__ import annotations

from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
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
    no_key,
    record_value,
    ref,
    return_node,
    yield_node,
)
from house.grant_checks import (
    ADDRESSES,
    BALANCE_OF,
    ERC20,
    NONE,
    ONE,
    balance_of,
    block,
    const,
    function,
    get,
    infer,
    infer_networks,
    loop_over,
    one_op,
    refusals,
    text,
)

# --- what is granted ----------------------------------------------------------------------------


def test_a_program_without_effects_needs_nothing() -> None:
    assert infer(one_op()) == {"chain": {}, "http": {}, "ambient": []}


def test_ambient_capabilities_are_granted_by_name_in_order() -> None:
    document = one_op(
        effect("now", "time.now", "int"),
        effect("dice", "random.integer", "int", low=ONE, high=ONE),
        effect("log", "log.info", "None", message=text("x")),
        effect("again", "log.warning", "None", message=text("x")),
    )
    assert infer(document)["ambient"] == ["log", "random", "time"]


def test_a_call_is_granted_by_network_address_and_selector() -> None:
    network = field_of(ref("at"), "network")
    document = one_op(
        block(text("mainnet")),
        balance_of(lit("Address", ADDRESSES[0]), network),
        contracts={"ERC20": ERC20},
        networks={"mainnet": 1},
    )
    assert infer(document)["chain"] == {
        "mainnet": {
            "reads": ["chain.block"],
            "calls": {ADDRESSES[0]: {"functions": {BALANCE_OF: "balanceOf(address)"}}},
        }
    }


@pytest.mark.parametrize(
    ("address", "parameters", "expected"),
    [
        (lit("Address", ADDRESSES[1]), {}, [ADDRESSES[1]]),
        (ref("token"), {"token": "Address"}, ["any"]),
        (const("TOKEN"), {}, [ADDRESSES[2]]),
        (
            {
                "kind": "cond",
                "test": ref("is_test"),
                "then": lit("Address", ADDRESSES[0]),
                "otherwise": lit("Address", ADDRESSES[1]),
            },
            {"is_test": "bool"},
            ADDRESSES[:2],
        ),
    ],
)
def test_addresses(address: Json, parameters: dict[str, str], expected: list[str]) -> None:
    constant = {"TOKEN": {"type": "Address", "value": lit("Address", ADDRESSES[2])}}
    document = one_op(
        block(text("mainnet")),
        balance_of(address, text("mainnet")),
        parameters=parameters,
        contracts={"ERC20": ERC20},
        constants=constant if address == const("TOKEN") else {},
        networks={"mainnet": 1},
    )
    assert list(infer(document)["chain"]["mainnet"]["calls"]) == expected


def test_methods_of_a_host_are_listed_together() -> None:
    post = effect(
        "p",
        "http.post",
        "Response",
        url=text("https://a.example/x"),
        body=text(""),
        headers=no_headers(),
        idempotency_key=no_key(),
    )
    document = one_op(post, get(text("https://a.example/y")), get(text("https://b.example"), "b"))
    assert infer(document)["http"] == {"a.example": ["http.get", "http.post"], "b.example": ["http.get"]}


# --- how values are followed --------------------------------------------------------------------

TARGETS = {
    "type": "list[Target]",
    "value": list_value(
        "list[Target]",
        *(record_value("Target", network=text(name), label=text("x")) for name in ("mainnet", "base")),
    ),
}
TARGET = {"Target": {"network": "str", "label": "str"}}
NAMES = list_value("list[str]", text("mainnet"), text("base"))
BOTH = ("mainnet", "base")
BY_KEY: Json = {
    "kind": "dict",
    "type": "dict[str,str]",
    "entries": [{"key": text("a"), "value": text("base")}, {"key": text("b"), "value": text("mainnet")}],
}
ONE_BY_KEY: Json = {**BY_KEY, "entries": [{"key": text("a"), "value": text("mainnet")}]}
LOG = effect("log", "log.info", "None", message=text("x"))
READS = function({"network": "str"}, block(ref("network")), return_node(NONE))


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        pytest.param(
            [for_node("for-n", NAMES, {"n": "str"}, [block(ref("n"))])], {}, id="a loop over constants"
        ),
        pytest.param(
            [let("names", "list[str]", NAMES), for_node("f", ref("names"), {"n": "str"}, [block(ref("n"))])],
            {},
            id="a list with a name",
        ),
        pytest.param(
            [for_node("f", const("TARGETS"), {"t": "Target"}, [block(field_of(ref("t"), "network"))])],
            {"constants": {"TARGETS": TARGETS}, "records": TARGET},
            id="a field of constant records",
        ),
        pytest.param(
            [
                for_node(
                    "f",
                    apply("list.enumerate", NAMES, ONE),
                    {"i": "int", "n": "str"},
                    [block(ref("n"))],
                )
            ],
            {},
            id="enumerate",
        ),
        pytest.param(
            [
                for_node(
                    "f",
                    apply("list.zip", NAMES, NAMES),
                    {"p": "tuple[str,str]"},
                    [block(field_of(ref("p"), "1"))],
                )
            ],
            {},
            id="the second of pairs",
        ),
        pytest.param(
            [
                map_node("m", "list[str]", NAMES, {"n": "str"}, [yield_node(ref("n"))]),
                for_node("f", ref("m"), {"k": "str"}, [block(ref("k"))]),
            ],
            {},
            id="what a map yields",
        ),
        pytest.param(
            [
                if_node("if-x", lit("bool", "true"), [], [], [("n", "str", text("base"), text("mainnet"))]),
                block(ref("n")),
            ],
            {},
            id="the result of an if",
        ),
        pytest.param(
            [call_node("a", "None", "reads", text("base")), call_node("b", "None", "reads", text("mainnet"))],
            {"functions": {"reads": READS}},
            id="a parameter, over all calls",
        ),
        pytest.param(
            [
                block({"kind": "call", "function": "pick", "args": [text("base")]}, "a"),
                block({"kind": "call", "function": "pick", "args": [text("mainnet")]}, "b"),
            ],
            {"functions": {"pick": function({"n": "str"}, return_node(ref("n")), result="str")}},
            id="what a call returns",
        ),
        pytest.param(
            [
                for_node(
                    "f",
                    list_value("list[int]", ONE),
                    {"i": "int"},
                    [block(ref("current"))],
                    [("current", "str", text("mainnet"), text("base"), "last")],
                )
            ],
            {},
            id="a carried value",
        ),
        pytest.param(
            [
                let(
                    "by_name",
                    "dict[str,str]",
                    {
                        "kind": "dict",
                        "type": "dict[str,str]",
                        "entries": [
                            {"key": text("mainnet"), "value": text("x")},
                            {"key": text("base"), "value": text("y")},
                        ],
                    },
                ),
                for_node("f", apply("dict.keys", ref("by_name")), {"k": "str"}, [block(ref("k"))]),
            ],
            {},
            id="the keys of a dict",
        ),
        pytest.param(
            [loop_over(apply("list.reversed", apply("list.concat", list_value("list[str]"), NAMES)))],
            {},
            id="reversed and joined",
        ),
        pytest.param(
            [loop_over(apply("list.flatten", list_value("list[list[str]]", NAMES)))], {}, id="flattened"
        ),
        pytest.param([loop_over(apply("dict.values", BY_KEY))], {}, id="the values of a dict"),
        pytest.param(
            [for_node("f", apply("dict.items", BY_KEY), {"k": "str", "v": "str"}, [block(ref("v"))])],
            {},
            id="the items of a dict",
        ),
        pytest.param([block(apply("list.get", NAMES, ONE))], {}, id="an item of a list"),
        pytest.param([block(apply("dict.item", BY_KEY, text("a")))], {}, id="an entry of a dict"),
        pytest.param(
            [block(apply("dict.get", ONE_BY_KEY, text("a"), text("base")))], {}, id="an entry or a default"
        ),
        pytest.param(
            [block(apply("optional.value", apply("dict.find", BY_KEY, text("a"))))],
            {},
            id="an Optional entry",
        ),
        pytest.param(
            [
                block(
                    {
                        "kind": "cond",
                        "test": lit("bool", "true"),
                        "then": text("base"),
                        "otherwise": text("mainnet"),
                    }
                )
            ],
            {},
            id="one of two",
        ),
        pytest.param(
            [
                let("pair", "tuple[str,str]", {"kind": "tuple", "items": [text("base"), text("mainnet")]}),
                block(field_of(ref("pair"), "0")),
                block(field_of(ref("pair"), "1"), "other"),
            ],
            {},
            id="the items of a tuple",
        ),
        pytest.param(
            [
                block(apply("str.concat", text("main"), text("net"))),
                call_node("c", "str", "named", text("base")),
                block(ref("c"), "b"),
            ],
            {"functions": {"named": function({"n": "str"}, LOG, return_node(ref("n")), result="str")}},
            id="what a call node returns",
        ),
        pytest.param(
            [
                block(text("base")),
                block(field_of(ref("at"), "network"), "again"),
                block(text("mainnet"), "other"),
            ],
            {},
            id="the network of a block",
        ),
    ],
)
def test_a_network_is_followed_through(body: list[Json], tables: dict[str, Any]) -> None:
    assert infer_networks(*body, used=BOTH, **tables) == ["base", "mainnet"]


def test_a_call_sees_its_own_arguments_only() -> None:
    """The host that one call is given is not granted what only the other one asks."""
    join_url = function(
        {"host": "str"}, return_node(apply("str.concat", text("https://"), ref("host"))), result="str"
    )
    first = {"kind": "call", "function": "join", "args": [text("a.example/")]}
    second = {"kind": "call", "function": "join", "args": [text("b.example/")]}
    post = effect(
        "p",
        "http.post",
        "Response",
        url=second,
        body=text(""),
        headers=no_headers(),
        idempotency_key=no_key(),
    )
    document = one_op(get(first), post, functions={"join": join_url})
    assert infer(document)["http"] == {"a.example": ["http.get"], "b.example": ["http.post"]}


@pytest.mark.parametrize(
    ("body", "tables"),
    [
        pytest.param([block(ref("n"))], {"parameters": {"n": "str"}}, id="an input"),
        pytest.param(
            [get(text("https://a.example/")), block(field_of(ref("answer"), "text"))], {}, id="an answer"
        ),
        pytest.param([block(apply("int.str", ONE))], {}, id="an operator that is not followed"),
        pytest.param(
            [block(apply("str.concat", text("main"), ref("n")))],
            {"parameters": {"n": "str"}},
            id="a beginning",
        ),
    ],
)
def test_a_network_that_is_not_known_is_refused(body: list[Json], tables: dict[str, Any]) -> None:
    place = f"/ops/main/body/{len(body) - 1}/args/network"
    assert refusals(*body, **tables) == [("E_NETWORK_NOT_KNOWN", place)]


def test_a_list_that_is_changed_is_not_followed() -> None:
    names = let("names", "list[str]", NAMES)
    append = {"kind": "do", "id": "d", "op": "list.append", "args": [ref("names"), ref("extra")]}
    loop = for_node("f", ref("names"), {"n": "str"}, [block(ref("n"))])
    assert refusals(names, append, loop, parameters={"extra": "str"}) == [
        ("E_NETWORK_NOT_KNOWN", "/ops/main/body/2/body/0/args/network")
    ]


def test_a_list_changed_under_another_name_is_not_followed() -> None:
    add = function(
        {"to": "list[str]", "extra": "str"},
        {"kind": "do", "id": "d", "op": "list.append", "args": [ref("to"), ref("extra")]},
        return_node(NONE),
    )
    body = [
        let("names", "list[str]", NAMES),
        call_node("c", "None", "add", ref("names"), ref("extra")),
        for_node("f", ref("names"), {"n": "str"}, [block(ref("n"))]),
    ]
    found = refusals(*body, parameters={"extra": "str"}, functions={"add": add})
    assert found == [("E_NETWORK_NOT_KNOWN", "/ops/main/body/2/body/0/args/network")]


def test_a_loop_over_nothing_needs_no_network() -> None:
    document = one_op(for_node("f", list_value("list[str]"), {"n": "str"}, [block(ref("n"))]))
    assert infer(document)["chain"] == {}


def test_calls_that_double_at_each_level_are_given_up_in_bounded_time() -> None:
    """Followed call by call, the last function would be evaluated 2^30 times."""
    functions = {"f-0": function({"n": "str"}, return_node(ref("n")), result="str")}
    for level in range(1, 31):
        inner = {"kind": "call", "function": f"f-{level - 1}", "args": [ref("n")]}
        cond = {"kind": "cond", "test": lit("bool", "true"), "then": inner, "otherwise": inner}
        functions[f"f-{level}"] = function({"n": "str"}, return_node(cond), result="str")
    network = {"kind": "call", "function": "f-30", "args": [text("mainnet")]}
    assert refusals(block(network), functions=functions) == [
        ("E_NETWORK_NOT_KNOWN", "/ops/main/body/0/args/network")
    ]


def test_a_text_that_doubles_at_each_step_is_known_at_its_front() -> None:
    """It would have 2**28 times a hundred characters, and no program may hold so many."""
    body = [let("a-0", "str", text("https://a.example/" + "x" * 82))]
    body += [let(f"a-{n + 1}", "str", apply("str.concat", ref(f"a-{n}"), ref(f"a-{n}"))) for n in range(28)]
    assert list(infer(one_op(*body, get(ref("a-28"))))["http"]) == ["a.example"]


def test_a_text_that_is_filled_up_is_known_at_its_front() -> None:
    filled = apply("str.format", text("https://a.example/"), text("<16000000"))
    assert list(infer(one_op(get(apply("str.concat", filled, text("x")))))["http"]) == ["a.example"]
