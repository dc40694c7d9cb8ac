"""Nodes, waves, and where a failure is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    record_value,
    ref,
    return_node,
    return_none,
    yield_node,
)
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.document import Document
from opforge_ir.values import RecordInstance
from opforge_runtime.interpreter import EffectRequest, Execution, ProgramError, compile_document

ONE, TWO, ZERO = lit("int", "1"), lit("int", "2"), lit("int", "0")


def draw(id_: str, low: Json = ZERO, high: Json = TWO) -> Json:
    return effect(id_, "random.integer", "int", low=low, high=high)


def start(document: Json, inputs: dict[str, Any] | None = None, **limits: int) -> Execution:
    program = compile_document(Document.model_validate(document))
    return Execution(program, "main", inputs or {}, **limits)


def build(result: str, body: list[Json], parameters: dict[str, str] | None = None, **parts: Any) -> Json:
    return build_document({"main": build_op(result, body, parameters)}, **parts)


def run_pure(document: Json, **inputs: Any) -> Any:
    execution = start(document, inputs)
    assert execution.start() == []
    return execution.output


def names(wave: list[EffectRequest]) -> list[str]:
    return [f"{r.site.state.removeprefix('sample.')}|{r.instance}" for r in wave]


def run(execution: Execution, answer: Callable[[EffectRequest], Any]) -> list[list[str]]:
    """Answer every wave; returns what each asked."""
    waves: list[list[str]] = []
    wave = execution.start()
    while wave:
        waves.append(names(wave))
        wave = execution.resume([answer(request) for request in wave])
    return waves


# --- pure nodes -----------------------------------------------------------------------------------


def test_both_sides_of_an_if_give_its_results() -> None:
    document = build(
        "int",
        [
            if_node(
                "if-n",
                apply("int.gt", ref("n"), ZERO),
                [let("a", "int", apply("int.add", ref("n"), ONE))],
                [let("a", "int", apply("int.neg", ref("n")))],
                [("x", "int", ref("a"), ref("a"))],
            ),
            return_node(ref("x")),
        ],
        {"n": "int"},
    )
    assert [run_pure(document, n=n) for n in (3, 0, -5)] == [4, 0, 5]


@given(st.lists(st.integers(-100, 100), max_size=20))
def test_a_for_carries_values_as_python_does(numbers: list[int]) -> None:
    total, previous = 0, 1
    for number in numbers:
        total, previous = total + number * previous, total
    document = build(
        "tuple[int,int]",
        [
            for_node(
                "for-number",
                ref("numbers"),
                {"number": "int"},
                [],
                [
                    (
                        "total",
                        "int",
                        ZERO,
                        apply("int.add", ref("total"), apply("int.mul", ref("number"), ref("previous"))),
                        "total-2",
                    ),
                    ("previous", "int", ONE, ref("total"), "previous-2"),
                ],
            ),
            return_node({"kind": "tuple", "items": [ref("total-2"), ref("previous-2")]}),
        ],
        {"numbers": "list[int]"},
    )
    assert run_pure(document, numbers=numbers) == (total, previous)


def test_a_return_leaves_all_loops() -> None:
    document = build(
        "int",
        [
            for_node(
                "for-x",
                ref("xs"),
                {"x": "int"},
                [if_node("if-x", apply("int.gt", ref("x"), TWO), [return_node(ref("x"))])],
            ),
            return_node(lit("int", "-1")),
        ],
        {"xs": "list[int]"},
    )
    assert run_pure(document, xs=[1, 2, 5, 9]) == 5
    assert run_pure(document, xs=[]) == -1


def test_an_iteration_that_yields_nothing_adds_nothing() -> None:
    document = build(
        "list[int]",
        [
            map_node(
                "big",
                "list[int]",
                ref("pairs"),
                {"a": "int", "b": "int"},
                [
                    if_node(
                        "if-a",
                        apply("int.gt", ref("a"), ref("b")),
                        [yield_node(apply("int.sub", ref("a"), ref("b")))],
                    )
                ],
            ),
            return_node(ref("big")),
        ],
        {"pairs": "list[tuple[int,int]]"},
    )
    assert run_pure(document, pairs=[(3, 1), (1, 3), (9, 4)]) == [2, 5]


def test_records_functions_constants_and_defaults() -> None:
    double = {
        "parameters": [{"name": "p", "type": "Pair"}],
        "result": "int",
        "body": [return_node(apply("int.mul", field_of(ref("p"), "b"), {"kind": "const", "name": "FACTOR"}))],
    }
    document = build(
        "int",
        [
            let("p", "Pair", record_value("Pair", b=ref("n"), a=ONE)),
            return_node({"kind": "call", "function": "double", "args": [ref("p")]}),
        ],
        {"n": "int"},
        records={"Pair": {"a": "int", "b": "int"}},
        functions={"double": double},
        constants={"FACTOR": {"type": "int", "value": lit("int", "10")}},
    )
    document["ops"]["main"]["parameters"][0]["default"] = [lit("int", "7")]
    assert run_pure(document) == 70
    assert run_pure(document, n=2) == 20


def test_the_fields_of_a_record_are_evaluated_as_written_and_held_as_defined() -> None:
    body = [return_node(record_value("Pair", b=ref("n"), a=ONE))]
    document = build("Pair", body, {"n": "int"}, records={"Pair": {"a": "int", "b": "int"}})
    assert run_pure(document, n=5) == RecordInstance("Pair", (1, 5))


def test_a_changed_constant_is_whole_again_in_the_next_run() -> None:
    change = {"kind": "do", "id": "do", "op": "list.append", "args": [{"kind": "const", "name": "XS"}, ONE]}
    document = build(
        "list[int]",
        [change, return_node({"kind": "const", "name": "XS"})],
        constants={"XS": {"type": "list[int]", "value": list_value("list[int]")}},
    )
    program = compile_document(Document.model_validate(document))
    for _ in range(2):
        execution = Execution(program, "main", {})
        execution.start()
        assert execution.output == [1]


# --- waves ----------------------------------------------------------------------------------------


def test_a_comprehension_asks_in_one_wave_and_a_for_in_turn() -> None:
    body = [draw("r"), yield_node(ref("r"))]
    items = apply("int.range", ZERO, lit("int", "3"), ONE)
    fan = build("list[int]", [map_node("xs", "list[int]", items, {"i": "int"}, body), return_node(ref("xs"))])
    execution = start(fan)
    assert run(execution, lambda request: len(request.instance)) == [
        ["main.xs.r|xs[0]", "main.xs.r|xs[1]", "main.xs.r|xs[2]"]
    ]
    assert execution.output == [5, 5, 5]
    turn = build("None", [for_node("for-i", items, {"i": "int"}, [draw("r")]), return_none()])
    assert run(start(turn), lambda _: 0) == [[f"main.for-i.r|for-i[{i}]"] for i in range(3)]


def nested(depth_first: Json) -> Json:
    inner = map_node(
        "ys", "list[int]", ref("row"), {"y": "int"}, [draw("r", ZERO, ref("y")), yield_node(ref("r"))]
    )
    total = apply("list.sum_int", ref("ys"), ZERO)
    body = [inner, draw("s", ZERO, total), yield_node(ref("s"))]
    return build(
        "list[int]",
        [map_node("xs", "list[int]", depth_first, {"row": "list[int]"}, body), return_node(ref("xs"))],
        {"rows": "list[list[int]]"},
    )


def test_nested_comprehensions_are_one_wave_in_the_order_of_the_plan() -> None:
    execution = start(nested(ref("rows")), {"rows": [[1, 2], [], [3]]})
    waves = run(execution, lambda request: request.arguments["high"])
    assert waves == [
        [
            "main.xs.ys.r|xs[0]/ys[0]",
            "main.xs.ys.r|xs[0]/ys[1]",
            "main.xs.s|xs[1]",
            "main.xs.ys.r|xs[2]/ys[0]",
        ],
        ["main.xs.s|xs[0]", "main.xs.s|xs[2]"],
    ]
    assert execution.output == [3, 0, 3]


@given(st.lists(st.lists(st.integers(0, 9), max_size=4), max_size=6))
def test_a_fan_out_gives_what_plain_python_gives(rows: list[list[int]]) -> None:
    execution = start(nested(ref("rows")), {"rows": rows})
    waves = run(execution, lambda request: request.arguments["high"])
    assert execution.output == [sum(y for y in row) for row in rows]
    asked = [name for wave in waves for name in wave]
    assert len(asked) == len(set(asked)) == sum(map(len, rows)) + len(rows)


def test_a_called_function_with_effects_has_a_frame_of_its_own() -> None:
    helper = {
        "parameters": [{"name": "n", "type": "int"}],
        "result": "int",
        "body": [draw("r", ZERO, ref("n")), return_node(apply("int.mul", ref("r"), TWO))],
    }
    body = [call_node("call-helper", "int", "helper", ref("i")), yield_node(ref("call-helper"))]
    document = build(
        "list[int]",
        [map_node("xs", "list[int]", ref("ns"), {"i": "int"}, body), return_node(ref("xs"))],
        {"ns": "list[int]"},
        functions={"helper": helper},
    )
    execution = start(document, {"ns": [4, 5]})
    assert run(execution, lambda request: request.arguments["high"]) == [
        ["helper.r|xs[0]/xs.call-helper", "helper.r|xs[1]/xs.call-helper"]
    ]
    assert execution.output == [8, 10]


def test_many_rounds_without_a_block_do_not_deepen_the_stack() -> None:
    never = [if_node("if-n", lit("bool", "false"), [draw("r")]), yield_node(ref("i"))]
    each = map_node("xs", "list[int]", list_value("list[int]", ONE, TWO), {"i": "int"}, never)
    rounds = apply("int.range", ZERO, lit("int", "5000"), ONE)
    document = build("int", [for_node("for-k", rounds, {"k": "int"}, [each]), return_node(ONE)])
    execution = start(document)
    assert execution.start() == []
    assert execution.output == 1


# --- failures -------------------------------------------------------------------------------------


def failing(body: list[Json], **parts: Any) -> ProgramError:
    with pytest.raises(ProgramError) as caught:
        run(start(build("int", body, **parts)), lambda _: 0)
    return caught.value


def test_a_failure_says_where_it_was() -> None:
    half = {
        "parameters": [{"name": "n", "type": "int"}],
        "result": "int",
        "body": [let("q", "int", apply("int.floordiv", ONE, ref("n"))), return_node(ref("q"))],
    }
    calls = [
        let("x", "int", {"kind": "call", "function": "half", "args": [ref("i")]}),
        yield_node(ref("x")),
    ]
    numbers = list_value("list[int]", TWO, ONE, ZERO)
    error = failing(
        [map_node("xs", "list[int]", numbers, {"i": "int"}, calls), return_node(ZERO)],
        functions={"half": half},
    )
    assert error.fields == {
        "exception": "ZeroDivisionError",
        "at": "sample.half.q",
        "instance": "xs[2]/xs.x",
    }
    assert error.build_diagnostic().pointer == "/functions/half/body/0"


def test_a_failure_after_an_effect_names_its_strand() -> None:
    body = [
        draw("r"),
        for_node(
            "for-k",
            list_value("list[int]", ONE, ZERO),
            {"k": "int"},
            [let("q", "int", apply("int.floordiv", ONE, ref("k")))],
        ),
        yield_node(ref("r")),
    ]
    numbers = list_value("list[int]", ONE, TWO)
    error = failing([map_node("xs", "list[int]", numbers, {"i": "int"}, body), return_node(ZERO)])
    assert (error.fields["at"], error.fields["instance"]) == ("sample.main.xs.for-k.q", "xs[0]/for-k[1]")


def test_the_program_decides_to_fail() -> None:
    error = failing([{"kind": "fail", "message": lit("str", "too low")}])
    assert (error.code.name, error.fields["message"]) == ("E_PROGRAM_FAIL", "too low")
    require = {"kind": "require", "id": "r", "test": lit("bool", "false"), "message": lit("str", "no")}
    error = failing([require, return_node(ONE)])
    assert (error.code.name, error.fields["at"]) == ("E_ASSERTION_FAILED", "sample.main.r")


def test_what_a_failure_keeps_of_a_text_can_be_stored() -> None:
    surrogate = apply("int.format", lit("int", str(0xD800)), lit("str", "c"))
    error = failing([{"kind": "fail", "message": surrogate}])
    assert error.fields["message"] == "?"


def test_a_program_without_end_is_stopped() -> None:
    endless = build(
        "int",
        [
            for_node("for-i", apply("int.range", ZERO, lit("int", str(10**30)), ONE), {"i": "int"}, []),
            return_node(ONE),
        ],
    )
    with pytest.raises(ProgramError) as caught:
        start(endless, max_steps=1000).start()
    assert caught.value.code.name == "E_STEP_LIMIT"
    assert caught.value.fields["at"] == "sample.main.for-i"


def test_a_fan_out_without_end_is_stopped_before_it_is_made() -> None:
    items = apply("int.range", ZERO, lit("int", str(10**30)), ONE)
    document = build(
        "None",
        [map_node("xs", "list[int]", items, {"i": "int"}, [draw("r"), yield_node(ONE)]), return_none()],
    )
    with pytest.raises(ProgramError) as caught:
        start(document, max_steps=1000).start()
    assert caught.value.code.name == "E_STEP_LIMIT"


def test_an_output_that_multiplies_itself_is_refused() -> None:
    thousand = let("a0", "list[int]", apply("int.range", ZERO, lit("int", "1000"), ONE))
    body = [thousand]
    kind = "list[int]"
    for level in range(1, 4):
        copies = map_node(
            f"a{level}",
            f"list[{kind}]",
            ref("a0"),
            {"i": "int"},
            [yield_node(ref(f"a{level - 1}"))],
        )
        kind = f"list[{kind}]"
        body.append(copies)
    with pytest.raises(ProgramError) as caught:
        start(build(kind, [*body, return_node(ref("a3"))])).start()
    assert caught.value.code.name == "E_VALUE_TOO_LARGE"


def test_calls_nested_too_deep_are_refused_when_compiled() -> None:
    def calls(name: str) -> Json:
        return {
            "parameters": [],
            "result": "int",
            "body": [return_node({"kind": "call", "function": name, "args": []})],
        }

    def chain(length: int) -> Json:
        functions = {f"f{level}": calls(f"f{level + 1}") for level in range(length)}
        functions[f"f{length}"] = {"parameters": [], "result": "int", "body": [return_node(ONE)]}
        return build("int", calls("f0")["body"], functions=functions)

    assert run_pure(chain(95)) == 1
    for length in (100, 3000):
        with pytest.raises(DiagnosticError) as caught:
            start(chain(length))
        assert [problem.code.name for problem in caught.value.diagnostics] == ["E_CALLS_TOO_DEEP"]


def test_json_that_does_not_fit_is_a_failure_with_its_place() -> None:
    decode = {"kind": "decode", "type": "list[int]", "value": ref("text")}
    document = build("list[int]", [return_node(decode)], {"text": "str"})
    assert run_pure(document, text='[1, "2", -0]') == [1, 2, 0]
    with pytest.raises(ProgramError) as caught:
        run_pure(document, text="[1, 2.5]")
    assert caught.value.code.name == "E_DECODE_FAILED"
    assert caught.value.fields["place"] == "/1"
