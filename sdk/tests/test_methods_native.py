"""Methods, builtins and functions of `math` in a program end as in CPython: the edge cases, written out."""

from __future__ import annotations

from typing import Any

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

HEAD = """\
import decimal
import math
from decimal import ROUND_05UP, ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_DOWN
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from math import gcd
from opforge import Address, op, workload
workload("sample", version="1.0.0")
WIDTH = ">8"
OWNER = Address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
@op
"""


def check(expression: str, result: str, before: str = "pass", /, **inputs: Any) -> None:
    """Compare one expression over named values; what CPython raises is raised."""
    kinds = {name: type(value).__name__.replace("list", "list[int]") for name, value in inputs.items()}
    parameters = ", ".join(f"{name}: {kind}" for name, kind in kinds.items())
    source = f"{HEAD}def main({parameters}) -> {result}:\n    {before}\n    return {expression}\n"
    compare(GeneratedProgram(source, inputs, parse_type(result.replace(" ", ""))))


TEXTS = ["", "  A b\tc ", "straße İx", "a,b,,c", "x\r\ny\x85z\n", "-07", "١٢", "Ωσς", "ab" * 3]


@pytest.mark.parametrize(
    ("call", "result"),
    [
        *((f"{name}()", "str") for name in ("upper", "lower", "casefold", "title", "capitalize", "swapcase")),
        *((f"{name}()", "str") for name in ("strip", "lstrip", "rstrip", "expandtabs")),
        ('strip("a -")', "str"),
        ("lstrip(None)", "str"),
        ('rstrip("c b")', "str"),
        ('removeprefix("a")', "str"),
        ('removesuffix("c")', "str"),
        ('startswith(("a", "x"))', "bool"),
        ('startswith("b", 1)', "bool"),
        ('endswith(("", "z"), -3, None)', "bool"),
        ('endswith("b", 0, -1)', "bool"),
        ("split()", "list[str]"),
        ("split(None, 1)", "list[str]"),
        ("split(maxsplit=n)", "list[str]"),
        ('split(",")', "list[str]"),
        ('split(sep=",", maxsplit=1)', "list[str]"),
        ('split(maxsplit=1, sep=",")', "list[str]"),
        ('split("", 1)', "list[str]"),
        ('rsplit("b", 1)', "list[str]"),
        ("rsplit()", "list[str]"),
        ("splitlines()", "list[str]"),
        ("splitlines(keepends=True)", "list[str]"),
        ('partition(",")', "tuple[str, str, str]"),
        ('rpartition("b")', "tuple[str, str, str]"),
        ('partition("")', "tuple[str, str, str]"),
        ('replace("a", "xy")', "str"),
        ('replace("", "-")', "str"),
        ('replace("b", "", n)', "str"),
        *((f'{name}("b")', "int") for name in ("find", "rfind", "index", "rindex", "count")),
        *((f'{name}("", -2, n)', "int") for name in ("find", "rfind", "index", "rindex", "count")),
        ("zfill(6)", "str"),
        ("zfill(-n)", "str"),
        ("ljust(9)", "str"),
        ('rjust(9, "*")', "str"),
        ('center(n * 4, "é")', "str"),
        ('center(9, "")', "str"),
        ("expandtabs(tabsize=n)", "str"),
        *((f"is{name}()", "bool") for name in ("alnum", "alpha", "ascii", "decimal", "digit", "identifier")),
        *((f"is{name}()", "bool") for name in ("lower", "numeric", "space", "title", "upper")),
        ("encode()", "bytes"),
        ('encode("UTF-8", errors="strict")', "bytes"),
        ('encode("ascii")', "bytes"),
    ],
)
def test_methods_of_str(call: str, result: str) -> None:
    for text in TEXTS:
        check(f"s.{call}", result, s=text, n=2)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("b.hex()", "str"),
        ("bytes.fromhex(b.hex())", "bytes"),
        ('bytes.fromhex("0g")', "bytes"),
        ("b.decode()", "str"),
        ('b.decode(encoding="ascii")', "str"),
        ('b"-".join([b, b"x", b])', "bytes"),
        ('b.startswith((b"ab", b"\\xff"))', "bool"),
        ("b.endswith(b, n)", "bool"),
        ('b.find(b"b")', "int"),
        ('b.rfind(b"", 0, n)', "int"),
        ('b.index(b"zz")', "int"),
        ('b.count(b"b")', "int"),
        ('b.replace(b"b", b"--", n)', "bytes"),
        ("b.rjust(8)", "bytes"),
        ('b.ljust(8, b"\\0")', "bytes"),
        ('b.strip(b"ab")', "bytes"),
        ("b.rstrip()", "bytes"),
        ('b.removeprefix(b"a")', "bytes"),
        ("bytes(n)", "bytes"),
        ("bytes(-n)", "bytes"),
        ("bytes([n, 255])", "bytes"),
        ("bytes([n, 256])", "bytes"),
        ("bytes((1, n))", "bytes"),
        ("bytes(x ^ 1 for x in b)", "bytes"),
        ("bytes()", "bytes"),
        ('int.from_bytes(b, "big")', "int"),
        ('int.from_bytes(b, byteorder="little", signed=True)', "int"),
        ('int.from_bytes(b, "middle")', "int"),
        ('n.to_bytes(4, "little")', "bytes"),
        ("n.to_bytes()", "bytes"),
        ('(-n).to_bytes(2, "big", signed=True)', "bytes"),
        ('(-n).to_bytes(byteorder="big", length=2)', "bytes"),
        ("(n ** 9).to_bytes(1)", "bytes"),
        ("n.bit_length() + n.bit_count() + (0).bit_length()", "int"),
    ],
)
def test_bytes_and_ints(expression: str, result: str) -> None:
    for data in (b"", b"ab  ", b"\xff\x00", "bé".encode()):
        check(expression, result, b=data, n=3)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("[divmod(a, b), divmod(-a, b)]", "list[tuple[int, int]]"),
        ("divmod(Decimal(a), b)", "tuple[Decimal, Decimal]"),
        ("pow(a, 3)", "int"),
        ("pow(a, 5, b)", "int"),
        ("pow(a, -1, b)", "int"),
        ("hex(a) + bin(a) + oct(-a)", "str"),
        ("hex(True)", "str"),
        ("round(a, -1)", "int"),
        ("round(a, 2)", "int"),
        ("round(ndigits=-2, number=a * 25)", "int"),
        ("round(a, None)", "int"),
        ("abs(-True) + abs(a)", "int"),
        ("chr(a)", "str"),
        ("chr(0x110000)", "str"),
        ("ord('é')", "int"),
        ("ord('')", "int"),
        ("math.gcd(a, b, 12)", "int"),
        ("math.lcm(a, b) + gcd() + math.lcm()", "int"),
        ("math.isqrt(a)", "int"),
        ("math.isqrt(-1 - a)", "int"),
        ("math.comb(a, 3)", "int"),
        ("math.perm(a, 2) + math.perm(5)", "int"),
        ("math.factorial(a)", "int"),
        ("math.prod([a, b, 2])", "int"),
        ("math.prod((x + 1 for x in [a, b]), start=a // b)", "int"),
        ("math.prod([Decimal(a)], start=Decimal('0.5'))", "Decimal"),
        ("sum([a > 3, b > 3], 2)", "int"),
        ("sum([a > x for x in [1, 2]])", "int"),
        ("min(True, a > b)", "bool"),
        ("max('b', 'a', str(a))", "str"),
        ("min((a, 'x'), (b, 'y'))", "tuple[int, str]"),
        ("max([[a], [b, 1]])", "list[int]"),
        ("min([b'b', b'a'][:0], default=b'z')", "bytes"),
        ("max(str(a))", "str"),
        ("min([str(a)][1:])", "str"),
        ("any([0, a]) and all(str(a))", "bool"),
        ("len(str(a)) + len((1, 2)) + len(b'a')", "int"),
    ],
)
def test_numbers(expression: str, result: str) -> None:
    for a, b in ((7, 3), (0, -5), (123, 0)):
        check(expression, result, a=a, b=b)


@pytest.mark.parametrize(
    "text", ["0x_1f", " -0b1_0 ", "zZ", "١٢", "_1", "1_", "0o17", "+7", "", "1e5", "  12\n", "1__0"]
)
def test_integers_are_read_as_python_reads_them(text: str) -> None:
    check("int(s)", "int", s=text)
    for base in (0, 2, 10, 16, 36, 37, -1):
        check("int(s, base)", "int", s=text, base=base)
        check("int(s, base=base)", "int", s=text, base=base)
    check("Decimal(s)", "Decimal", s=text)


DECIMALS = [
    "0",
    "-0",
    "2.5",
    "-2.5",
    "1.005",
    "1E+3",
    "123456789.987654321",
    "NaN",
    "sNaN",
    "Infinity",
    "1E-30",
]
ROUNDINGS = ["05UP", "CEILING", "DOWN", "FLOOR", "HALF_DOWN", "HALF_EVEN", "HALF_UP", "UP"]


@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_roundings(rounding: str) -> None:
    for number in DECIMALS:
        check(f'Decimal(s).quantize(Decimal("0.01"), rounding=ROUND_{rounding})', "Decimal", s=number)
        check(f"Decimal(s).quantize(1, ROUND_{rounding})", "Decimal", s=number)
        check(f"Decimal(s).to_integral_value(rounding=decimal.ROUND_{rounding})", "Decimal", s=number)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("round(d)", "int"),
        ("round(d, 1)", "Decimal"),
        ("int(d)", "int"),
        ("+d", "Decimal"),
        ("abs(d)", "Decimal"),
        ("d % 2", "Decimal"),
        ("d // -2", "Decimal"),
        ("divmod(d, 2)", "tuple[Decimal, Decimal]"),
        ("divmod(1, d)", "tuple[Decimal, Decimal]"),
        *((f"d.{name}()", "Decimal") for name in ("normalize", "sqrt", "exp", "ln", "log10", "copy_abs")),
        *((f"d.is_{name}()", "bool") for name in ("nan", "finite", "infinite", "zero", "signed")),
        ("d.copy_negate().copy_sign(Decimal(1))", "Decimal"),
        ("d.adjusted()", "int"),
        ("d.scaleb(3)", "Decimal"),
        ("d.max(1)", "Decimal"),
        ("d.min(Decimal('NaN'))", "Decimal"),
        ("d.compare(other=2)", "Decimal"),
        ("d.to_integral_value()", "Decimal"),
        ("d.as_integer_ratio()", "tuple[int, int]"),
        ("d.quantize(rounding=ROUND_DOWN, exp=Decimal('0.1'))", "Decimal"),
        ("d.quantize(Decimal(1), rounding='nearest')", "Decimal"),
        ("d == 0", "bool"),
        ("d > 2", "bool"),
    ],
)
def test_decimals(expression: str, result: str) -> None:
    for number in DECIMALS:
        check(expression, result, "d = Decimal(s)", s=number)


@pytest.mark.parametrize(
    "expression",
    [
        'f"{n:>{n}}|{n:0{n}d}"',
        'f"{n:{WIDTH}}|{s:{WIDTH}}"',
        "f\"{s:{'*^9'}}\"",
        'f"{n=}|{flag = }|{n=:05d}|{s=!s}"',
        'f"{n!r}{flag!r}"',
        'f"{flag:5}|{flag}|{OWNER:>45}|{OWNER!s:.4}"',
        'format(n, "+,d") + format(s, "^9") + format(flag, "2d") + format(OWNER)',
        'format(Decimal(n) / 7, ".3f") + format(n) + format(s, WIDTH)',
        "f\"{'a' if flag else 'b':>3}{n:}\"",
    ],
)
def test_formats(expression: str) -> None:
    check(expression, "str", n=7, s="ab", flag=True)


@pytest.mark.parametrize("error", ["ValueError", "UnicodeError", "UnicodeDecodeError"])
def test_text_that_does_not_fit_its_encoding_is_caught(error: str) -> None:
    before = f"""
    try:
        text = b.decode()
    except {error}:
        text = "not UTF-8"
    """
    check("text", "str", before.strip(), b=b"\xff")
