"""Random uses of the operators and methods on numbers, text and bytes, and of what Python orders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, TypeVar

from opforge_ir.types import BOOL, BYTES, DECIMAL, INT, STR, Type, list_of, parse_type

__all__ = ["build_operator_options"]

_T = TypeVar("_T")
_PAIR: Final = parse_type("tuple[int,str]")
_ROUNDINGS: Final = ["ROUND_HALF_UP", "ROUND_DOWN", "ROUND_UP", "ROUND_FLOOR", "ROUND_CEILING", "ROUND_05UP"]
_BOUNDS: Final = ["", "0", "1", "-1", "2", "-3", "9"]
_STEPS: Final = ["", "", ":", ":1", ":-1", ":2", ":-2"]
_ORDERS: Final = ["'big'", "'little'"]
_CASES: Final = ["casefold", "capitalize", "swapcase", "title", "lstrip", "rstrip", "upper", "lower"]
_PROPERTIES: Final = ["isalpha", "isdigit", "isalnum", "isspace", "islower", "isupper", "istitle", "isascii"]


class Expressions(Protocol):
    """What writes expressions of a wanted type."""

    def expression(self, kind: Type, depth: int) -> str:
        """An expression of this type."""
        ...

    def pick(self, options: Sequence[_T]) -> _T:
        """One of several."""
        ...

    def number(self, low: int, high: int) -> int:
        """A number between two bounds, both included."""
        ...


def build_operator_options(builder: Expressions, kind: Type, depth: int) -> list[Callable[[], str]]:
    """Ways to write an expression of this type; none for most types."""
    e, pick, number = builder.expression, builder.pick, builder.number

    def cut() -> str:
        return f"[{pick(_BOUNDS)}:{pick(_BOUNDS)}{pick(_STEPS)}]"

    match kind.text:
        case "int":
            return [
                lambda: f"({e(INT, depth)} {pick(['&', '|', '^'])} {e(INT, depth)})",
                lambda: f"({e(INT, depth)} {pick(['<<', '>>'])} {number(-1, 9)})",
                lambda: f"(~{e(INT, depth)})",
                lambda: f"divmod({e(INT, depth)}, {e(INT, depth)})[{pick([0, 1, -1])}]",
                lambda: f"pow({e(INT, depth)}, {number(-1, 5)}, {e(INT, depth)})",
                lambda: f"round({e(INT, depth)}, {number(-3, 2)})",
                lambda: f"round({e(DECIMAL, depth)})",
                lambda: f"({e(INT, depth)}).bit_length()",
                lambda: f"{e(BYTES, depth)}[{pick([0, -1, 1])}]",
                lambda: f"int.from_bytes({e(BYTES, depth)}, {pick(_ORDERS)})",
                lambda: f"{e(STR, depth)}.{pick(['find', 'rfind', 'count', 'index'])}({e(STR, depth)})",
                lambda: f"ord({e(STR, depth)})",
                lambda: f"int({e(STR, depth)}, {pick([0, 2, 16, 36])})",
                lambda: f"sum({e(list_of(BOOL), depth)})",
            ]
        case "bool":
            ordered = [BYTES, _PAIR, list_of(INT), list_of(STR), list_of(DECIMAL), BOOL]

            def compared() -> str:
                each = pick(ordered)
                return f"({e(each, depth)} {pick(['<', '<=', '>', '>='])} {e(each, depth)})"

            return [
                compared,
                lambda: f"({e(BOOL, depth)} {pick(['&', '|', '^'])} {e(BOOL, depth)})",
                lambda: f"{e(STR, depth)}.{pick(_PROPERTIES)}()",
                lambda: f"({e(BYTES, depth)} in {e(BYTES, depth)})",
                lambda: f"({e(INT, depth)} in {e(BYTES, depth)})",
                lambda: f"{e(STR, depth)}.startswith(({e(STR, depth)}, {e(STR, depth)}))",
                lambda: f"{e(DECIMAL, depth)}.{pick(['is_nan', 'is_zero', 'is_signed', 'is_finite'])}()",
            ]
        case "str":
            return [
                lambda: f"{e(STR, depth)}{cut()}",
                lambda: f"{e(STR, depth)}[{pick([0, -1, 1])}]",
                lambda: f"({e(STR, depth)} * {number(-1, 3)})",
                lambda: f"{e(STR, depth)}.{pick(_CASES)}()",
                lambda: f"{e(STR, depth)}.replace({e(STR, depth)}, {e(STR, depth)})",
                lambda: f"{e(STR, depth)}.{pick(['ljust', 'rjust', 'center', 'zfill'])}({number(-1, 9)})",
                lambda: f"{e(STR, depth)}.{pick(['removeprefix', 'removesuffix', 'strip'])}({e(STR, depth)})",
                lambda: (
                    f"{e(STR, depth)}.{pick(['partition', 'rpartition'])}({e(STR, depth)})[{pick([0, 1, 2])}]"
                ),
                lambda: f"{pick(['hex', 'bin', 'oct'])}({e(INT, depth)})",
                lambda: f"chr({e(INT, depth)} % 700)",
                lambda: f"{e(BYTES, depth)}.decode()",
                lambda: f"{pick(['min', 'max'])}({e(STR, depth)}, {e(STR, depth)})",
            ]
        case "bytes":
            return [
                lambda: f"{e(BYTES, depth)}{cut()}",
                lambda: f"({e(BYTES, depth)} * {number(-1, 3)})",
                lambda: f"{e(STR, depth)}.encode()",
                lambda: f"bytes({number(-1, 3)})",
                lambda: f"bytes([{e(INT, depth)} % 257])",
                lambda: f"({e(INT, depth)}).to_bytes({number(0, 12)}, 'big', signed={pick([False, True])})",
                lambda: f"bytes.fromhex({e(STR, depth)})",
                lambda: f"{e(BYTES, depth)}.{pick(['ljust', 'rjust'])}({number(0, 5)}, b'-')",
                lambda: f"b','.join([{e(BYTES, depth)}, {e(BYTES, depth)}])",
            ]
        case "Decimal":
            return [
                lambda: f"(+{e(DECIMAL, depth)})",
                lambda: f"{e(DECIMAL, depth)}.quantize(Decimal('0.1'), rounding='{pick(_ROUNDINGS)}')",
                lambda: f"{e(DECIMAL, depth)}.to_integral_value(rounding='{pick(_ROUNDINGS)}')",
                lambda: f"{e(DECIMAL, depth)}.{pick(['normalize', 'sqrt', 'ln', 'exp', 'copy_negate'])}()",
                lambda: f"{e(DECIMAL, depth)}.{pick(['max', 'min', 'compare'])}({e(DECIMAL, depth)})",
                lambda: f"divmod({e(DECIMAL, depth)}, {e(DECIMAL, depth)})[{pick([0, 1])}]",
            ]
        case "list[int]":
            return [lambda: f"{e(kind, depth)}{cut()}", lambda: f"list({e(BYTES, depth)})"]
        case "list[str]":
            return [
                lambda: f"{e(kind, depth)}{cut()}",
                lambda: f"list({e(STR, depth)})",
                lambda: f"{e(STR, depth)}.split()",
                lambda: f"{e(STR, depth)}.{pick(['split', 'rsplit'])}({e(STR, depth)}, {number(-1, 2)})",
                lambda: f"{e(STR, depth)}.splitlines({pick([False, True])})",
            ]
        case "tuple[int,str]":
            return [
                lambda: f"({e(_PAIR, depth)}[:1] + {e(_PAIR, depth)}[-1:])",
                lambda: f"max({e(_PAIR, depth)}, {e(_PAIR, depth)})",
            ]
        case _:
            return []
