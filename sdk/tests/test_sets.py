"""Sets: what CPython computes is what the interpreter computes, and nothing depends on their order."""

from __future__ import annotations

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

HEAD = """
from enum import StrEnum
from opforge import Address, http, op, record, workload
workload("x", version="1")
class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"
@record
class Box:
    held: set[int]
FIXED = frozenset([3, 1])
KNOWN = {"a", "b"}
def grow(items: set[int], item: int) -> set[int]:
    items.add(item)
    return items
def fail(number: int) -> int:
    return 10 // number
"""


class Text:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


def refusals(body: str) -> list[str]:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    source = f"{HEAD}\n@op\ndef main(s: set[int]) -> int:\n{lines}\n    return 1\n"
    return [each.code.name for each in compile_program("app.py", Text(source)).diagnostics]


@pytest.mark.parametrize("items", [[], [3], [1, 2, 3], [3, 3, 1, -7, 10**30]])
@pytest.mark.parametrize(
    "expression",
    [
        "sorted(s)",
        "sorted(s | {2, 9})",
        "sorted(s & {3, 1})",
        "sorted(s - FIXED)",
        "sorted(s ^ {3})",
        "sorted(FIXED | s, reverse=True)",
        "sorted(s.union(items, [5], {6}))",
        "sorted(s.intersection([3], items))",
        "sorted(s.difference(FIXED, [10]))",
        "sorted(s.symmetric_difference(range(3)))",
        "sorted({x % 3 for x in items if x > 0})",
        "sorted(set(items) | frozenset(items))",
        "sorted(grow(s, 4))",
        "[len(s), sum(s), max(s, default=0), min(s, default=7)]",
        "[x for x in range(4) if x in s and x not in FIXED]",
        "[1 if test else 0 for test in [s <= {1, 2, 3}, s < {3}, s >= FIXED, s > {1}, s == FIXED, s != {3}]]",
        "[1 if s.issubset(items) else 0, 1 if s.issuperset([3]) else 0, 1 if s.isdisjoint([1]) else 0]",
        "[1 if s else 0, 1 if not s else 0, len(s or {1, 2})]",
        "[1 if Box(s) == Box(set(items)) else 0]",
        "sorted({fail(x) for x in items})",
        "sorted({10 // len(s), 3})",
    ],
)
def test_expressions(expression: str, items: list[int]) -> None:
    body = f"    s = set(items)\n    return {expression}\n"
    source = f"{HEAD}\n@op\ndef main(items: list[int]) -> list[int]:\n{body}"
    compare(GeneratedProgram(source, {"items": items}, parse_type("list[int]")))


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize(
    "body",
    [
        "s.remove(number)",
        "s.discard(number)\ns.add(8)",
        "s.update([number, 7])",
        "s.intersection_update({1, number})",
        "s.difference_update([2, number])",
        "s.symmetric_difference_update([2, 5])",
        "t = s\nt |= {number}\nt.add(0)",
        "t = s\nt = t | {number}",
        "s &= {number}\ns ^= {4}\ns -= {1}",
        "s.clear()",
        "box = Box(s)\nbox.held.add(number)\ngrow(box.held, 11)",
        "for item in sorted(s):\n    s.add(item + number)",
        "groups = {'a': s}\ngroups['a'] |= {6}\ngroups['a'].discard(1)",
        "s.add(fail(0) if number == 2 else 3)",
    ],
)
def test_changes(body: str, number: int) -> None:
    lines = "\n".join(f"    {line}" for line in ["s = {1, 2, 3}", *body.splitlines(), "return sorted(s)"])
    source = f"{HEAD}\n@op\ndef main(number: int) -> list[int]:\n{lines}\n"
    compare(GeneratedProgram(source, {"number": number}, parse_type("list[int]")))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("for x in s:\n    pass", "E_SET_ORDER"),
        ("xs = list(s)", "E_SET_ORDER"),
        ("xs = [x for x in s]", "E_SET_ORDER"),
        ("ok = any(x > 1 for x in s)", "E_SET_ORDER"),
        ("xs = sorted(s, key=len)", "E_SET_ORDER"),
        ("x = max(s, key=lambda i: 0)", "E_SET_ORDER"),
        ("s.update(fail(x) for x in [1])", "E_LAZY_ITERABLE"),
        ("xs = list(enumerate(s))", "E_SET_ORDER"),
        ("x = s.pop()", "E_SET_ORDER"),
        ("text = str(s)", "E_FORMAT"),
        ("x = {Side.BUY} | s", "E_OPERAND_TYPES"),
        ("x = {[1]}", "E_KEY_TYPE"),
        ("x = set()", "E_TYPE_NEEDED"),
        ("x = s | [1]", "E_OPERAND_TYPES"),
        ("s |= [1]", "E_OPERAND_TYPES"),
        ("x = s.add(1)", "E_NOT_A_VALUE"),
        ("FIXED.add(1)", "E_UNKNOWN_ATTRIBUTE"),
        ("KNOWN.add('z')", "E_CONSTANT_CHANGED"),
        ("xs = [grow(s, i) for i in range(3)]", "E_FAN_OUT_CHANGE"),
        ("s.add('x')", "E_TYPE_MISMATCH"),
        ("x: frozenset[int] = http.get('https://x.example').json()", "E_NOT_A_VALUE"),
        ("x = {1, 'a'}", "E_TYPE_MISMATCH"),
    ],
)
def test_what_is_refused(body: str, code: str) -> None:
    assert refusals(body) == [code]
