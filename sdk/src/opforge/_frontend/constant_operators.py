"""The operators as CPython computes them, for constants.

Constants are computed in the context that a new Python starts with (28 digits, half to even), since
files run before a program could set another. Work and results are bounded: a constant that is
larger raises ConstantTooLargeError.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sized
from decimal import Context, Decimal, DivisionByZero, InvalidOperation, Overflow, localcontext
from typing import Any, Final

from opforge._ir import OperatorName
from opforge_ir.address import checksum_address

__all__ = ["MAX_ITEMS", "ConstantTooLargeError", "compute_operator"]

MAX_ITEMS: Final = 10_000
"""The longest list or str that a step may make."""
_MAX_BITS: Final = 14_000
_CONTEXT: Final = Context(prec=28, traps=[InvalidOperation, DivisionByZero, Overflow])


class ConstantTooLargeError(Exception):
    """The value would be larger than constants may be; the argument says than what."""


def compute_operator(name: OperatorName, arguments: list[Any]) -> Any:
    """The result of an operator. Raises what Python raises, and ConstantTooLargeError."""
    with localcontext(_CONTEXT):
        result: object = _OPERATORS[name](*arguments)
    if isinstance(result, int) and result.bit_length() > _MAX_BITS:
        raise ConstantTooLargeError("4300 digits")
    if isinstance(result, Sized) and len(result) > MAX_ITEMS:
        raise ConstantTooLargeError(f"{MAX_ITEMS} items")
    return result


def _multiply(a: int, b: int) -> int:
    if a.bit_length() + b.bit_length() > 2 * _MAX_BITS:
        raise ConstantTooLargeError("4300 digits")
    return a * b


def _power(a: int, b: int) -> int:
    if b < 0:
        raise ValueError("a negative exponent gives a float, which is not exact")
    if abs(a) > 1 and a.bit_length() * b > 2 * _MAX_BITS:
        raise ConstantTooLargeError("4300 digits")
    return int(a**b)


def _range(start: int, stop: int, step: int) -> list[int]:
    numbers = range(start, stop, step)
    if numbers and (stop - start) // step > MAX_ITEMS:
        raise ConstantTooLargeError(f"{MAX_ITEMS} items")
    return list(numbers)


def _plain_decimal(value: Decimal) -> Decimal:
    if value.is_finite() and value.adjusted() > 4300:
        raise ConstantTooLargeError("4300 digits")
    return value


def _zip(*lists: list[Any]) -> list[Any]:
    return list(zip(*lists, strict=False))


def _floor_divide(a: Any, b: Any) -> Any:
    return a // b


def _divide(a: Decimal, b: Decimal) -> Decimal:
    return a / b


def _decimal_power(a: Decimal, b: Decimal) -> Decimal:
    return a**b


def _quantize(value: Decimal, exponent: Decimal) -> Decimal:
    return value.quantize(exponent)


def _truncate(value: Decimal) -> int:
    return int(_plain_decimal(value))


def _format_decimal(value: Decimal, spec: str) -> str:
    return format(_plain_decimal(value), spec)


def _join(separator: str, parts: list[str]) -> str:
    return _concat(*[text for part in parts for text in (separator, part)][1:])


def _enumerate(items: list[Any], start: int) -> list[Any]:
    return list(enumerate(items, start))


def _flatten(lists: list[list[Any]]) -> list[Any]:
    return [item for items in lists for item in items]


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


def _get(entries: dict[Any, Any], key: Any, default: Any) -> Any:
    return entries.get(key, default)


def _values(entries: dict[Any, Any]) -> list[Any]:
    return list(entries.values())


def _items(entries: dict[Any, Any]) -> list[Any]:
    return list(entries.items())


def _same(value: Any) -> Any:
    return value


def _is_none(value: Any) -> bool:
    return value is None


def _find(entries: dict[Any, Any], key: Any) -> Any:
    return entries.get(key)


def _concat(*parts: str) -> str:
    if sum(map(len, parts)) > MAX_ITEMS:
        raise ConstantTooLargeError(f"{MAX_ITEMS} characters")
    return "".join(parts)


def _known(value: Any) -> Any:
    if value is None:
        raise TypeError("the value is None")
    return value


_OPERATORS: Final[dict[str, Callable[..., Any]]] = {
    "value.eq": operator.eq,
    "value.ne": operator.ne,
    "bool.not": operator.not_,
    "bool.str": str,
    "bool.int": int,
    "int.add": operator.add,
    "int.sub": operator.sub,
    "int.mul": _multiply,
    "int.floordiv": _floor_divide,
    "int.mod": operator.mod,
    "int.pow": _power,
    "int.neg": operator.neg,
    "int.abs": abs,
    "int.lt": operator.lt,
    "int.le": operator.le,
    "int.gt": operator.gt,
    "int.ge": operator.ge,
    "int.min": min,
    "int.max": max,
    "int.str": str,
    "int.bool": bool,
    "int.decimal": Decimal,
    "int.format": format,
    "int.range": _range,
    "decimal.add": operator.add,
    "decimal.sub": operator.sub,
    "decimal.mul": operator.mul,
    "decimal.div": _divide,
    "decimal.floordiv": _floor_divide,
    "decimal.mod": operator.mod,
    "decimal.pow": _decimal_power,
    "decimal.neg": operator.neg,
    "decimal.abs": abs,
    "decimal.lt": operator.lt,
    "decimal.le": operator.le,
    "decimal.gt": operator.gt,
    "decimal.ge": operator.ge,
    "decimal.min": min,
    "decimal.max": max,
    "decimal.str": str,
    "decimal.bool": bool,
    "decimal.int": _truncate,
    "decimal.format": _format_decimal,
    "decimal.quantize": _quantize,
    "decimal.round": round,
    "str.concat": _concat,
    "str.len": len,
    "str.bool": bool,
    "str.lt": operator.lt,
    "str.le": operator.le,
    "str.gt": operator.gt,
    "str.ge": operator.ge,
    "str.contains": operator.contains,
    "str.upper": str.upper,
    "str.lower": str.lower,
    "str.strip": str.strip,
    "str.startswith": str.startswith,
    "str.endswith": str.endswith,
    "str.split": str.split,
    "str.join": _join,
    "str.int": int,
    "str.decimal": Decimal,
    "str.format": format,
    "bytes.concat": operator.add,
    "bytes.len": len,
    "bytes.bool": bool,
    "bytes.hex": bytes.hex,
    "address.str": checksum_address,
    "list.len": len,
    "list.bool": bool,
    "list.get": operator.getitem,
    "list.contains": operator.contains,
    "list.concat": operator.add,
    "list.reversed": _reversed,
    "list.zip": _zip,
    "list.zip3": _zip,
    "list.enumerate": _enumerate,
    "list.flatten": _flatten,
    "list.sum_int": sum,
    "list.sum_decimal": sum,
    "list.min_int": min,
    "list.max_int": max,
    "list.min_decimal": min,
    "list.max_decimal": max,
    "list.any": any,
    "list.all": all,
    "list.sorted_int": sorted,
    "list.sorted_str": sorted,
    "dict.len": len,
    "dict.bool": bool,
    "dict.item": operator.getitem,
    "dict.get": _get,
    "dict.find": _find,
    "dict.contains": operator.contains,
    "dict.keys": list,
    "dict.values": _values,
    "dict.items": _items,
    "dict.from_pairs": dict,
    "optional.some": _same,
    "optional.is_none": _is_none,
    "optional.value": _known,
}
