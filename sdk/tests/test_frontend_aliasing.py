"""Changes of lists and dicts that may be one object: what is refused, and what is told apart."""

from __future__ import annotations

import pytest

from opforge._frontend import compile_program

HEAD = """\
from opforge import op, record, workload

workload("aliasing", version="1.0.0")

NAMES = [1, 2]


@record
class Row:
    items: list[int]


def copy_to(source: list[int], target: list[int]) -> None:
    for item in source:
        target.append(item)


def through(first: list[int], second: list[int]) -> None:
    copy_to(first, second)


def grow(items: list[int]) -> int:
    items.append(1)
    return len(items)


def same(items: list[int]) -> list[int]:
    return items


@op
def main(xs: list[int], rows: list[list[int]], amounts: dict[str, int], row: Row) -> int:
"""

REFUSED = {
    "the list itself": ("for x in xs:\n    xs.append(x)", "E_CHANGED_WHILE_ITERATED"),
    "another name": ("ys = xs\nfor x in xs:\n    ys.append(x)", "E_CHANGED_WHILE_ITERATED"),
    "a view of a dict": (
        "for k, v in amounts.items():\n    amounts[k + k] = v + 1",
        "E_CHANGED_WHILE_ITERATED",
    ),
    "an entry that is taken out": ("for k in amounts:\n    del amounts[k]", "E_CHANGED_WHILE_ITERATED"),
    "an item beside the one of the round": (
        "for i, x in enumerate(xs):\n    xs[i - 1] = x",
        "E_CHANGED_WHILE_ITERATED",
    ),
    "an item under another number": (
        "for i, x in enumerate(xs, 1):\n    xs[i] = x",
        "E_CHANGED_WHILE_ITERATED",
    ),
    "a counter that is assigned": (
        "for i, x in enumerate(xs):\n    i = i + 1\n    xs[i] = x",
        "E_CHANGED_WHILE_ITERATED",
    ),
    "an item of another loop": (
        "for x in xs:\n    for i, y in enumerate(xs):\n        xs[i] = y",
        "E_CHANGED_WHILE_ITERATED",
    ),
    "zip": ("for x, y in zip(xs, [1]):\n    xs.append(y)", "E_CHANGED_WHILE_ITERATED"),
    "a field of a record": ("for x in row.items:\n    row.items.append(x)", "E_CHANGED_WHILE_ITERATED"),
    "an item of a list": ("for x in rows[0]:\n    rows[1].append(x)", "E_CHANGED_WHILE_ITERATED"),
    "what a function returns": ("for x in same(xs):\n    xs.append(x)", "E_CHANGED_WHILE_ITERATED"),
    "one list for two parameters": ("copy_to(xs, xs)", "E_CHANGED_WHILE_ITERATED"),
    "through another function": ("through(xs, same(xs))", "E_CHANGED_WHILE_ITERATED"),
    "by a call in the loop": ("for x in xs:\n    grow(xs)", "E_CHANGED_WHILE_ITERATED"),
    "a map": ("for x in map(abs, xs):\n    xs.append(x)", "E_CHANGED_WHILE_ITERATED"),
    "a generator": ("for x in (10 // x for x in xs):\n    xs.append(x)", "E_CHANGED_WHILE_ITERATED"),
    "a key that reads the list": ("xs.sort(key=lambda x: x * len(xs))", "E_CHANGED_WHILE_ITERATED"),
    "a key that reads another name": ("ys = xs\nxs.sort(key=ys.index)", "E_CHANGED_WHILE_ITERATED"),
    "a generator over the list": ("xs.extend(x + 1 for x in xs)", "E_CHANGED_WHILE_ITERATED"),
    "a generator over the dict": (
        'amounts.update((k + "x", v) for k, v in amounts.items())',
        "E_CHANGED_WHILE_ITERATED",
    ),
    "beside an iterator": (
        'pairs = list(zip(amounts.items(), [amounts.pop("a")]))',
        "E_CHANGED_WHILE_ITERATED",
    ),
    "beside a generator": (
        "n = sum((v for v in amounts.values()), amounts.popitem()[1])",
        "E_CHANGED_WHILE_ITERATED",
    ),
    "a list of an entry by an iteration": (
        "groups = {1: xs}\nkey, held = groups.popitem()\nsizes = [grow(held) for x in rows]",
        "E_FAN_OUT_CHANGE",
    ),
    "by a map that may fail": ("xs.extend(map(lambda x: 6 // x, [1, 0]))", "E_LAZY_ITERABLE"),
    "by a generator that may fail": ("xs += (6 // x for x in [1, 0])", "E_LAZY_ITERABLE"),
    "by pairs that may end early": ('amounts.update(zip(["a"], [1, 2], strict=True))', "E_LAZY_ITERABLE"),
    "a constant's item": ("NAMES[0] = 3", "E_CONSTANT_CHANGED"),
    "a constant by sorting": ("names = NAMES\nnames.sort()", "E_CONSTANT_CHANGED"),
    "a list taken out by an iteration": ("sizes = [xs.pop() for x in rows]", "E_FAN_OUT_CHANGE"),
    "what a key takes out": ("xs = sorted(xs, key=lambda x: rows[0].pop())", "E_FAN_OUT_CHANGE"),
    "a largest item": ("sizes = [grow(max(rows, key=len)) for x in xs]", "E_FAN_OUT_CHANGE"),
    "a constant": ("NAMES.append(3)", "E_CONSTANT_CHANGED"),
    "a constant by a call": ("grow(NAMES)", "E_CONSTANT_CHANGED"),
    "by an iteration": ("sizes = [grow(xs) for x in rows]", "E_FAN_OUT_CHANGE"),
    "an item by an iteration": ("sizes = [grow(r) for r in rows]", "E_FAN_OUT_CHANGE"),
}
ACCEPTED = {
    "a new list": "ys: list[int] = []\nfor x in xs:\n    ys.append(x)",
    "a copy of the list": "for x in list(xs):\n    xs.append(x)",
    "a copy of a view": "for k in list(amounts.keys()):\n    amounts[k] = 1",
    "a sorted copy": "for k in sorted(amounts):\n    amounts[k] = 1",
    "the items of what is iterated": "for r in rows:\n    r.append(1)",
    "a copy of the outer list": "for r in list(rows):\n    rows.append(r)",
    "two lists for two parameters": "copy_to(xs, [1])",
    "what the iteration made": "sizes = [grow([x]) for x in xs]",
    "a copy of a constant": "names = list(NAMES)\nnames.append(3)",
    "a list of lists beside what it holds": "ys = [xs]\nys.extend(rows)\nfor r in rows:\n    ys[0].append(1)",
    "a list beside one it extended": "ys: list[int] = []\nys.extend(xs)\nfor x in xs:\n    ys.append(x)",
    "a key that reads another list": "ys = [1]\nxs.sort(key=lambda x: x * len(ys))",
    "a sorted copy of the list": "for x in sorted(xs, key=lambda x: len(xs)):\n    xs.append(x)",
    "an item of a list that an index counts": "for i in range(len(xs)):\n    xs[i] = 0",
    "the item of the round": "for i, x in enumerate(xs):\n    xs[i] += x",
    "the entry of the round": "for k, v in amounts.items():\n    amounts[k] = v + 1",
    "the entry of the key": "for k in amounts:\n    if amounts[k] > 1:\n        amounts[k] -= 1",
    "after the loop": "for x in xs:\n    pass\nxs.append(1)",
}


class OneFile:
    """A program with this body of its op."""

    def __init__(self, body: str) -> None:
        self._text = HEAD + "".join(f"    {line}\n" for line in (*body.splitlines(), "return 1"))

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        return self._text.encode() if path == "app.py" else None


@pytest.mark.parametrize(("body", "name"), REFUSED.values(), ids=REFUSED)
def test_refused(body: str, name: str) -> None:
    diagnostics = compile_program("app.py", OneFile(body)).diagnostics
    assert [d.code.name for d in diagnostics] == [name]
    assert diagnostics[0].span is not None
    assert diagnostics[0].span.line > HEAD.count("\n")


@pytest.mark.parametrize("body", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(body: str) -> None:
    assert compile_program("app.py", OneFile(body)).diagnostics == []
