"""Every operator is CPython's own operation."""

from __future__ import annotations

import copy
import decimal
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from house.operator_meanings import MEANINGS, compile_meaning
from opforge_ir.codes.execution import E_NUMBER_TOO_LONG, E_VALUE_TOO_LARGE
from opforge_ir.decimal_context import DEFAULT_PRECISION, build_decimal_context
from opforge_ir.operators import OPERATORS, resolve_operator
from opforge_ir.operators.bounds import OperationRefusedError
from opforge_ir.types import Type, parse_type

CONTEXT = build_decimal_context(DEFAULT_PRECISION)
PYTHON: dict[str, Callable[..., Any]] = {name: compile_meaning(name) for name in MEANINGS}

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
VARIABLES = {"A": "Decimal", "B": "str", "C": "int", "Each": "int", "K": "str", "O": "Decimal", "V": "int"}
ITEM = re.compile(r"\bA\b")
ORDER = re.compile(r"\bO\b")
ORDERED = ["Decimal", "bool", "str", "bytes", "tuple[int,str]", "list[int]", "list[tuple[Decimal,bool]]"]
ROUNDINGS = st.sampled_from(
    [
        *("ROUND_HALF_UP", "ROUND_DOWN", "ROUND_UP", "ROUND_FLOOR", "ROUND_CEILING", "ROUND_HALF_EVEN"),
        *("ROUND_HALF_DOWN", "ROUND_05UP", "HALF_UP", ""),
    ]
)
ORDERS = st.sampled_from(["big", "little", "middle"])
SIZES = st.integers(-3, 30) | st.sampled_from([2**31, -(2**31) - 1, 2**63, -(2**63) - 1, 10**30])
"""Counts and widths: small ones, and some that CPython cannot count to."""
SIZED = {
    "int.bytes": 0,
    "int.lshift": 1,
    "int.rshift": 1,
    "int.to_bytes": 1,
    "str.expandtabs": 1,
    **{f"str.{method}": 1 for method in ("repeat", "zfill", "ljust", "rjust", "center")},
    **{f"bytes.{method}": 1 for method in ("repeat", "ljust", "rjust")},
    **{f"str.{method}": 2 for method in ("split_most", "rsplit")},
    "str.replace": 3,
    "bytes.replace": 3,
    "list.repeat": 1,
}
"""Which argument is a count."""
REPLACED: dict[str, dict[int, st.SearchStrategy[Any]]] = {
    "int.pow": {1: SMALL},
    "int.round": {1: SMALL},  # CPython would make the power of ten
    "int.range": {0: SMALL, 1: SMALL, 2: SMALL},
    "int.to_bytes": {1: SIZES, 2: ORDERS},
    "bytes.int": {1: ORDERS},
    "int.chr": {0: st.integers(-2, 0x110002)},
    "int.comb": {0: st.integers(-2, 200), 1: st.integers(-2, 200)},
    "int.perm": {0: st.integers(-2, 200), 1: st.integers(-2, 200)},
    "int.factorial": {0: st.integers(-2, 200)},
    "int.isqrt": {0: st.integers(-2, 2**300)},
    "decimal.pow": {1: SMALL.map(Decimal) | st.sampled_from([Decimal("0.5"), Decimal("NaN")])},
    "decimal.quantize_rounded": {2: ROUNDINGS},
    "decimal.to_integral": {1: ROUNDINGS},
    "decimal.scaleb": {1: SMALL.map(Decimal) | DECIMALS},
    "str.int_base": {
        0: st.sampled_from(["0x_1f", " -0b1_0 ", "zz", "١٢", "_1", "1_", "0o17", "+7", ""]) | TEXTS,
        1: st.sampled_from([0, 2, 8, 10, 16, 36]) | SMALL,
    },
    "str.ord": {0: st.text(max_size=2)},
    "str.fromhex": {0: st.text(alphabet="0aF9 \n\tg\u0661", max_size=6)},
    "str.expandtabs": {0: st.text(alphabet="a\t\n\ré", max_size=8)},
    "str.splitlines": {0: st.text(alphabet="ab\n\r\x0b\x1c\x85\u2028", max_size=8)},
    "bytes.contains_byte": {1: st.integers(-2, 258)},
    "list.bytes": {0: st.lists(st.integers(-1, 256), max_size=4)},
    **{
        f"list.{method}": {1: st.integers(-6, 6) | st.sampled_from([-(2**70), 2**70])}
        for method in ("get", "peek", "set", "insert", "pop", "delete")
    },
    "list.exact": {1: st.integers(0, 4)},
    "list.rest": {1: st.integers(0, 4), 2: st.integers(0, 4)},
    "str.get": {1: st.integers(-6, 6)},
    "bytes.get": {1: st.integers(-6, 6)},
}
"""Arguments for which most values of their type would show the same failure over and over."""


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
        case "set":
            return st.sets(values_of(kind.args[0]), max_size=4)
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
    params = OPERATORS[name].params
    if any(ORDER.search(pattern) for pattern in params):
        return st.sampled_from(ORDERED).flatmap(
            lambda kind: build_list([values_of(parse_type(ORDER.sub(kind, each))) for each in params])
        )
    if name.startswith("set."):
        params = tuple(ITEM.sub("str", pattern) for pattern in params)
    strategies = [values_of(parse_type(pattern)) for pattern in params]
    if name.endswith(".format"):
        strategies[1] = SPECS
    if name in SIZED:
        strategies[SIZED[name]] = SIZES
    for index, strategy in REPLACED.get(name, {}).items():
        strategies[index] = strategy
    return build_list(strategies)


def build_list(strategies: list[st.SearchStrategy[Any]]) -> st.SearchStrategy[list[Any]]:
    return st.tuples(*strategies).map(list)


def outcome(run: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "value", run()
    except OperationRefusedError as error:
        return "refused", error.code
    except Exception as error:  # noqa: BLE001 -- whatever Python raises is compared
        return "raised", type(error)


def same(a: Any, b: Any) -> bool:
    """Equal, of one type, and spelled alike: Decimals with their exponent, NaN with itself."""
    return type(a) is type(b) and (a == b if isinstance(a, set) else repr(a) == repr(b))


def test_every_operator_is_compared() -> None:
    assert set(OPERATORS) == set(PYTHON)


@pytest.mark.parametrize("name", sorted(OPERATORS))
@settings(max_examples=60)
@given(data=st.data())
def test_an_operator_does_what_python_does(name: str, data: st.DataObject) -> None:
    arguments = data.draw(arguments_of(name))
    copies = copy.deepcopy(arguments)
    with decimal.localcontext(CONTEXT.copy()):
        found_kind, found = outcome(lambda: OPERATORS[name].compute(*copies))
        if found_kind == "refused":
            return
        kind, expected = outcome(lambda: PYTHON[name](*arguments))
    if name.endswith(".format") and str(arguments[1]).endswith("n"):
        assert (found_kind, found) == ("raised", ValueError)  # the locale's format is no format of ours
        return
    assert found_kind == kind
    assert same(found, expected)
    assert all(map(same, copies, arguments))  # what is changed is changed alike
    if kind == "raised":
        assert {each.__name__ for each in expected.__mro__} & set(OPERATORS[name].raises)


HUGE = 10**4299


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("int.lshift", [1, 15_000]),
        ("int.lshift", [-1, 10**30]),
        ("int.invert", [10**4300 - 1]),
        ("int.pow_mod", [2, 10**1300, 7]),
        ("int.round", [10**4300 - 1, -4299]),
        ("int.lcm", [HUGE + 1, HUGE - 1]),
        ("int.comb", [HUGE, 2]),
        ("int.comb", [30_000, 15_000]),
        ("int.perm", [HUGE, 2]),
        ("int.perm", [5000, 4000]),
        ("int.factorial", [10**9]),
        ("bytes.int", [b"\xff" * 1800, "big", False]),
        ("list.prod_int", [[HUGE, 10], 1]),
        ("decimal.round_int", [Decimal("1E+4300")]),
        ("decimal.ratio", [Decimal("1E-9000")]),
        ("str.int_base", ["f" * 4000, 16]),
    ],
)
def test_a_number_is_refused_before_it_is_too_long(name: str, arguments: list[Any]) -> None:
    assert outcome(lambda: OPERATORS[name].compute(*arguments)) == ("refused", E_NUMBER_TOO_LONG)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("int.to_bytes", [1, 10**9, "big", False]),
        ("int.bytes", [10**9]),
        ("str.repeat", ["ab", 10**9]),
        ("bytes.repeat", [b"ab", 10**9]),
        ("list.repeat", [[1], 10**9]),
        ("str.zfill", ["1", 10**9]),
        ("str.ljust", ["1", 10**9, " "]),
        ("bytes.rjust", [b"1", 10**9, b" "]),
        ("str.expandtabs", ["\t", 10**9]),
        ("str.replace", ["a" * 5000, "", "b" * 5000, -1]),
        ("bytes.replace", [b"a" * 5000, b"a", b"b" * 5000, 4000]),
        ("str.split_most", ["," * 1_000_001, ",", -1]),
        ("str.rsplit", ["a " * 1_000_001, None, -1]),
        ("str.splitlines", ["\n" * 1_000_001, False]),
        ("str.list", ["a" * 1_000_001]),
        ("bytes.list", [b"a" * 1_000_001]),
    ],
)
def test_a_value_is_refused_before_it_is_too_large(name: str, arguments: list[Any]) -> None:
    assert outcome(lambda: OPERATORS[name].compute(*arguments)) == ("refused", E_VALUE_TOO_LARGE)


@pytest.mark.parametrize("name", [n for n, o in OPERATORS.items() if o.is_variadic])
@settings(max_examples=40)
@given(data=st.data())
def test_a_variadic_operator_takes_more(name: str, data: st.DataObject) -> None:
    def fill(pattern: str, each: list[str]) -> Type:
        return parse_type(VARIABLES.get(pattern, pattern.replace("Each", ",".join(each))))

    kind = fill(OPERATORS[name].params[-1], [VARIABLES["Each"]])
    arguments = data.draw(st.lists(values_of(kind), min_size=2, max_size=5))
    with decimal.localcontext(CONTEXT.copy()):
        expected = outcome(lambda: PYTHON[name](*arguments))
        found = outcome(lambda: OPERATORS[name].compute(*arguments))
    assert same(found, expected)
    result = fill(OPERATORS[name].result, [VARIABLES["Each"]] * len(arguments))
    assert resolve_operator(name, (kind,) * len(arguments)) is result
