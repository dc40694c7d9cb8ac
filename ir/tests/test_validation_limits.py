"""Documents that would cost more than they are long are refused, or given up on, at a limit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    call_node,
    effect,
    for_node,
    let,
    list_value,
    lit,
    no_headers,
    ref,
    return_node,
)
from opforge_ir.document import Document
from opforge_ir.grants import evaluate, infer_grants
from opforge_ir.selector import function_selector
from opforge_ir.types import MAX_TYPE_LENGTH
from opforge_ir.validation import validate_document
from opforge_ir.validation.calls import find_cycles

ONE = lit("int", "1")


def one_op(*nodes: Json, parameters: dict[str, str] | None = None) -> Json:
    return build_document({"main": build_op("int", [*nodes, return_node(ONE)], parameters)})


def found(document: Json) -> list[tuple[str, str | None]]:
    return [(each.code.name, each.pointer) for each in validate_document(document)]


def tuple_type(length: int) -> str:
    """A type of exactly this many characters."""
    items = ["int"] * ((length - len("tuple[]") - 20) // 4)
    rest = length - len(f"tuple[{','.join(items)}]")
    return f"tuple[{','.join([*items, 'R' * (rest - 1)])}]"


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (MAX_TYPE_LENGTH, []),
        (MAX_TYPE_LENGTH + 1, [("E_TEXT_TOO_LONG", "/ops/main/parameters/0/type")]),
    ],
)
def test_a_type_is_stated_in_so_many_characters(length: int, expected: list[tuple[str, str]]) -> None:
    text = tuple_type(length)
    assert len(text) == length
    record = text.rpartition(",")[2].rstrip("]")
    op = build_op("int", [return_node(ONE)], {"all": text})
    document = build_document({"main": op}, records={record: {"x": "int"}})
    assert found(document) == expected
    if expected:
        with pytest.raises(ValidationError):
            Document.model_validate(document)


def test_a_long_tuple_is_one_problem_however_deep_it_lies() -> None:
    value: Json = {"kind": "tuple", "items": [ref("x") for _ in range(200)]}
    for _ in range(40):
        value = {"kind": "tuple", "items": [value, ONE]}
    document = one_op(let("deep", "int", value), parameters={"x": "int"})
    pointer = "/ops/main/body/0/value" + "/items/0" * 40 + "/items"
    assert found(document) == [("E_TYPE_TOO_LONG", pointer)]


def test_a_contract_call_may_have_more_arguments_than_any_has() -> None:
    count = 100
    inputs = [{"name": f"a{n}", "abi": "uint256", "type": "int"} for n in range(count)]
    selector = function_selector(f"f({','.join(['uint256'] * count)})")
    contract = {"functions": {"f": {"selector": selector, "inputs": inputs, "outputs": []}}}
    call = effect(
        "call",
        "chain.call",
        "None",
        static={"contract": "C", "function": "f"},
        address=lit("Address", "0x" + "00" * 20),
        arguments={"kind": "tuple", "items": [ONE for _ in range(count)]},
        at=ref("at"),
        network=lit("str", "mainnet"),
    )
    at = effect("at", "chain.block", "Block", static={"tag": "latest"}, network=lit("str", "mainnet"))
    op = build_op("int", [at, call, return_node(ONE)])
    assert found(build_document({"main": op}, contracts={"C": contract}, networks={"mainnet": 1})) == []


def test_the_inference_of_grants_stops_at_a_number_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    urls = {"kind": "const", "name": "URLS"}
    texts = [lit("str", f"https://host-{n}.example/") for n in range(50)]
    request = effect("http-get", "http.get", "Response", url=ref("url"), headers=no_headers())
    op = build_op("int", [for_node("for-url", urls, {"url": "str"}, [request]), return_node(ONE)])
    constants = {"URLS": {"type": "list[str]", "value": list_value("list[str]", *texts)}}
    document = build_document({"main": op}, constants=constants)
    assert len(document["grants"]["http"]) == len(texts)
    assert found(document) == []
    other = {**request, "id": "http-get-2"}
    op["body"].insert(1, for_node("for-more", urls, {"url": "str"}, [other]))
    monkeypatch.setattr(evaluate, "MAX_STEPS", 30)
    assert {each.code.name for each in infer_grants(document).diagnostics} == {"E_HOST_NOT_KNOWN"}


def test_each_function_closes_one_cycle() -> None:
    graph = {name: ["a", "b", "c"] for name in "abc"}
    order, cycles = find_cycles(graph)
    assert sorted(order) == ["a", "b", "c"]
    assert cycles == [["a"], ["a", "b"], ["a", "b", "c"]]
    body = [*(call_node(f"call-{name}", "int", name) for name in "abc"), return_node(ONE)]
    functions: Json = {name: {"parameters": [], "result": "int", "body": body} for name in "abc"}
    document = build_document({"main": build_op("int", [call_node("c", "int", "a"), return_node(ref("c"))])})
    problems = validate_document({**document, "functions": functions})
    assert {each.code.name for each in problems} == {"E_RECURSIVE_FUNCTION"}
    assert len(problems) == len(graph)


def test_a_place_is_clear_where_parts_are_one_object_in_memory() -> None:
    wrong = apply("int.add", ref("nowhere"), ONE)
    document = one_op(let("x", "int", wrong), let("y", "int", wrong))
    pointers = [f"/ops/main/body/{index}/value/args/0" for index in (0, 1)]
    assert found(document) == [("E_UNKNOWN_REF", pointer) for pointer in pointers]


def test_grants_that_cannot_be_known_have_places_in_a_document_with_shared_parts() -> None:
    args = {"url": ref("url"), "headers": no_headers()}
    nodes = [{**effect(f"get-{n}", "http.get", "Response"), "args": args} for n in (1, 2)]
    document = {**one_op(parameters={"url": "str"})}
    document["ops"]["main"]["body"][:0] = nodes
    pointers = [each.pointer for each in infer_grants(document).diagnostics]
    assert pointers == [f"/ops/main/body/{index}/args/url" for index in (0, 1)]
