"""Ops that are undone: when they fail, when they are dropped, and when the run is cancelled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    fail_node,
    field_of,
    handler,
    if_node,
    invoke_node,
    let,
    list_value,
    lit,
    map_node,
    ref,
    return_node,
    return_none,
    try_node,
    while_node,
    yield_node,
)
from opforge_ir.codes.execution import E_RANDOM_RANGE, E_SESSION_TIMEOUT
from opforge_ir.document import Document
from opforge_ir.validation import validate_document
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest, Execution, ProgramError, compile_document

ONE, ZERO = lit("int", "1"), lit("int", "0")
XS = list_value("list[int]", *(lit("int", str(n)) for n in range(3)))
FAILURE = EffectFailure(E_RANDOM_RANGE, {"low": "1", "high": "0"})


def draw(id_: str, low: Json = ZERO) -> Json:
    return effect(id_, "random.integer", "int", low=low, high=low)


def ask(id_: str, *body: Json, undo: str = "undo", parameter: str = "n") -> Json:
    """An op that draws once before it does the rest."""
    return build_op(
        "int", [draw(id_, ref(parameter)), *body], {parameter: "int"}, compensation=[undo] if undo else []
    )


UNDO = build_op("int", [draw("u", ref("n")), return_node(ONE)], {"n": "int"})
"""What undoes: it draws a number that is its argument."""


def begin(
    main: Json, inputs: dict[str, Any] | None = None, max_steps: int = 10_000, **ops: Json
) -> Execution:
    document = build_document({"main": main, "undo": UNDO, **ops})
    assert validate_document(document) == []
    program = compile_document(Document.model_validate(document))
    return Execution(program, "main", {"n": 5} if inputs is None else inputs, max_steps=max_steps)


def show(wave: Sequence[EffectRequest]) -> list[str]:
    """State, instance and argument of each request."""
    return [f"{r.site.state.removeprefix('sample.')}|{r.instance}|{r.arguments['low']}" for r in wave]


def fails(execution: Execution, answers: Sequence[Any]) -> ProgramError:
    with pytest.raises(ProgramError) as caught:
        execution.resume(answers)
    return caught.value


# --- an op of its own -----------------------------------------------------------------------------------


def test_an_op_that_fails_is_undone_with_its_arguments_and_fails_then() -> None:
    execution = begin(ask("a", fail_node("no")))
    (first,) = execution.start()
    assert (first.conditions.op, first.conditions.is_guarded) == ("main", True)
    (undoing,) = execution.resume([1])
    assert show([undoing]) == ["undo.u|compensate()|5"]
    assert (undoing.conditions.op, undoing.conditions.is_guarded) == ("undo", True)
    error = fails(execution, [1])
    assert (error.name, error.fields["message"], error.fields["at"]) == ("Fail", "no", "sample.main.fail")


def test_a_failed_effect_is_undone_too() -> None:
    execution = begin(ask("a", return_node(ONE)))
    execution.start()
    assert show(execution.resume([FAILURE])) == ["undo.u|compensate()|5"]
    assert fails(execution, [1]).name == "RandomError"


def test_an_op_that_succeeds_is_not_undone() -> None:
    execution = begin(ask("a", return_node(ONE)))
    execution.start()
    assert execution.resume([1]) == []
    assert execution.output == 1


def test_a_failure_of_undoing_replaces_nothing() -> None:
    execution = begin(ask("a", fail_node("no")))
    execution.start()
    assert len(execution.resume([1])) == 1
    assert fails(execution, [FAILURE]).fields["message"] == "no"


def test_a_limit_leaves_no_time_to_undo_anything() -> None:
    endless = while_node("w", lit("int", "3"), lit("bool", "true"), [let("x", "int", ONE)])
    execution = begin(ask("a", endless))
    execution.start()
    assert fails(execution, [1]).code.name == "E_ROUND_LIMIT"


def test_what_undoes_may_be_undone_itself() -> None:
    undo = ask("u", fail_node("again"), undo="last")
    last = build_op("int", [draw("l", ref("n")), return_node(ONE)], {"n": "int"})
    execution = begin(ask("a", fail_node("no")), undo=undo, last=last)
    execution.start()
    assert show(execution.resume([1])) == ["undo.u|compensate()|5"]
    assert show(execution.resume([1])) == ["last.l|compensate()/compensate()|5"]
    assert fails(execution, [1]).fields["message"] == "no"


def test_an_op_without_effects_is_undone_by_one_that_has_some() -> None:
    execution = begin(build_op("int", [fail_node("no")], {"n": "int"}, compensation=["undo"]))
    assert show(execution.start()) == ["undo.u|compensate()|5"]
    assert fails(execution, [1]).name == "Fail"


# --- within another op ------------------------------------------------------------------------------------


def invoke(id_: str, op: str, argument: Json = ONE) -> Json:
    return invoke_node(id_, "int", op, argument)


def test_an_invoked_op_is_undone_before_the_error_is_caught() -> None:
    caught = handler("Fail", "e", draw("h"), return_node(field_of(ref("e"), "message")))
    main = build_op(
        "str", [try_node("t", [invoke("i", "pay")], caught), return_node(lit("str", ""))], {"n": "int"}
    )
    execution = begin(main, pay=ask("p", fail_node("no")))
    assert show(execution.start()) == ["pay.p|t.i|1"]
    assert show(execution.resume([1])) == ["undo.u|t.i/compensate()|1"]
    assert show(execution.resume([1])) == ["main.t.except.e.h||0"]
    assert execution.resume([1]) == []
    assert execution.output == "no"


def test_ops_are_undone_from_the_inside_out() -> None:
    main = build_op(
        "int", [invoke("i", "pay", ref("n")), return_node(ONE)], {"n": "int"}, compensation=["undo"]
    )
    execution = begin(main, pay=ask("p", fail_node("no")))
    execution.start()
    assert show(execution.resume([1])) == ["undo.u|i/compensate()|5"]
    assert show(execution.resume([1])) == ["undo.u|compensate()|5"]
    assert fails(execution, [1]).fields["message"] == "no"


def fan_out(*around: Json) -> Json:
    """An op that invokes `pay` side by side for 0, 1 and 2."""
    fanned = map_node(
        "m", "list[int]", XS, {"x": "int"}, [invoke("i", "pay", ref("x")), yield_node(ref("i"))]
    )
    return build_op("int", [fanned, *around, return_node(ONE)], {"n": "int"})


PAY_FAILING_AT_ONE = ask(
    "p",
    if_node("is-one", apply("value.eq", ref("n"), ONE), [fail_node("no")]),
    draw("q", ref("n")),
    return_node(ONE),
)


def test_iterations_behind_the_one_that_failed_are_undone_and_those_before_it_end() -> None:
    execution = begin(fan_out(), pay=PAY_FAILING_AT_ONE)
    assert show(execution.start()) == [f"pay.p|m[{n}]/m.i|{n}" for n in range(3)]
    assert show(execution.resume([1, 1, 1])) == [
        "pay.q|m[0]/m.i|0",
        "undo.u|m[1]/m.i/compensate()|1",
        "pay.q|m[2]/m.i|2",
    ]
    assert show(execution.resume([1, 1, 1])) == ["undo.u|m[2]/m.i/compensate()|2"]
    error = fails(execution, [1])
    assert (error.fields["message"], error.fields["instance"]) == ("no", "m[1]/m.i")


def test_a_fan_out_within_what_is_dropped_is_undone_first() -> None:
    inner = ask("r", draw("s", ref("n")), return_node(ONE))
    pay = ask(
        "p",
        if_node("is-zero", apply("value.eq", ref("n"), ZERO), [draw("z"), fail_node("no")]),
        map_node("k", "list[int]", XS, {"y": "int"}, [invoke("j", "inner", ref("y")), yield_node(ONE)]),
        return_node(ONE),
    )
    late = try_node("t", fan_out()["body"][:1], handler("Fail", "e", return_node(ZERO)))
    execution = begin(build_op("int", [late, return_node(ONE)], {"n": "int"}), pay=pay, inner=inner)
    assert len(execution.start()) == 3
    assert len(execution.resume([1, 1, 1])) == 1 + 2 * 3
    wave = execution.resume([1] * 7)
    assert show(wave) == [
        "undo.u|m[0]/t.m.i/compensate()|0",
        *(f"inner.s|m[{n}]/t.m.i/k[{k}]/k.j|{k}" for n in (1, 2) for k in range(3)),
    ]
    wave = execution.resume([1] * 7)
    assert show(wave) == [
        f"undo.u|m[{n}]/t.m.i/k[{k}]/k.j/compensate()|{k}" for n in (1, 2) for k in range(3)
    ]
    wave = execution.resume([1] * 6)
    assert show(wave) == [f"undo.u|m[{n}]/t.m.i/compensate()|{n}" for n in (1, 2)]
    assert execution.resume([1, 1]) == []
    assert execution.output == 0


def test_an_iteration_without_anything_to_undo_is_dropped_at_once() -> None:
    plain = ask(
        "p",
        if_node("is-one", apply("value.eq", ref("n"), ZERO), [fail_node("no")]),
        draw("q"),
        return_node(ONE),
        undo="",
    )
    caught = try_node("t", fan_out()["body"][:1], handler("Fail", "e", return_node(ZERO)))
    execution = begin(build_op("int", [caught, return_node(ONE)], {"n": "int"}), pay=plain)
    assert len(execution.start()) == 3
    assert execution.resume([1, 1, 1]) == []
    assert execution.output == 0


# --- cancelling -------------------------------------------------------------------------------------------


def cancel(execution: Execution) -> list[EffectRequest]:
    return execution.cancel(E_SESSION_TIMEOUT, timeout_ms=7)


def cancelled(execution: Execution, answers: Sequence[Any] | None = None) -> bool:
    with pytest.raises(ProgramError) as caught:
        cancel(execution) if answers is None else execution.resume(answers)
    return caught.value.code is E_SESSION_TIMEOUT and caught.value.fields == {"timeout_ms": 7}


def test_a_cancelled_run_without_anything_to_undo_is_over_at_once() -> None:
    always = try_node("t", [draw("a")], handler("EffectError", "e"), always=[draw("b")])
    execution = begin(build_op("None", [always, return_none()], {"n": "int"}))
    execution.start()
    assert cancelled(execution)


def test_a_cancelled_run_is_undone_from_the_inside_out() -> None:
    main = build_op(
        "int", [invoke("i", "pay", ref("n")), return_node(ONE)], {"n": "int"}, compensation=["undo"]
    )
    execution = begin(main, pay=ask("p", return_node(ONE)))
    execution.start()
    assert show(cancel(execution)) == ["undo.u|i/compensate()|5"]
    assert show(execution.resume([1])) == ["undo.u|compensate()|5"]
    assert cancelled(execution, [FAILURE])


def test_no_handler_takes_a_cancellation_for_an_error() -> None:
    caught = handler("EffectError", "e", draw("h"))
    body = [try_node("t", [invoke("i", "pay", ref("n"))], caught), draw("after"), return_node(ONE)]
    execution = begin(build_op("int", body, {"n": "int"}), pay=ask("p", return_node(ONE)))
    execution.start()
    assert show(cancel(execution)) == ["undo.u|t.i/compensate()|5"]
    assert cancelled(execution, [1])


def test_everything_that_is_under_way_is_undone() -> None:
    execution = begin(fan_out(), pay=ask("p", draw("q", ref("n")), return_node(ONE)))
    execution.start()
    assert show(execution.resume([1, 1, 1])) == [f"pay.q|m[{n}]/m.i|{n}" for n in range(3)]
    assert show(cancel(execution)) == [f"undo.u|m[{n}]/m.i/compensate()|{n}" for n in range(3)]
    assert cancelled(execution, [1, 1, 1])


def test_what_is_being_undone_goes_on_when_the_run_is_cancelled() -> None:
    long = build_op("int", [draw("u", ref("n")), draw("v", ref("n")), return_node(ONE)], {"n": "int"})
    caught = handler("Fail", "e", draw("h"))
    body = [try_node("t", [invoke("i", "pay", ref("n"))], caught), return_node(ONE)]
    execution = begin(build_op("int", body, {"n": "int"}), pay=ask("p", fail_node("no")), undo=long)
    execution.start()
    undoing = execution.resume([1])
    assert show(undoing) == ["undo.u|t.i/compensate()|5"]
    assert cancel(execution) == undoing
    assert show(execution.resume([1])) == ["undo.v|t.i/compensate()|5"]
    assert cancelled(execution, [1])


def test_a_fan_out_that_undoes_goes_on_when_the_run_is_cancelled() -> None:
    undo = build_op(
        "int",
        [
            map_node("m", "list[int]", XS, {"x": "int"}, [draw("u", ref("x")), yield_node(ONE)]),
            draw("v"),
            return_node(ONE),
        ],
        {"n": "int"},
    )
    execution = begin(ask("a", fail_node("no")), undo=undo)
    execution.start()
    wave = execution.resume([1])
    assert len(wave) == 3
    assert cancel(execution) == wave
    assert show(execution.resume([1, 1, 1])) == ["undo.v|compensate()|0"]
    assert fails(execution, [1]).fields["message"] == "no"


def test_a_fan_out_that_is_cancelled_while_a_part_is_undone() -> None:
    execution = begin(fan_out(draw("after")), pay=PAY_FAILING_AT_ONE)
    execution.start()
    wave = execution.resume([1, 1, 1])
    assert show(wave)[1] == "undo.u|m[1]/m.i/compensate()|1"
    assert show(cancel(execution)) == [f"undo.u|m[{n}]/m.i/compensate()|{n}" for n in range(3)]
    assert cancelled(execution, [1, 1, 1])
