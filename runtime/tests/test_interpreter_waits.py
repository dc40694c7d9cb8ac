"""Waits, child runs, events and keys, as the interpreter asks for them."""

from __future__ import annotations

from typing import Any

import pytest

from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    field_of,
    handler,
    let,
    lit,
    no_headers,
    no_key,
    ref,
    return_node,
    return_none,
    try_node,
)
from opforge_ir.capabilities import MAX_WAIT_SECONDS
from opforge_ir.codes.execution import E_CHILD_FAILED, E_SIGNAL_TIMEOUT
from opforge_ir.document import Document
from opforge_ir.types import INT, STR, parse_type
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest, Execution, Program, ProgramError, compile_document

FOREVER = lit("Optional[int]", "None")
TIMEOUT = EffectFailure(E_SIGNAL_TIMEOUT, {"name": "approve", "timeout_seconds": 60})
CHILD = EffectFailure(
    E_CHILD_FAILED, {"run": "sample-run-2", "op": "settle", "child_code": "E2002", "message": "it is closed"}
)
SETTLE = build_op("int", [return_node(ref("limit"))], {"order": "str", "limit": "int"})


def wait(kind: str = "bool") -> Json:
    return effect("answer", "signal.wait", kind, static={"name": "approve"}, timeout_seconds=FOREVER)


def child() -> Json:
    arguments = {"kind": "tuple", "items": [lit("str", "a"), lit("int", "3")]}
    return effect("answer", "run.child", "int", static={"op": "settle"}, arguments=arguments)


def compile_op(result: str, body: list[Json], parameters: dict[str, str] | None = None) -> Program:
    ops = {"main": build_op(result, body, parameters), "settle": SETTLE}
    return compile_document(Document.model_validate(build_document(ops)))


def ask(program: Program, **inputs: Any) -> EffectRequest:
    (request,) = Execution(program, "main", inputs).start()
    return request


def test_a_signal_is_of_the_type_that_its_node_states() -> None:
    request = ask(compile_op("list[int]", [wait("list[int]"), return_node(ref("answer"))]))
    assert (request.site.static, request.arguments) == ({"name": "approve"}, {"timeout_seconds": None})
    assert request.site.type is parse_type("list[int]")
    assert request.site.verb.effect == "wait"


def test_a_child_is_asked_for_with_all_of_its_arguments() -> None:
    program = compile_op("int", [child(), return_node(ref("answer"))])
    request = ask(program)
    assert request.arguments == {"arguments": ("a", 3)}
    assert request.site.argument_types == {"arguments": (STR, INT)}
    assert request.site.type is INT
    assert request.encode_arguments(program.codec) == {"arguments": ["a", "3"]}


def test_an_event_has_the_type_that_it_states() -> None:
    static = {"name": "settled", "type": "dict[str,int]"}
    value: Json = {"kind": "dict", "type": "dict[str,int]", "entries": []}
    program = compile_op(
        "None", [effect("told", "event.emit", "None", static=static, value=value), return_none()]
    )
    assert ask(program).encode_arguments(program.codec) == {"value": []}


@pytest.mark.parametrize(
    ("node", "failure", "caught"),
    [
        (wait("str"), TIMEOUT, ("Timeout", "E_SIGNAL_TIMEOUT")),
        (child(), CHILD, ("ChildFailed", "it is closed")),
    ],
)
def test_a_wait_that_fails_can_be_caught(node: Json, failure: EffectFailure, caught: tuple[str, str]) -> None:
    told = {"kind": "tuple", "items": [field_of(ref("error"), "kind"), field_of(ref("error"), "message")]}
    body = [
        try_node("try-it", [node], handler("EffectError", "error", return_node(told))),
        return_node({"kind": "tuple", "items": [lit("str", ""), lit("str", "")]}),
    ]
    execution = Execution(compile_op("tuple[str,str]", body), "main", {})
    assert len(execution.start()) == 1
    assert execution.resume([failure]) == []
    assert execution.output == caught


# --- bounds -------------------------------------------------------------------------------------------


def sleep(seconds: Json) -> Json:
    return effect("slept", "time.sleep", "None", seconds=seconds)


def until(moment: Json) -> Json:
    return effect("waited", "time.until", "None", epoch_seconds=moment)


def signal_within(seconds: Json) -> Json:
    some = {"kind": "apply", "op": "optional.some", "args": [seconds]}
    return effect("came", "signal.wait", "None", static={"name": "go"}, timeout_seconds=some)


@pytest.mark.parametrize(
    ("node", "seconds", "raised"),
    [
        (sleep, 0, None),
        (sleep, MAX_WAIT_SECONDS, None),
        (sleep, -1, "ValueError"),
        (sleep, MAX_WAIT_SECONDS + 1, "OverflowError"),
        (until, -1, None),
        (until, MAX_WAIT_SECONDS + 1, "OverflowError"),
        (signal_within, 0, None),
        (signal_within, -1, "ValueError"),
        (signal_within, 10**30, "OverflowError"),
    ],
)
def test_a_wait_out_of_bounds_is_not_asked_for(node: Any, seconds: int, raised: str | None) -> None:
    program = compile_op("None", [node(ref("seconds")), return_none()], {"seconds": "int"})
    if raised is None:
        assert list(ask(program, seconds=seconds).arguments.values()) == [seconds]
        return
    with pytest.raises(ProgramError) as caught:
        ask(program, seconds=seconds)
    assert caught.value.name == raised
    assert str(caught.value.fields["at"]).startswith("sample.main.")


def test_a_wait_out_of_bounds_can_be_caught() -> None:
    body = [try_node("try-it", [sleep(lit("int", "-1"))], handler("ValueError", "error")), return_none()]
    execution = Execution(compile_op("None", body), "main", {})
    assert execution.start() == []


# --- keys ---------------------------------------------------------------------------------------------


def post(key: Json) -> EffectRequest:
    url, body = lit("str", "https://a.example/x"), lit("str", "")
    node = effect("p", "http.post", "Response", url=url, body=body, headers=no_headers(), idempotency_key=key)
    return ask(compile_op("None", [node, return_none()]))


def test_a_request_with_a_key_may_be_repeated() -> None:
    keyed = post({"kind": "apply", "op": "optional.some", "args": [lit("str", "order-7")]})
    assert (keyed.key, keyed.is_repeatable) == ("order-7", True)
    plain = post(no_key())
    assert (plain.key, plain.is_repeatable) == (None, False)


def test_whether_a_request_without_a_key_may_be_repeated_is_said_by_its_verb() -> None:
    line = effect("told", "log.info", "None", message=lit("str", "x"))
    assert ask(compile_op("None", [line, return_none()])).is_repeatable
    assert not ask(compile_op("None", [sleep(lit("int", "1")), return_none()])).is_repeatable


def test_no_key_is_no_part_of_what_is_asked() -> None:
    """The digest of a request from before there were keys, as a history may hold it."""
    codec = compile_op("None", [let("x", "int", lit("int", "1")), return_none()]).codec
    assert post(no_key()).digest(codec) == "4ad0418513e38fb5b4295e171aaac9d84e60d6affbc83993026b714cec18fa9b"
    keyed = post({"kind": "apply", "op": "optional.some", "args": [lit("str", "order-7")]})
    assert keyed.digest(codec) != post(no_key()).digest(codec)
