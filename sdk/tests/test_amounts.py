"""Addresses and amounts that are read while the program runs: as CPython reads them, with its errors."""

from __future__ import annotations

from decimal import Decimal

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal

from opforge import Address, op, workload
from opforge.units import days, ether, gwei, minutes, seconds, wei

workload("amounts", version="1.0")


@op
"""
LOWER = "0x2bd806c97f0e00af1a1fc3328fa763a9269723c8"
SPELLED = "0x2bd806c97F0e00aF1a1fC3328fA763a9269723C8"


@pytest.mark.parametrize(
    "text",
    [
        LOWER,
        SPELLED,
        "0x" + LOWER[2:].upper(),
        SPELLED.replace("F", "f"),
        LOWER[:-1],
        LOWER + "0",
        "0X" + LOWER[2:],
        f" {LOWER}",
        "",
        "zero",
    ],
)
def test_an_address_is_read(text: str) -> None:
    source = f"{HEAD}def main(text: str) -> Address:\n    return Address(text)\n"
    compare(GeneratedProgram(source, {"text": text}, parse_type("Address")))


@pytest.mark.parametrize("unit", ["wei", "gwei", "ether", "seconds", "minutes", "days"])
@pytest.mark.parametrize(
    "text",
    [
        "0",
        "1",
        "-1.5",
        "0.000000001",
        "0.0000000000000000001",
        "1_000",
        " 2 ",
        "1e3",
        "0E+9",
        "0E-99999",
        "1E-99999",
        "0.5",
        "NaN",
        "-Infinity",
        "one",
        "",
    ],
)
def test_an_amount_is_read(text: str, unit: str) -> None:
    source = f"{HEAD}def main(text: str) -> int:\n    return {unit}(text)\n"
    compare(GeneratedProgram(source, {"text": text}, parse_type("int")))


@pytest.mark.parametrize("number", ["0.25", "1E+30", "3.00", "1E-19", "-7", "Infinity"])
def test_a_decimal_amount_is_converted(number: str) -> None:
    source = f"{HEAD}def main(n: Decimal) -> int:\n    return ether(n) + minutes(amount=n)\n"
    compare(GeneratedProgram(source, {"n": Decimal(number)}, parse_type("int")))


def test_constants_may_be_read_from_a_text() -> None:
    source = f"""{HEAD.replace("@op", "")}
LIST = "{SPELLED},1.5\\n{LOWER},2"
ROWS = [line.split(",") for line in LIST.split("\\n")]
AMOUNTS = [ether(row[1]) for row in ROWS]
HOLDERS = [Address(row[0]) for row in ROWS]


@op
def main(n: int) -> list[str]:
    return [f"{{holder}} {{amount + n}}" for holder, amount in zip(HOLDERS, AMOUNTS)]
"""
    compare(GeneratedProgram(source, {"n": 1}, parse_type("list[str]")))
