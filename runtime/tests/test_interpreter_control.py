"""Loops that are left, errors that are caught, values that are kept, ops that are invoked."""

from __future__ import annotations

from typing import Any

import pytest

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
    ref,
    rethrow_node,
    return_node,
    return_none,
    try_node,
    while_node,
    yield_node,
)
from opforge_ir.codes.execution import E_RANDOM_RANGE, E_SESSION_TIMEOUT, E_STEP_LIMIT
from opforge_ir.codes.transport import E_CALL_REVERTED, E_RPC_TIMEOUT
from opforge_ir.diagnostics import Code, DiagnosticError
from opforge_ir.document import Document
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest, Execution, ProgramError, compile_document

ONE, ZERO = lit("int", "1"), lit("int", "0")
TRUE = lit("bool", "true")
BAD = apply("int.floordiv", ONE, ref("zero"))
XS = list_value("list[int]", *(lit("int", str(n)) for n in range(3)))
WITH_EFFECTS = pytest.mark.parametrize("draws", [False, True], ids=["pure", "with effects"])
FAILED = EffectFailure(E_RANDOM_RANGE, {"low": "", "high": ""})


def draw(id_: str = "r", low: Json = ZERO) -> Json:
    return effect(id_, "random.integer", "int", low=low, high=ref("zero"))


def maybe(draws: bool) -> list[Json]:
    """A node that makes its region one with effects, when that is wanted."""
    return [draw()] if draws else []


def add(left: Json, right: Json) -> Json:
    return apply("int.add", left, right)


def equals(left: Json, number: int) -> Json:
    return apply("value.eq", left, lit("int", str(number)))


def begin(
    *body: Json, result: str = "int", ops: Any = None, functions: Any = None, **limits: int
) -> Execution:
    main = build_op(result, body, {"zero": "int"})
    document = build_document({"main": main, **(ops or {})}, functions=functions)
    return Execution(compile_document(Document.model_validate(document)), "main", {"zero": 0}, **limits)


def run(*body: Json, result: str = "int", answer: Any = 1, **parts: Any) -> Any:
    execution = begin(*body, result=result, **parts)
    wave = execution.start()
    while wave:
        wave = execution.resume([answer(each) if callable(answer) else answer for each in wave])
    return execution.output


def drive(execution: Execution) -> None:
    """Run to the end, every request being answered with 1."""
    wave = execution.start()
    while wave:
        wave = execution.resume([1] * len(wave))


def names(wave: list[EffectRequest]) -> list[str]:
    return [f"{r.site.state.removeprefix('sample.')}|{r.instance}" for r in wave]


# --- loops ----------------------------------------------------------------------------------------


@WITH_EFFECTS
@pytest.mark.parametrize(("limit", "rounds"), [(5, 3), (3, 3)])
def test_a_while_goes_on_until_its_test_is_false(limit: int, rounds: int, draws: bool) -> None:
    loop = while_node(
        "w",
        lit("int", str(limit)),
        ref("go"),
        maybe(draws),
        [("i", "int", ZERO, add(ref("i"), ONE), "i")],
        head=[let("go", "bool", apply("int.lt", ref("i"), lit("int", "3")))],
    )
    assert run(loop, return_node(ref("i"))) == rounds


@WITH_EFFECTS
def test_a_loop_ends_at_its_bound(draws: bool) -> None:
    loop = while_node("w", lit("int", "3"), TRUE, maybe(draws))
    with pytest.raises(ProgramError) as caught:
        run(try_node("t", [loop], always=[return_node(ONE)]))
    assert caught.value.code.name == "E_ROUND_LIMIT"
    assert caught.value.fields == {"limit": "3", "at": "sample.main.t.w", "instance": "w[3]"}


@pytest.mark.parametrize(
    ("node", "at", "instance"),
    [
        (while_node("w", BAD, TRUE, []), "w", ""),
        (while_node("w", ONE, apply("int.lt", BAD, ONE), []), "w", "w[0]"),
        (while_node("w", ONE, TRUE, [], head=[let("h", "int", BAD)]), "w.while.h", "w[0]"),
        (while_node("w", ONE, TRUE, [let("b", "int", BAD)]), "w.b", "w[0]"),
        (
            while_node("w", ONE, TRUE, [continue_node(BAD)], [("c", "int", ONE, ONE, "c")]),
            "w.continue",
            "w[0]",
        ),
        (while_node("w", ONE, TRUE, [], [("c", "int", ONE, BAD, "c")]), "w", "w[0]"),
        (try_node("t", [let("b", "int", BAD)], always=[let("a", "int", ONE)]), "t.b", ""),
        (try_node("t", [fail_node("")], handler("Fail", "e", let("b", "int", BAD))), "t.except.e.b", ""),
        (try_node("t", [], handler("Fail", "e"), otherwise=[let("b", "int", BAD)]), "t.else.b", ""),
        (try_node("t", [], always=[let("b", "int", BAD)]), "t.finally.b", ""),
        (try_node("t", [], handler("Fail", "e"), kept=[("k", "int", BAD, "k")]), "t", ""),
        (
            try_node("t", [keep_node("k", BAD)], handler("Fail", "e"), kept=[("k", "int", ONE, "k")]),
            "t.keep",
            "",
        ),
    ],
)
@WITH_EFFECTS
def test_a_failure_names_its_node(node: Json, at: str, instance: str, draws: bool) -> None:
    if draws:
        node = {**node, "body": [draw("r-2"), *node["body"]]}
    with pytest.raises(ProgramError) as caught:
        run(node, return_node(ONE))
    assert caught.value.fields == {
        "exception": "ZeroDivisionError",
        "at": f"sample.main.{at}",
        "instance": instance,
    }


@WITH_EFFECTS
@pytest.mark.parametrize("kind", ["for", "while"])
def test_the_values_of_a_break_and_of_a_continue(kind: str, draws: bool) -> None:
    body = [
        *maybe(draws),
        if_node("i", equals(ref("x"), 0), [continue_node(lit("int", "10"), ONE)]),
        if_node("j", equals(ref("x"), 1), [break_node(add(ref("n"), lit("int", "5")), ZERO)]),
    ]
    carried = [("n", "int", ONE, ref("n"), "n"), ("x-2", "int", ZERO, ZERO, "x-2")]
    if kind == "for":
        loop = for_node("f", XS, {"x": "int"}, body, carried)
    else:
        loop = while_node("w", lit("int", "9"), TRUE, [let("x", "int", ref("x-2")), *body], carried)
    assert run(loop, return_node(ref("n"))) == 15


@WITH_EFFECTS
def test_what_an_always_keeps_is_what_a_break_hands_on(draws: bool) -> None:
    attempt = try_node(
        "t",
        [*maybe(draws), break_node(ref("k"))],
        kept=[("k", "int", ONE, "k-2")],
        always=[keep_node("k", lit("int", "7"))],
    )
    loop = for_node("f", XS, {"x": "int"}, [attempt], [("n", "int", ZERO, ref("n"), "n")])
    assert run(loop, return_node(ref("n"))) == 7


# --- errors ---------------------------------------------------------------------------------------


@WITH_EFFECTS
def test_a_kept_value_is_the_last_one_however_the_region_was_left(draws: bool) -> None:
    def keep(node: Json, *otherwise: Json) -> Any:
        attempt = try_node(
            "t",
            [keep_node("k", lit("int", "2")), *maybe(draws), node],
            handler(
                "Fail", "e", let("seen", "int", ref("k")), keep_node("k", add(ref("seen"), lit("int", "10")))
            ),
            kept=[("k", "int", ONE, "k")],
            otherwise=otherwise,
            always=[let("seen", "int", ref("k")), keep_node("k", add(ref("seen"), lit("int", "100")))],
        )
        return run(attempt, return_node(ref("k")))

    assert keep(fail_node("no")) == 112
    assert keep(let("y", "int", ONE)) == 102
    assert keep(let("y", "int", ONE), keep_node("k", lit("int", "3"))) == 103


@pytest.mark.parametrize(
    ("failure", "errors", "kind", "message"),
    [
        (FAILED, "RandomError", "RandomError", "E_RANDOM_RANGE"),
        (FAILED, "EffectError", "RandomError", "E_RANDOM_RANGE"),
        (
            EffectFailure(E_RPC_TIMEOUT, {"network": "n", "timeout_ms": 1}),
            "Timeout",
            "Timeout",
            "E_RPC_TIMEOUT",
        ),
        (
            EffectFailure(
                E_CALL_REVERTED,
                {"selector": "", "contract": "", "network": "", "reason": "paused", "data": ""},
            ),
            "Reverted",
            "Reverted",
            "paused",
        ),
    ],
)
def test_a_failed_request_is_an_error_of_the_program(
    failure: EffectFailure, errors: str, kind: str, message: str
) -> None:
    text = apply("str.concat", field_of(ref("e"), "kind"), lit("str", " "), field_of(ref("e"), "message"))
    attempt = try_node("t", [draw(), return_node(lit("str", ""))], handler(errors, "e", return_node(text)))
    assert run(attempt, result="str", answer=failure) == f"{kind} {message}"


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        (apply("bytes.decode_utf8", lit("bytes", "0xff")), "UnicodeDecodeError"),
        (apply("str.encode_utf8", lit("str", "\ud800")), "UnicodeEncodeError"),
        (apply("str.int", lit("str", "x")), "ValueError"),
    ],
)
def test_an_exception_of_an_operation_is_caught_as_any_of_its_bases(expression: Json, kind: str) -> None:
    caught = handler("ValueError", "e", return_node(field_of(ref("e"), "kind")))
    attempt = try_node("t", [let("x", "int", expression)], caught)
    assert run(attempt, return_node(lit("str", "")), result="str") == kind


def test_the_message_of_a_fail_is_whole_even_where_a_record_keeps_less() -> None:
    text = "x" * 5_000 + "\ud800"
    body = [
        try_node("t", [fail_node(text)], handler("Fail", "e", return_node(field_of(ref("e"), "message"))))
    ]
    execution = begin(*body, result="str")
    execution.start()
    assert execution.output == text


def test_a_failed_request_that_nothing_catches_ends_the_program() -> None:
    with pytest.raises(ProgramError) as caught:
        run(try_node("t", [draw()], handler("Fail", "e")), return_node(ONE), answer=FAILED)
    assert caught.value.code is E_RANDOM_RANGE
    assert caught.value.build_diagnostic().pointer == "/ops/main/body/0/body/0"


@WITH_EFFECTS
def test_a_limit_is_not_caught_and_nothing_more_is_done(draws: bool) -> None:
    forever = for_node("f", apply("int.range", ZERO, lit("int", "9"), ONE), {"x": "int"}, maybe(draws))
    attempt = try_node("t", [forever], handler("Fail", "e"), always=[return_node(ONE)])
    execution = begin(attempt, return_node(ONE), max_steps=8)
    with pytest.raises(ProgramError) as caught:
        drive(execution)
    assert caught.value.code.name == "E_STEP_LIMIT"


def test_the_time_of_a_session_is_a_limit() -> None:
    failure = EffectFailure(E_SESSION_TIMEOUT, {"timeout_ms": 1})
    with pytest.raises(ProgramError) as caught:
        run(try_node("t", [draw()], handler("EffectError", "e"), always=[return_node(ONE)]), answer=failure)
    assert caught.value.code is E_SESSION_TIMEOUT


@WITH_EFFECTS
def test_a_rethrown_error_says_where_it_was_raised_first(draws: bool) -> None:
    raising = for_node(
        "f", XS, {"x": "int"}, [*maybe(draws), if_node("i", equals(ref("x"), 1), [fail_node("no")])]
    )
    again = for_node("g", XS, {"x": "int"}, [*maybe(draws), rethrow_node("e")])
    attempt = try_node("t", [raising], handler("Fail", "e", again))
    outer = for_node("o", list_value("list[int]", ONE), {"y": "int"}, [attempt])
    with pytest.raises(ProgramError) as caught:
        run(outer, return_node(ONE))
    assert (caught.value.fields["at"], caught.value.fields["instance"]) == (
        "sample.main.o.t.f.i.fail",
        "o[0]/f[1]",
    )


def test_the_instance_after_a_caught_error_is_that_of_the_try() -> None:
    inner = for_node("f", XS, {"x": "int"}, [draw("a"), if_node("i", equals(ref("x"), 1), [fail_node("no")])])
    attempt = try_node("t", [inner], handler("Fail", "e", draw("b")), always=[draw("c")])
    execution = begin(for_node("o", XS, {"y": "int"}, [attempt]), draw("d"), return_node(ONE))
    asked: list[str] = []
    wave = execution.start()
    while wave:
        asked += names(wave)
        wave = execution.resume([1] * len(wave))
    a_round = ["o.t.f.a|o[{}]/f[0]", "o.t.f.a|o[{}]/f[1]", "o.t.except.e.b|o[{}]", "o.t.finally.c|o[{}]"]
    assert asked == [f"main.{name.format(n)}" for n in range(3) for name in a_round] + ["main.d|"]


# --- fan-out --------------------------------------------------------------------------------------


def fan_out(*body: Json) -> Json:
    fanned = map_node("m", "list[int]", XS, {"x": "int"}, [*body, yield_node(ref("x"))])
    return try_node("t", [fanned], handler("Fail", "e", draw("after"), return_node(ref("after"))))


def test_strands_after_a_failed_one_are_dropped_and_those_before_it_go_on() -> None:
    failing = if_node("i", equals(ref("x"), 1), [fail_node("no")])
    execution = begin(fan_out(draw("a"), failing, draw("b"), draw("c")), return_node(ONE))
    assert names(execution.start()) == [f"main.t.m.a|m[{n}]" for n in range(3)]
    assert names(execution.resume([1, 1, 1])) == ["main.t.m.b|m[0]"]
    assert names(execution.resume([1])) == ["main.t.m.c|m[0]"]
    assert names(execution.resume([1])) == ["main.t.except.e.after|"]
    assert execution.resume([9]) == []
    assert execution.output == 9


def test_the_failure_of_the_first_iteration_counts_however_late_it_comes() -> None:
    early = if_node("i", equals(ref("x"), 1), [fail_node("early")])
    late = if_node("j", equals(ref("x"), 0), [fail_node("late")])
    fanned = map_node("m", "list[int]", XS, {"x": "int"}, [draw("a"), early, draw("b"), late])
    body = try_node("t", [fanned], handler("Fail", "e", return_node(field_of(ref("e"), "message"))))
    assert run(body, return_node(lit("str", "")), result="str") == "late"


def test_a_fan_out_within_a_dropped_strand_is_dropped_with_it() -> None:
    inner = map_node("n", "list[int]", XS, {"y": "int"}, [draw("b"), yield_node(ONE)])
    failing = if_node("i", equals(ref("x"), 0), [draw("a"), fail_node("no")])
    execution = begin(fan_out(failing, inner), return_node(ONE))
    assert len(execution.start()) == 1 + 2 * 3
    assert names(execution.resume([1] * 7)) == ["main.t.except.e.after|"]


def test_without_a_try_a_failure_ends_the_program_at_once() -> None:
    failing = if_node("i", equals(ref("x"), 1), [fail_node("no")])
    fanned = map_node("m", "list[int]", XS, {"x": "int"}, [draw("a"), failing, draw("b"), yield_node(ONE)])
    execution = begin(fanned, return_node(ONE))
    execution.start()
    with pytest.raises(ProgramError):
        execution.resume([1, 1, 1])


def test_a_try_around_the_call_counts_as_well() -> None:
    failing = if_node("i", equals(ref("x"), 1), [fail_node("no")])
    fanned = map_node("m", "list[int]", XS, {"x": "int"}, [draw("a"), failing, draw("b"), yield_node(ONE)])
    parameters = [{"name": "zero", "type": "int"}]
    functions = {"f": {"parameters": parameters, "result": "int", "body": [fanned, return_node(ONE)]}}
    attempt = try_node(
        "t", [call_node("c", "int", "f", ref("zero"))], handler("Fail", "e", return_node(ZERO))
    )
    execution = begin(attempt, return_node(ONE), functions=functions)
    execution.start()
    assert names(execution.resume([1, 1, 1])) == ["f.m.b|t.c/m[0]"]
    assert execution.resume([1]) == []
    assert execution.output == 0


# --- other ops ------------------------------------------------------------------------------------


def test_an_invoked_op_has_states_of_its_own_and_its_own_policy() -> None:
    ops = {
        "other": build_op(
            "int",
            [draw("a"), invoke_node("i", "int", "third", ref("zero")), draw("b"), return_node(ref("b"))],
            {"zero": "int"},
        ),
        "third": build_op("int", [draw("c"), return_node(ONE)], {"zero": "int"}),
    }
    invoked = invoke_node("i", "int", "other", ref("zero"))
    body = [try_node("t", [invoked, draw("d")], handler("Fail", "e")), draw("f"), return_node(ONE)]
    execution = begin(*body, ops=ops)
    asked: list[tuple[str, str, bool]] = []
    wave = execution.start()
    while wave:
        asked += [(names([each])[0], each.conditions.op, each.conditions.is_guarded) for each in wave]
        wave = execution.resume([1] * len(wave))
    assert asked == [
        ("other.a|t.i", "other", True),
        ("third.c|t.i/i", "third", True),
        ("other.b|t.i", "other", True),
        ("main.t.d|", "main", True),
        ("main.f|", "main", False),
    ]


@WITH_EFFECTS
def test_a_fail_crosses_from_an_op_into_the_one_that_invoked_it(draws: bool) -> None:
    ops = {"other": build_op("int", [*maybe(draws), fail_node("no")], {"zero": "int"})}
    attempt = try_node(
        "t",
        [invoke_node("i", "int", "other", ref("zero"))],
        handler("Fail", "e", return_node(field_of(ref("e"), "message"))),
    )
    assert run(attempt, return_node(lit("str", "")), result="str", ops=ops) == "no"


# --- depth ----------------------------------------------------------------------------------------


def nest(kind: str, inner: list[Json]) -> Json:
    """A node whose innermost region holds these."""
    match kind:
        case "body":
            return try_node("t", inner, handler("KeyError", "e"), always=[let("a", "int", ONE)])
        case "handler":
            return try_node("t", [fail_node("")], handler("Fail", "e", *inner))
        case "always":
            return try_node("t", [fail_node("")], always=inner)
        case _:
            return while_node("w", ONE, TRUE, inner)


@WITH_EFFECTS
@pytest.mark.parametrize("kind", ["body", "handler", "always", "while"])
def test_what_is_not_nested_too_deep_runs(kind: str, draws: bool) -> None:
    """Calls nest further than a document can, so each region holds a call of the function before."""
    parameters = [{"name": "zero", "type": "int"}]
    functions: dict[str, Json] = {}
    inner: list[Json] = [*maybe(draws), fail_node("deep")]
    deepest = None
    for depth in range(200):
        body = [nest(kind, inner), return_node(ONE)]
        functions[f"f{depth:03}"] = {"parameters": parameters, "result": "int", "body": body}
        inner = [call_node("c", "int", f"f{depth:03}", ref("zero"))]
        try:
            deepest = begin(*inner, return_node(ONE), functions=functions)
        except DiagnosticError:
            break
    assert deepest is not None
    assert 30 < len(functions) < 199
    with pytest.raises(ProgramError) as caught:
        drive(deepest)
    assert caught.value.fields["message"] == "deep"


def test_every_code_of_a_failed_request_is_one_of_an_error() -> None:
    codes: list[Code] = [E_RANDOM_RANGE, E_RPC_TIMEOUT, E_CALL_REVERTED]
    assert all(ProgramError(code, **dict.fromkeys(code.fields, "")).name for code in codes)


def test_iterations_that_wait_side_by_side_are_bounded() -> None:
    """Each holds the names around it until its answers are there."""
    items = apply("int.range", lit("int", "0"), lit("int", "10000000"), lit("int", "1"))
    body = [map_node("m", "list[int]", items, {"i": "int"}, [effect("t", "time.now", "int")]), return_none()]
    document = Document.model_validate(build_document({"main": build_op("None", body)}))
    execution = Execution(compile_document(document), "main", {}, max_steps=200_000)
    with pytest.raises(ProgramError) as caught:
        execution.start()
    assert caught.value.code is E_STEP_LIMIT
    wide = [*(let(f"x-{n}", "int", lit("int", "1")) for n in range(400)), *body]
    document = Document.model_validate(build_document({"main": build_op("None", wide)}))
    execution = Execution(compile_document(document), "main", {}, max_steps=200_000)
    with pytest.raises(ProgramError):
        execution.start()
