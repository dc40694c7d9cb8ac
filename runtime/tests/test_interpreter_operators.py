"""Every operator is CPython's own operation."""

from __future__ import annotations

import copy
import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house.documents import apply, build_document, build_op, list_value, lit, ref, return_node
from opforge_ir.address import checksum_address
from opforge_ir.document import Document
from opforge_ir.operators import OPERATORS, resolve_operator
from opforge_ir.types import Type, parse_type
from opforge_ir.values import MAX_INTEGER_DIGITS
from opforge_runtime.interpreter import Execution, Program, ProgramError, compile_document
from opforge_runtime.interpreter.expressions import EXCEPTIONS

CONTEXT = decimal.Context(
    prec=28,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


def append(items: list[Any], item: Any) -> None:
    items.append(item)


def set_item(entries: dict[Any, Any], key: Any, value: Any) -> None:
    entries[key] = value


def delete_item(entries: dict[Any, Any], key: Any) -> None:
    del entries[key]


def nothing(_: Any) -> None:
    """The value of a call that is of no interest."""


def exact(items: list[Any], count: int) -> list[Any]:
    if len(items) != count:
        raise ValueError
    return items


def rest(items: list[Any], before: int, after: int) -> list[Any]:
    if before + after > len(items):
        raise ValueError
    return items[before : len(items) - after]


def sort_by(items: list[Any], keys: list[Any], is_reverse: bool) -> None:
    if len(keys) != len(items):
        raise ValueError
    following = iter(keys)
    items.sort(key=lambda item: next(following), reverse=is_reverse)


def power(a: int, b: int) -> int:
    if b < 0:
        raise ValueError
    return int(a**b)


def unwrap(value: Any) -> Any:
    if value is None:
        raise TypeError
    return value


PYTHON_TEXT = {
    "value.eq": "lambda a, b: a == b",
    "value.ne": "lambda a, b: a != b",
    "bool.not": "lambda a: not a",
    "bool.str": "lambda a: str(a)",
    "bool.int": "lambda a: int(a)",
    "int.add": "lambda a, b: a + b",
    "int.sub": "lambda a, b: a - b",
    "int.mul": "lambda a, b: a * b",
    "int.floordiv": "lambda a, b: a // b",
    "int.mod": "lambda a, b: a % b",
    "int.pow": "power",
    "int.neg": "lambda a: -a",
    "int.abs": "lambda a: abs(a)",
    "int.lt": "lambda a, b: a < b",
    "int.le": "lambda a, b: a <= b",
    "int.gt": "lambda a, b: a > b",
    "int.ge": "lambda a, b: a >= b",
    "int.min": "lambda *a: min(*a)",
    "int.max": "lambda *a: max(*a)",
    "int.str": "lambda a: str(a)",
    "int.bool": "lambda a: bool(a)",
    "int.decimal": "lambda a: Decimal(a)",
    "int.format": "lambda a, spec: format(a, spec)",
    "int.range": "lambda a, b, step: list(range(a, b, step))",
    "decimal.add": "lambda a, b: a + b",
    "decimal.sub": "lambda a, b: a - b",
    "decimal.mul": "lambda a, b: a * b",
    "decimal.div": "lambda a, b: a / b",
    "decimal.floordiv": "lambda a, b: a // b",
    "decimal.mod": "lambda a, b: a % b",
    "decimal.pow": "lambda a, b: a**b",
    "decimal.neg": "lambda a: -a",
    "decimal.abs": "lambda a: abs(a)",
    "decimal.lt": "lambda a, b: a < b",
    "decimal.le": "lambda a, b: a <= b",
    "decimal.gt": "lambda a, b: a > b",
    "decimal.ge": "lambda a, b: a >= b",
    "decimal.min": "lambda *a: min(*a)",
    "decimal.max": "lambda *a: max(*a)",
    "decimal.str": "lambda a: str(a)",
    "decimal.bool": "lambda a: bool(a)",
    "decimal.int": "lambda a: int(a)",
    "decimal.format": "lambda a, spec: format(a, spec)",
    "decimal.quantize": "lambda a, b: a.quantize(b)",
    "decimal.round": "lambda a, digits: round(a, digits)",
    "str.concat": 'lambda *a: "".join(a)',
    "str.len": "lambda a: len(a)",
    "str.bool": "lambda a: bool(a)",
    "str.lt": "lambda a, b: a < b",
    "str.le": "lambda a, b: a <= b",
    "str.gt": "lambda a, b: a > b",
    "str.ge": "lambda a, b: a >= b",
    "str.contains": "lambda a, b: b in a",
    "str.upper": "lambda a: a.upper()",
    "str.lower": "lambda a: a.lower()",
    "str.strip": "lambda a: a.strip()",
    "str.startswith": "lambda a, b: a.startswith(b)",
    "str.endswith": "lambda a, b: a.endswith(b)",
    "str.split": "lambda a, b: a.split(b)",
    "str.join": "lambda a, parts: a.join(parts)",
    "str.int": "lambda a: int(a)",
    "str.decimal": "lambda a: Decimal(a)",
    "str.format": "lambda a, spec: format(a, spec)",
    "bytes.concat": "lambda a, b: a + b",
    "bytes.len": "lambda a: len(a)",
    "bytes.bool": "lambda a: bool(a)",
    "bytes.hex": "lambda a: a.hex()",
    "address.str": "lambda a: checksum_address(a)",
    "list.len": "lambda a: len(a)",
    "list.bool": "lambda a: bool(a)",
    "list.get": "lambda a, i: a[i]",
    "list.contains": "lambda a, x: x in a",
    "list.concat": "lambda a, b: a + b",
    "list.reversed": "lambda a: list(reversed(a))",
    "list.zip": "lambda a, b: list(zip(a, b, strict=False))",
    "list.zip3": "lambda a, b, c: list(zip(a, b, c, strict=False))",
    "list.enumerate": "lambda a, start: list(enumerate(a, start))",
    "list.flatten": "lambda a: [item for items in a for item in items]",
    "list.sum_int": "lambda a, start: sum(a, start)",
    "list.sum_decimal": "lambda a, start: sum(a, start)",
    "list.min_int": "lambda a: min(a)",
    "list.max_int": "lambda a: max(a)",
    "list.min_decimal": "lambda a: min(a)",
    "list.max_decimal": "lambda a: max(a)",
    "list.any": "lambda a: any(a)",
    "list.all": "lambda a: all(a)",
    "list.sorted_int": "lambda a: sorted(a)",
    "list.sorted_str": "lambda a: sorted(a)",
    "list.min": "lambda a: min(a)",
    "list.max": "lambda a: max(a)",
    "list.min_by": "lambda a: min(a, key=lambda pair: pair[0])[1]",
    "list.max_by": "lambda a: max(a, key=lambda pair: pair[0])[1]",
    "list.sorted": "lambda a, flag: sorted(a, reverse=flag)",
    "list.sorted_by": "lambda a, flag: [x for _, x in sorted(a, key=lambda pair: pair[0], reverse=flag)]",
    "list.index": "lambda a, x: a.index(x)",
    "list.count": "lambda a, x: a.count(x)",
    "list.repeat": "lambda a, n: a * n",
    "list.peek": "lambda a, i: list(a).pop(i)",
    "list.exact": "exact",
    "list.rest": "rest",
    "list.append": "append",
    "list.set": "set_item",
    "list.insert": "lambda a, i, x: a.insert(i, x)",
    "list.extend": "lambda a, b: a.extend(b)",
    "list.pop": "lambda a, i: nothing(a.pop(i))",
    "list.delete": "delete_item",
    "list.remove": "lambda a, x: a.remove(x)",
    "list.clear": "lambda a: a.clear()",
    "list.reverse": "lambda a: a.reverse()",
    "list.sort": "lambda a, flag: a.sort(reverse=flag)",
    "list.sort_by": "sort_by",
    "dict.len": "lambda a: len(a)",
    "dict.bool": "lambda a: bool(a)",
    "dict.item": "lambda a, key: a[key]",
    "dict.get": "lambda a, key, default: a.get(key, default)",
    "dict.find": "lambda a, key: a.get(key)",
    "dict.contains": "lambda a, key: key in a",
    "dict.keys": "lambda a: list(a)",
    "dict.values": "lambda a: list(a.values())",
    "dict.items": "lambda a: list(a.items())",
    "dict.from_pairs": "lambda pairs: dict(pairs)",
    "dict.last": "lambda a: dict(a).popitem()",
    "dict.merge": "lambda a, b: a | b",
    "dict.set": "set_item",
    "dict.delete": "delete_item",
    "dict.discard": "lambda a, key: nothing(a.pop(key, None))",
    "dict.popitem": "lambda a: nothing(a.popitem())",
    "dict.set_default": "lambda a, key, value: nothing(a.setdefault(key, value))",
    "dict.update": "lambda a, b: a.update(b)",
    "dict.update_pairs": "lambda a, pairs: a.update(pairs)",
    "dict.clear": "lambda a: a.clear()",
    "optional.some": "lambda a: a",
    "optional.is_none": "lambda a: a is None",
    "optional.value": "unwrap",
}
"""What the contract's documentation says of each operator, written down once more in plain Python."""

PYTHON: dict[str, Callable[..., Any]] = {
    name: eval(text, {**globals(), "checksum_address": checksum_address})
    for name, text in PYTHON_TEXT.items()
}


SPECS = st.one_of(
    st.sampled_from(
        ["", "d", "x", "08.3f", ",", "+,", ".2f", "%", "e", "g", "n", ">10", "*^9", "_", "s", "#x"]
    ),
    st.text(alphabet="0123456789.,_+- <>=^#zdxXbBoeEfFgGnsc%*", max_size=6),
)
SMALL = st.integers(-40, 40)
INTEGERS = st.one_of(SMALL, st.integers(-(2**256), 2**256))
DECIMALS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from([Decimal("sNaN"), Decimal("-0"), Decimal("1E+4000"), Decimal("1E-999999")]),
)
TEXTS = st.one_of(
    st.text(max_size=8), st.sampled_from(["12", "-7", " 8 ", "1_000", "١٢", "1e5", "NaN", "a,b"])
)
ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
VARIABLES = {"A": "Decimal", "B": "str", "C": "int", "K": "str", "O": "Decimal", "V": "int"}


PLACED = {"list.get", "list.peek", "list.set", "list.insert", "list.pop", "list.delete"}
"""Operators whose second argument is a place in a list."""


def values_of(kind: Type) -> st.SearchStrategy[Any]:
    match kind.head:
        case "int":
            return INTEGERS
        case "bool":
            return st.booleans()
        case "Decimal":
            return DECIMALS
        case "str":
            return TEXTS
        case "bytes":
            return st.binary(max_size=6)
        case "Address":
            return ADDRESSES
        case "list":
            return st.lists(values_of(kind.args[0]), max_size=4)
        case "tuple":
            return st.tuples(*map(values_of, kind.args))
        case "dict":
            return st.dictionaries(values_of(kind.args[0]), values_of(kind.args[1]), max_size=4)
        case "Optional":
            return st.none() | values_of(kind.args[0])
        case _:
            return values_of(parse_type(VARIABLES[kind.head]))


def arguments_of(name: str) -> st.SearchStrategy[list[Any]]:
    operator = OPERATORS[name]
    strategies = [values_of(parse_type(pattern)) for pattern in operator.params]
    if name.endswith(".format"):
        strategies[1] = SPECS
    if name == "int.pow":
        strategies[1] = SMALL
    if name == "decimal.pow":
        strategies[1] = SMALL.map(Decimal) | st.sampled_from([Decimal("0.5"), Decimal("NaN")])
    if name == "int.range":
        strategies = [SMALL, SMALL, SMALL]
    if name in PLACED:
        strategies[1] = st.integers(-6, 6) | st.sampled_from([-(2**70), 2**70])
    if name == "list.repeat":
        strategies[1] = st.integers(-3, 9)
    if name in ("list.exact", "list.rest"):
        strategies[1:] = [st.integers(0, 4)] * len(strategies[1:])
    return st.tuples(*strategies).map(list)


def outcome(run: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "value", run()
    except Exception as error:  # noqa: BLE001 -- whatever Python raises is compared
        return "raised", type(error).__name__


def same(a: Any, b: Any) -> bool:
    """Equal, of one type, and spelled alike: Decimals with their exponent, NaN with itself."""
    return type(a) is type(b) and repr(a) == repr(b)


def test_every_operator_is_compared() -> None:
    assert set(OPERATORS) == set(PYTHON)


def test_every_declared_exception_is_known() -> None:
    assert {name for operator in OPERATORS.values() for name in operator.raises} == set(EXCEPTIONS)


@pytest.mark.parametrize("name", sorted(OPERATORS))
@settings(max_examples=60)
@given(data=st.data())
def test_an_operator_does_what_python_does(name: str, data: st.DataObject) -> None:
    arguments = data.draw(arguments_of(name))
    copies = copy.deepcopy(arguments)
    with decimal.localcontext(CONTEXT.copy()):
        kind, expected = outcome(lambda: PYTHON[name](*arguments))
        found_kind, found = outcome(lambda: OPERATORS[name].compute(*copies))
    if name.endswith(".format") and str(arguments[1]).endswith("n"):
        assert (found_kind, found) == ("raised", "ValueError")  # the locale's format is no format of ours
        return
    assert found_kind == kind
    assert same(found, expected)
    assert all(map(same, copies, arguments))  # what is changed is changed alike
    if kind == "raised":
        assert expected in OPERATORS[name].raises


@pytest.mark.parametrize("name", [n for n, o in OPERATORS.items() if o.is_variadic])
@settings(max_examples=40)
@given(data=st.data())
def test_a_variadic_operator_takes_more(name: str, data: st.DataObject) -> None:
    kind = parse_type(OPERATORS[name].params[-1])
    arguments = data.draw(st.lists(values_of(kind), min_size=2, max_size=5))
    with decimal.localcontext(CONTEXT.copy()):
        expected = outcome(lambda: PYTHON[name](*arguments))
        found = outcome(lambda: OPERATORS[name].compute(*arguments))
    assert same(found, expected)
    assert resolve_operator(name, (kind,) * len(arguments)) is parse_type(OPERATORS[name].result)


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
