"""The operators on str, bytes, Address, list, dict and Optional, and equality of any two values.

Each is CPython's own operation; what could grow without bound is measured before it is made.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, Final

from opforge_ir.address import checksum_address
from opforge_runtime.interpreter.limits import MAX_ITEMS, MAX_TEXT_LENGTH, build_too_large
from opforge_runtime.interpreter.number_operators import (
    bound_integer,
    check_format,
    read_decimal,
    read_integer,
)

__all__ = ["CONTAINER_OPERATORS"]


def _check_length(length: int) -> None:
    if length > MAX_TEXT_LENGTH:
        raise build_too_large(MAX_TEXT_LENGTH, "characters")


def _check_items(count: int) -> None:
    if count > MAX_ITEMS:
        raise build_too_large(MAX_ITEMS, "items")


def _concat_text(*parts: str) -> str:
    _check_length(sum(map(len, parts)))
    return "".join(parts)


def _upper(text: str) -> str:
    # One character becomes three at most.
    _check_length(3 * len(text) if len(text) > MAX_TEXT_LENGTH // 3 else 0)
    return text.upper()


def _lower(text: str) -> str:
    _check_length(3 * len(text) if len(text) > MAX_TEXT_LENGTH // 3 else 0)
    return text.lower()


def _split(text: str, separator: str) -> list[str]:
    if separator:
        _check_items(text.count(separator) + 1)
    return text.split(separator)


def _join(separator: str, parts: list[str]) -> str:
    _check_length(sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1))
    return separator.join(parts)


def _format_text(text: str, spec: str) -> str:
    check_format(spec)
    return format(text, spec)


def _concat_bytes(a: bytes, b: bytes) -> bytes:
    _check_length(len(a) + len(b))
    return a + b


def _hex(data: bytes) -> str:
    _check_length(2 * len(data))
    return data.hex()


def _concat_lists(a: list[Any], b: list[Any]) -> list[Any]:
    _check_items(len(a) + len(b))
    return a + b


def _reversed(items: list[Any]) -> list[Any]:
    return items[::-1]


def _zip(*lists: list[Any]) -> list[Any]:
    return list(zip(*lists, strict=False))


def _enumerate(items: list[Any], start: int) -> list[tuple[int, Any]]:
    bound_integer(start + len(items))
    return list(enumerate(items, start))


def _flatten(lists: list[list[Any]]) -> list[Any]:
    _check_items(sum(map(len, lists)))
    return [item for items in lists for item in items]


def _sum_int(numbers: list[int], start: int) -> int:
    return bound_integer(sum(numbers, start))


def _sum_decimal(numbers: list[Decimal], start: Decimal) -> Decimal:
    return sum(numbers, start)


def _append(items: list[Any], item: Any) -> None:
    _check_items(len(items) + 1)
    items.append(item)


def _get(entries: dict[Any, Any], key: Any, default: Any) -> Any:
    return entries.get(key, default)


def _find(entries: dict[Any, Any], key: Any) -> Any:
    return entries.get(key)


def _values(entries: dict[Any, Any]) -> list[Any]:
    return list(entries.values())


def _items(entries: dict[Any, Any]) -> list[tuple[Any, Any]]:
    return list(entries.items())


def _set(entries: dict[Any, Any], key: Any, value: Any) -> None:
    if len(entries) >= MAX_ITEMS and key not in entries:
        raise build_too_large(MAX_ITEMS, "items")
    entries[key] = value


def _some(value: Any) -> Any:
    return value


def _is_none(value: Any) -> bool:
    return value is None


def _value(value: Any) -> Any:
    if value is None:
        raise TypeError("None has no value")
    return value


def _sorted(items: Iterable[Any]) -> list[Any]:
    return sorted(items)


CONTAINER_OPERATORS: Final[dict[str, Callable[..., Any]]] = {
    "value.eq": operator.eq,
    "value.ne": operator.ne,
    "str.concat": _concat_text,
    "str.len": len,
    "str.bool": bool,
    "str.lt": operator.lt,
    "str.le": operator.le,
    "str.gt": operator.gt,
    "str.ge": operator.ge,
    "str.contains": operator.contains,
    "str.upper": _upper,
    "str.lower": _lower,
    "str.strip": str.strip,
    "str.startswith": str.startswith,
    "str.endswith": str.endswith,
    "str.split": _split,
    "str.join": _join,
    "str.int": read_integer,
    "str.decimal": read_decimal,
    "str.format": _format_text,
    "bytes.concat": _concat_bytes,
    "bytes.len": len,
    "bytes.bool": bool,
    "bytes.hex": _hex,
    "address.str": checksum_address,
    "list.len": len,
    "list.bool": bool,
    "list.get": operator.getitem,
    "list.contains": operator.contains,
    "list.concat": _concat_lists,
    "list.reversed": _reversed,
    "list.zip": _zip,
    "list.zip3": _zip,
    "list.enumerate": _enumerate,
    "list.flatten": _flatten,
    "list.sum_int": _sum_int,
    "list.sum_decimal": _sum_decimal,
    "list.min_int": min,
    "list.max_int": max,
    "list.min_decimal": min,
    "list.max_decimal": max,
    "list.any": any,
    "list.all": all,
    "list.sorted_int": _sorted,
    "list.sorted_str": _sorted,
    "list.append": _append,
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
    "dict.set": _set,
    "optional.some": _some,
    "optional.is_none": _is_none,
    "optional.value": _value,
}
