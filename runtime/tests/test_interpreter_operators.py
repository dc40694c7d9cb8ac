"""Operators in a program: their context, their exceptions, and what they may take up."""

from __future__ import annotations

import decimal
from typing import Any

import pytest

from house.documents import apply, build_document, build_op, list_value, lit, ref, return_node
from opforge_ir.document import Document
from opforge_ir.operators import OPERATORS
from opforge_ir.values import MAX_INTEGER_DIGITS
from opforge_runtime.interpreter import Execution, Program, ProgramError, compile_document
from opforge_runtime.interpreter.expressions import EXCEPTIONS


def test_every_declared_exception_is_known() -> None:
    assert {name for operator in OPERATORS.values() for name in operator.raises} == set(EXCEPTIONS)


def evaluate(expression: dict[str, Any], result: str, *, precision: int = 28, **inputs: Any) -> Any:
    types = {name: "int" if isinstance(value, int) else "str" for name, value in inputs.items()}
    document = build_document(
        {"main": build_op(result, [return_node(expression)], types)}, decimal_precision=precision
    )
    execution = Execution(compile_text(document), "main", inputs)
    assert execution.start() == []
    return execution.output


def compile_text(document: dict[str, Any]) -> Program:
    return compile_document(Document.model_validate(document))


def fail(expression: dict[str, Any], result: str, **inputs: Any) -> ProgramError:
    with pytest.raises(ProgramError) as caught:
        evaluate(expression, result, **inputs)
    return caught.value


def test_the_context_is_the_programs_and_not_the_machines() -> None:
    third = apply("decimal.div", lit("Decimal", "1"), lit("Decimal", "3"))
    with decimal.localcontext() as machine:
        machine.prec = 5
        machine.rounding = decimal.ROUND_UP
        machine.traps[decimal.Inexact] = True
        assert str(evaluate(third, "Decimal")) == "0.3333333333333333333333333333"
        assert str(evaluate(third, "Decimal", precision=3)) == "0.333"
        assert decimal.getcontext().prec == 5


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (apply("int.floordiv", lit("int", "1"), lit("int", "0")), "ZeroDivisionError"),
        (apply("int.pow", lit("int", "2"), lit("int", "-1")), "ValueError"),
        (apply("list.get", list_value("list[int]"), lit("int", "0")), "IndexError"),
        (apply("list.max_int", list_value("list[int]")), "ValueError"),
        (apply("str.int", lit("str", "seven")), "ValueError"),
        (apply("optional.value", lit("Optional[int]", "None")), "TypeError"),
    ],
)
def test_a_python_exception_is_named(expression: dict[str, Any], name: str) -> None:
    error = fail(expression, "int")
    assert error.code.name == "E_PROGRAM_EXCEPTION"
    assert error.fields == {"exception": name, "at": "sample.main.return", "instance": ""}
    assert error.build_diagnostic().pointer == "/ops/main/body/0"


LONGEST = 10**MAX_INTEGER_DIGITS - 1


def test_an_integer_is_bounded_by_its_digits() -> None:
    assert evaluate(apply("int.add", ref("n"), lit("int", "0")), "int", n=LONGEST) == LONGEST
    assert len(evaluate(apply("int.str", ref("n")), "str", n=-LONGEST)) == MAX_INTEGER_DIGITS + 1
    for expression in (
        apply("int.add", ref("n"), lit("int", "1")),
        apply("int.sub", apply("int.neg", ref("n")), lit("int", "1")),
        apply("int.mul", ref("n"), lit("int", "2")),
        apply("int.pow", lit("int", "2"), ref("n")),
        apply("int.pow", lit("int", "10"), lit("int", str(MAX_INTEGER_DIGITS))),
        apply("list.sum_int", list_value("list[int]", ref("n"), ref("n")), lit("int", "0")),
        apply("decimal.int", lit("Decimal", "1E+4300")),
    ):
        assert fail(expression, "int", n=LONGEST).code.name == "E_NUMBER_TOO_LONG"
    assert evaluate(apply("int.pow", lit("int", "-1"), ref("n")), "int", n=LONGEST) == -1


@pytest.mark.parametrize(
    "expression",
    [
        apply("int.range", lit("int", "0"), lit("int", "10000000"), lit("int", "1")),
        apply("int.format", lit("int", "1"), lit("str", "999999999d")),
        apply("int.format", lit("int", "1"), lit("str", ".99999999999f")),
        apply("str.format", lit("str", "a"), lit("str", ">99999999")),
        apply("decimal.format", lit("Decimal", "1E+99999999"), lit("str", "f")),
    ],
)
def test_a_value_that_would_fill_the_memory_is_refused(expression: dict[str, Any]) -> None:
    assert fail(expression, "str").code.name == "E_VALUE_TOO_LARGE"
