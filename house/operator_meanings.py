"""What each operator of the contract means, written down once more in plain Python."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, cast

from opforge import Address
from opforge_ir.address import checksum_address

__all__ = ["MEANINGS", "compile_meaning"]


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
    items.sort(key=lambda _: next(following), reverse=is_reverse)


def amount(number: str | Decimal, size: int) -> int:
    try:
        scaled = Fraction(Decimal(number)) * size
    except (ArithmeticError, ValueError):
        raise ValueError from None
    if scaled.denominator != 1:
        raise ValueError
    return int(scaled)


def power(a: int, b: int) -> int:
    if b < 0:
        raise ValueError if a else ZeroDivisionError
    return int(a**b)


def unwrap(value: Any) -> Any:
    if value is None:
        raise TypeError
    return value


MEANINGS: Final = {
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
    "int.in_range": "lambda a, start, stop, step: a in range(start, stop, step)",
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
    "str.address": "lambda a: str(Address(a)).lower()",
    "str.amount": "amount",
    "decimal.amount": "amount",
    "list.len": "lambda a: len(a)",
    "list.bool": "lambda a: bool(a)",
    "list.get": "lambda a, i: a[i]",
    "list.contains": "lambda a, x: x in a",
    "list.concat": "lambda a, b: a + b",
    "list.reversed": "lambda a: list(reversed(a))",
    "list.zip": "lambda a, b: list(zip(a, b, strict=False))",
    "list.zip3": "lambda a, b, c: list(zip(a, b, c, strict=False))",
    "list.zip_all": "lambda *a: list(zip(*a, strict=False))",
    "list.zip_strict": "lambda *a: list(zip(*a, strict=True))",
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
    "list.append": "append",
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
    "dict.set": "set_item",
    "set.len": "lambda a: len(a)",
    "set.bool": "lambda a: bool(a)",
    "set.contains": "lambda a, x: x in a",
    "set.copy": "lambda a: a.copy()",
    "set.from_list": "lambda items: {*items}",
    "set.sorted": "lambda a: sorted(a)",
    "set.union": "lambda a, b: a | b",
    "set.intersection": "lambda a, b: a & b",
    "set.difference": "lambda a, b: a - b",
    "set.symmetric_difference": "lambda a, b: a ^ b",
    "set.le": "lambda a, b: a <= b",
    "set.lt": "lambda a, b: a < b",
    "set.is_disjoint": "lambda a, b: a.isdisjoint(b)",
    "set.add": "lambda a, x: a.add(x)",
    "set.discard": "lambda a, x: a.discard(x)",
    "set.remove": "lambda a, x: a.remove(x)",
    "set.clear": "lambda a: a.clear()",
    "set.update": "lambda a, b: a.update(b)",
    "set.keep": "lambda a, b: a.intersection_update(b)",
    "set.subtract": "lambda a, b: a.difference_update(b)",
    "set.toggle": "lambda a, b: a.symmetric_difference_update(b)",
    "optional.some": "lambda a: a",
    "optional.is_none": "lambda a: a is None",
    "optional.value": "unwrap",
    "value.lt": "lambda a, b: a < b",
    "value.le": "lambda a, b: a <= b",
    "value.gt": "lambda a, b: a > b",
    "value.ge": "lambda a, b: a >= b",
    "value.min": "lambda *a: min(*a)",
    "value.max": "lambda *a: max(*a)",
    "bool.and": "lambda a, b: a & b",
    "bool.or": "lambda a, b: a | b",
    "bool.xor": "lambda a, b: a ^ b",
    "int.and": "lambda a, b: a & b",
    "int.or": "lambda a, b: a | b",
    "int.xor": "lambda a, b: a ^ b",
    "int.invert": "lambda a: ~a",
    "int.lshift": "lambda a, b: a << b",
    "int.rshift": "lambda a, b: a >> b",
    "int.bit_length": "lambda a: a.bit_length()",
    "int.bit_count": "lambda a: a.bit_count()",
    "int.to_bytes": "lambda a, n, order, signed: a.to_bytes(n, order, signed=signed)",
    "int.bytes": "lambda a: bytes(a)",
    "int.chr": "lambda a: chr(a)",
    "int.divmod": "lambda a, b: divmod(a, b)",
    "int.pow_mod": "lambda a, b, m: pow(a, b, m)",
    "int.round": "lambda a, digits: round(a, digits)",
    "int.gcd": "lambda *a: math.gcd(*a)",
    "int.lcm": "lambda *a: math.lcm(*a)",
    "int.isqrt": "lambda a: math.isqrt(a)",
    "int.comb": "lambda n, k: math.comb(n, k)",
    "int.perm": "lambda n, k: math.perm(n, k)",
    "int.factorial": "lambda n: math.factorial(n)",
    "decimal.pos": "lambda a: +a",
    "decimal.divmod": "lambda a, b: divmod(a, b)",
    "decimal.round_int": "lambda a: round(a)",
    "decimal.quantize_rounded": "lambda a, b, r: a.quantize(b, rounding=r)",
    "decimal.to_integral": "lambda a, r: a.to_integral_value(rounding=r)",
    "decimal.normalize": "lambda a: a.normalize()",
    "decimal.sqrt": "lambda a: a.sqrt()",
    "decimal.exp": "lambda a: a.exp()",
    "decimal.ln": "lambda a: a.ln()",
    "decimal.log10": "lambda a: a.log10()",
    "decimal.copy_abs": "lambda a: a.copy_abs()",
    "decimal.copy_negate": "lambda a: a.copy_negate()",
    "decimal.copy_sign": "lambda a, b: a.copy_sign(b)",
    "decimal.is_finite": "lambda a: a.is_finite()",
    "decimal.is_infinite": "lambda a: a.is_infinite()",
    "decimal.is_nan": "lambda a: a.is_nan()",
    "decimal.is_signed": "lambda a: a.is_signed()",
    "decimal.is_zero": "lambda a: a.is_zero()",
    "decimal.adjusted": "lambda a: a.adjusted()",
    "decimal.scaleb": "lambda a, b: a.scaleb(b)",
    "decimal.compare": "lambda a, b: a.compare(b)",
    "decimal.min_number": "lambda a, b: a.min(b)",
    "decimal.max_number": "lambda a, b: a.max(b)",
    "decimal.ratio": "lambda a: a.as_integer_ratio()",
    "str.get": "lambda a, i: a[i]",
    "str.slice": "lambda a, i, j, k: a[i:j:k]",
    "str.list": "lambda a: list(a)",
    "str.repeat": "lambda a, n: a * n",
    "str.strip_chars": "lambda a, b: a.strip(b)",
    "str.lstrip": "lambda a, b: a.lstrip(b)",
    "str.rstrip": "lambda a, b: a.rstrip(b)",
    "str.removeprefix": "lambda a, b: a.removeprefix(b)",
    "str.removesuffix": "lambda a, b: a.removesuffix(b)",
    "str.startswith_any": "lambda a, b, i, j: a.startswith(tuple(b), i, j)",
    "str.endswith_any": "lambda a, b, i, j: a.endswith(tuple(b), i, j)",
    "str.split_most": "lambda a, b, n: a.split(b, n)",
    "str.rsplit": "lambda a, b, n: a.rsplit(b, n)",
    "str.splitlines": "lambda a, keep: a.splitlines(keep)",
    "str.partition": "lambda a, b: a.partition(b)",
    "str.rpartition": "lambda a, b: a.rpartition(b)",
    "str.replace": "lambda a, b, c, n: a.replace(b, c, n)",
    "str.find": "lambda a, b, i, j: a.find(b, i, j)",
    "str.rfind": "lambda a, b, i, j: a.rfind(b, i, j)",
    "str.index": "lambda a, b, i, j: a.index(b, i, j)",
    "str.rindex": "lambda a, b, i, j: a.rindex(b, i, j)",
    "str.count": "lambda a, b, i, j: a.count(b, i, j)",
    "str.zfill": "lambda a, n: a.zfill(n)",
    "str.ljust": "lambda a, n, fill: a.ljust(n, fill)",
    "str.rjust": "lambda a, n, fill: a.rjust(n, fill)",
    "str.center": "lambda a, n, fill: a.center(n, fill)",
    "str.expandtabs": "lambda a, n: a.expandtabs(n)",
    "str.casefold": "lambda a: a.casefold()",
    "str.capitalize": "lambda a: a.capitalize()",
    "str.swapcase": "lambda a: a.swapcase()",
    "str.title": "lambda a: a.title()",
    "str.isalnum": "lambda a: a.isalnum()",
    "str.isalpha": "lambda a: a.isalpha()",
    "str.isascii": "lambda a: a.isascii()",
    "str.isdecimal": "lambda a: a.isdecimal()",
    "str.isdigit": "lambda a: a.isdigit()",
    "str.isidentifier": "lambda a: a.isidentifier()",
    "str.islower": "lambda a: a.islower()",
    "str.isnumeric": "lambda a: a.isnumeric()",
    "str.isspace": "lambda a: a.isspace()",
    "str.istitle": "lambda a: a.istitle()",
    "str.isupper": "lambda a: a.isupper()",
    "str.int_base": "lambda a, base: int(a, base)",
    "str.ord": "lambda a: ord(a)",
    "str.encode_utf8": "lambda a: a.encode()",
    "str.encode_ascii": 'lambda a: a.encode("ascii")',
    "str.fromhex": "lambda a: bytes.fromhex(a)",
    "bytes.int": "lambda a, order, signed: int.from_bytes(a, order, signed=signed)",
    "bytes.get": "lambda a, i: a[i]",
    "bytes.slice": "lambda a, i, j, k: a[i:j:k]",
    "bytes.list": "lambda a: list(a)",
    "bytes.repeat": "lambda a, n: a * n",
    "bytes.contains": "lambda a, b: b in a",
    "bytes.contains_byte": "lambda a, b: b in a",
    "bytes.join": "lambda a, parts: a.join(parts)",
    "bytes.strip": "lambda a, b: a.strip(b)",
    "bytes.lstrip": "lambda a, b: a.lstrip(b)",
    "bytes.rstrip": "lambda a, b: a.rstrip(b)",
    "bytes.removeprefix": "lambda a, b: a.removeprefix(b)",
    "bytes.removesuffix": "lambda a, b: a.removesuffix(b)",
    "bytes.startswith_any": "lambda a, b, i, j: a.startswith(tuple(b), i, j)",
    "bytes.endswith_any": "lambda a, b, i, j: a.endswith(tuple(b), i, j)",
    "bytes.replace": "lambda a, b, c, n: a.replace(b, c, n)",
    "bytes.find": "lambda a, b, i, j: a.find(b, i, j)",
    "bytes.rfind": "lambda a, b, i, j: a.rfind(b, i, j)",
    "bytes.index": "lambda a, b, i, j: a.index(b, i, j)",
    "bytes.rindex": "lambda a, b, i, j: a.rindex(b, i, j)",
    "bytes.count": "lambda a, b, i, j: a.count(b, i, j)",
    "bytes.ljust": "lambda a, n, fill: a.ljust(n, fill)",
    "bytes.rjust": "lambda a, n, fill: a.rjust(n, fill)",
    "bytes.decode_utf8": "lambda a: a.decode()",
    "bytes.decode_ascii": 'lambda a: a.decode("ascii")',
    "list.sum_bool": "lambda a, start: sum(a, start)",
    "list.prod_int": "lambda a, start: math.prod(a, start=start)",
    "list.prod_decimal": "lambda a, start: math.prod(a, start=start)",
    "list.min": "lambda a: min(a)",
    "list.max": "lambda a: max(a)",
    "list.slice": "lambda a, i, j, k: a[i:j:k]",
    "list.repeat": "lambda a, n: a * n",
    "list.bytes": "lambda a: bytes(a)",
    "list.min_by": "lambda a: min(a, key=lambda pair: pair[0])[1]",
    "list.max_by": "lambda a: max(a, key=lambda pair: pair[0])[1]",
    "list.sorted": "lambda a, flag: sorted(a, reverse=flag)",
    "list.sorted_by": "lambda a, flag: [x for _, x in sorted(a, key=lambda pair: pair[0], reverse=flag)]",
    "list.index": "lambda a, x: a.index(x)",
    "list.count": "lambda a, x: a.count(x)",
    "list.peek": "lambda a, i: list(a).pop(i)",
    "list.exact": "exact",
    "list.rest": "rest",
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
    "dict.last": "lambda a: dict(a).popitem()",
    "dict.merge": "lambda a, b: a | b",
    "dict.delete": "delete_item",
    "dict.discard": "lambda a, key: nothing(a.pop(key, None))",
    "dict.popitem": "lambda a: nothing(a.popitem())",
    "dict.set_default": "lambda a, key, value: nothing(a.setdefault(key, value))",
    "dict.update": "lambda a, b: a.update(b)",
    "dict.update_pairs": "lambda a, pairs: a.update(pairs)",
    "dict.clear": "lambda a: a.clear()",
}
"""The text of a function for each operator by name."""


_NAMES: Final[dict[str, Any]] = {
    "Address": Address,
    "Decimal": Decimal,
    "amount": amount,
    "append": append,
    "checksum_address": checksum_address,
    "delete_item": delete_item,
    "exact": exact,
    "math": math,
    "nothing": nothing,
    "power": power,
    "rest": rest,
    "set_item": set_item,
    "sort_by": sort_by,
    "unwrap": unwrap,
}


def compile_meaning(name: str) -> Callable[..., Any]:
    """The function that does what the documentation of this operator says."""
    return cast("Callable[..., Any]", eval(MEANINGS[name], _NAMES))
