"""No two executions of effects share state and instance, however ids repeat in regions side by side."""

from __future__ import annotations

from house.documents import (
    Json,
    build_document,
    build_op,
    call_node,
    effect,
    if_node,
    lit,
    ref,
    return_node,
)
from opforge_ir.document import Document
from opforge_runtime.interpreter import Execution, compile_document


def collect_keys(document: Json) -> list[tuple[str, str]]:
    """State and instance of every request of the op `main`, each answered with 7."""
    execution = Execution(compile_document(Document.model_validate(document)), "main", {})
    keys: list[tuple[str, str]] = []
    requests = execution.start()
    while requests:
        keys += [(request.site.state, request.instance) for request in requests]
        requests = execution.resume([7] * len(requests))
    return keys


def test_calls_of_one_id_in_two_branches_are_two_instances() -> None:
    true = lit("bool", "true")
    fetch = {
        "parameters": [],
        "result": "int",
        "body": [effect("now", "time.now", "int"), return_node(ref("now"))],
    }
    main = build_op(
        "int",
        [
            if_node("if-a", true, [call_node("call-fetch", "int", "fetch")], []),
            if_node("if-b", true, [], [call_node("call-fetch", "int", "fetch")]),
            if_node("if-c", lit("bool", "false"), [], [call_node("call-fetch", "int", "fetch")]),
            return_node(lit("int", "0")),
        ],
    )
    keys = collect_keys(build_document({"main": main}, functions={"fetch": fetch}))
    assert [instance for _, instance in keys] == ["if-a.call-fetch", "if-c.else.call-fetch"]


def test_the_regions_of_an_if_are_told_apart() -> None:
    def state(test: str) -> str:
        side = [effect("now", "time.now", "int")]
        body = [if_node("if-a", lit("bool", test), side, side), return_node(lit("int", "0"))]
        ((found, _),) = collect_keys(build_document({"main": build_op("int", body)}))
        return found

    assert state("true").endswith("main.if-a.now")
    assert state("false").endswith("main.if-a.else.now")
