"""Lists, dicts and tuples: each construct ends in the interpreter as in CPython."""

from __future__ import annotations

import re

import pytest

from house.differential import compare, run_natively
from house.program_generator import GeneratedProgram
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal
from opforge import Fail, op, record, workload

workload("containers", version="1.0.0")


@record
class Row:
    name: str
    items: list[int]


def push(items: list[int], item: int) -> int:
    items.append(item)
    return len(items)


def second(items: list[int]) -> int:
    return items.pop(1)


"""


def build(result: str, body: str) -> GeneratedProgram:
    """A program whose op has this body and no parameters."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return GeneratedProgram(f"{HEAD}@op\ndef main() -> {result}:\n{lines}", {}, parse_type(result))


def read_examples(text: str) -> dict[str, tuple[str, str]]:
    """Bodies of an op by what they are about: each stands below a line `# about -> type of the result`."""
    found = re.findall(r"^# (.+) -> (.+)\n((?:(?!# ).*\n)*)", text, re.MULTILINE)
    return {about: (result, body.strip()) for about, result, body in found}


CHANGES = read_examples(
    """
# items are assigned -> list[int]
xs = [1, 2, 3]
ys = xs
xs[0] = 7
ys[-1] += 5
xs[1] *= xs[0]
return xs

# an item that is not there -> int
xs = [1]
xs[1] = 2
return 0

# an augmented item that is not there -> int
xs = [1]
xs[push(xs, 9) + 1] += 2
return 0

# nested items -> dict[str,list[int]]
d = {"a": [1, 2], "b": [3]}
d["a"][0] = 5
d["b"][0] += d["a"][1]
d["a"].append(6)
return d

# rows -> list[list[int]]
rows = [[1, 2], [3, 4]]
rows[1][0] += 10
rows[0][1] = rows[1][0]
return rows

# a row that is computed once -> list[int]
log = [0]
rows = [[1, 2], [3, 4]]
rows[push(log, 0) - 1][push(log, 0) - 3] += push(log, 0)
return log + rows[0] + rows[1]

# a list in a record -> list[int]
row = Row(name="a", items=[1])
row.items.append(2)
row.items[0] = 9
other = row.items
other += [4]
return row.items

# a list in a dict -> list[int]
xs = [1]
d = {"k": xs}
d["k"] += [2, 3]
xs.insert(0, 8)
d["k"].reverse()
return xs

# extend with itself -> list[int]
xs = [1, 2]
xs.extend(xs)
xs += xs
return xs

# extend with what is iterated -> list[int]
xs = [1]
xs.extend(range(3))
xs.extend({4: "a", 5: "b"})
xs += (x + 1 for x in [6, 7])
return xs

# insert -> list[int]
xs = [1, 2]
xs.insert(1, 5)
xs.insert(-1, 6)
xs.insert(100, 7)
xs.insert(-100, 8)
return xs

# insert far away -> int
xs = [1]
xs.insert(10**30, 2)
return 0

# remove -> list[int]
xs = [1, 2, 1]
xs.remove(1)
return xs

# remove what is not there -> int
xs = [1]
xs.remove(2)
return 0

# clear -> list[int]
xs = [1]
ys = xs
xs.clear()
return ys

# pop -> list[int]
xs = [1, 2, 3, 4]
a = xs.pop()
b = xs.pop(0)
xs.pop(-1)
return xs + [a, b]

# pop of nothing -> int
xs: list[int] = []
return xs.pop()

# pop far away -> int
xs = [1]
return xs.pop(10**30)

# pop of a place that is not there -> int
xs = [1]
xs.pop(1)
return 0

# pop within an expression -> list[int]
xs = [1, 2, 3]
return [len(xs) * xs.pop() + len(xs), xs.pop(0), len(xs)]

# pop as both operands -> int
xs = [9, 2, 30]
return xs.pop() - xs.pop() * xs.pop()

# pop in a branch -> list[int]
xs = [1, 2]
y = xs.pop() if len(xs) > 5 else xs.pop(0)
return xs + [y]

# pop after a test -> list[int]
xs = [1, 2]
if len(xs) > 5 and xs.pop() > 0:
    xs.append(9)
return xs

# pop as an index -> int
xs = [1, 2, 3, 0]
return xs[xs.pop()] + xs[-xs.pop(0)]

# pop in a helper -> list[int]
xs = [1, 2, 3]
return [second(xs), second(xs), len(xs)]

# pop of what is popped -> list[int]
rows = [[1, 2], [3, 4]]
x = rows.pop().pop(0)
return rows[0] + [x]

# del -> list[int]
xs = [1, 2, 3, 4]
del xs[0]
del xs[-1], xs[0]
return xs

# del of what is not there -> int
xs = [1]
del xs[1]
return 0

# del far away -> int
xs = [1]
del xs[10**30]
return 0

# index and count -> list[int]
xs = [1, 2, 1]
return [xs.index(1), xs.index(2), xs.count(1), xs.count(7)]

# index of what is not there -> int
return [1].index(2)

# copies -> list[int]
xs = [1]
ys = xs.copy()
d = {"a": 1}
e = d.copy()
ys.append(2)
e["b"] = 2
return xs + ys + [len(d), len(e)]

# a copy holds the same lists -> list[list[int]]
rows = [[1]]
other = rows.copy()
other[0].append(2)
return rows

# entries -> dict[str,int]
d = {"a": 1, "b": 2, "c": 3}
del d["a"]
x = d.pop("b")
y = d.pop("z", 7)
d.pop("c", 0)
d["a"] = x + y
d["a"] -= 1
return d

# an entry that is not there -> int
d = {"a": 1}
return d.pop("b")

# del of an entry that is not there -> int
d = {"a": 1}
del d["b"]
return 0

# an augmented entry that is not there -> int
d = {"a": 1}
d["b"] += 1
return 0

# pop with None -> int
d = {"a": 1}
x = d.pop("a", None)
y = d.pop("a", None)
return (5 if x is None else x) + (7 if y is None else y)

# popitem -> list[int]
d = {"a": 1, "b": 2, "c": 3}
key, value = d.popitem()
d.popitem()
return [value, len(key), len(d)]

# popitem of nothing -> int
d: dict[str, int] = {}
return d.popitem()[1]

# popitem of nothing, unused -> int
d: dict[str, int] = {}
d.popitem()
return 0

# setdefault -> dict[str,list[int]]
d: dict[str, list[int]] = {}
for i in range(4):
    d.setdefault("even" if i % 2 == 0 else "odd", []).append(i)
d.setdefault("odd", [9])
d.setdefault("new", [7])
return d

# setdefault computes its default -> list[int]
log = [0]
d = {"a": 1}
x = d.setdefault("a", push(log, 1)) + d.setdefault("b", push(log, 2))
return log + [x]

# update -> dict[str,int]
d = {"a": 1, "b": 2}
d.update({"b": 3, "c": 4})
d.update([("d", 5), ("a", 6)])
d.update(d)
d.update(zip(["x", "y"], [1, 2]))
d |= {"y": 9}
return d

# clear of a dict -> int
d = {"a": 1}
e = d
d.clear()
return len(e)

# merge -> dict[str,int]
d = {"a": 1, "b": 2}
e = d | {"b": 3, "c": 4}
d["a"] = 9
return e | d

# several targets -> list[int]
xs = [1, 2]
log = [0]
a = xs[0] = b = push(log, 5)
xs[1] = c = a
return [a, b, c] + xs + log

# a target that depends on the one before -> list[int]
xs = [1, 2, 3]
i = 0
i, xs[i] = 2, 9
return xs + [i]

# swap -> list[int]
xs = [1, 2, 3]
xs[0], xs[2] = xs[2], xs[0]
xs[0], xs[xs[0] - 1] = xs[1], 8
return xs

# swap of entries -> dict[str,int]
d = {"a": 1, "b": 2}
d["a"], d["b"] = d["b"], d["a"]
return d
"""
)
UNPACKING = read_examples(
    """
# a list -> list[int]
xs = [1, 2, 3]
a, b, c = xs
return [c, b, a]

# a list of another length -> int
xs = [1, 2, 3]
a, b = xs
return a + b

# a list that is too short -> int
xs = [1]
a, b = xs
return a + b

# a star -> list[int]
first, *rest = [1, 2, 3]
rest.append(first)
return rest

# a star in the middle -> list[int]
xs = [1, 2, 3, 4]
a, *xs, b = xs
return [b] + xs + [a]

# a star at the front -> list[int]
xs = [1, 2, 3, 4]
*xs, last = xs
return [last] + xs

# a star that takes nothing -> list[int]
a, *rest = [1]
return rest

# a list too short for a star -> int
xs = [1]
a, b, *rest = xs
return a

# a star from a tuple -> list[int]
t = (1, 2, 3)
a, *rest = t
*front, b = 4, 5, 6
return rest + front + [a, b]

# nested -> list[int]
(a, b), c = (1, 2), 3
[d, e], f = [4, 5], 6
return [a, b, c, d, e, f]

# a nested list -> list[int]
(a, b), *rest = [[1, 2], [3, 4]]
return [a, b] + rest[0]

# a nested list of another length -> int
(a, b), c = [1, 2, 3], 4
return a

# words -> str
host, port = "a:b".split(":")
return port + host

# into items -> list[int]
xs = [1, 2]
xs[1], xs[0] = xs
ys = [3, 4]
xs[0], b = ys
return xs + [b]

# a pair of lists -> list[int]
pair = ([1], [2])
a, b = pair
a += b
return pair[0]
"""
)


@pytest.mark.parametrize(("result", "body"), CHANGES.values(), ids=CHANGES)
def test_changes(result: str, body: str) -> None:
    compare(build(result, body))


@pytest.mark.parametrize(("result", "body"), UNPACKING.values(), ids=UNPACKING)
def test_unpacking(result: str, body: str) -> None:
    compare(build(result, body))


def test_some_of_them_end_with_an_exception() -> None:
    """A mistake in a program here would end both ways alike."""
    ended = {name: run_natively(build(*each)).exception for name, each in {**CHANGES, **UNPACKING}.items()}
    assert set(ended.values()) == {"", "IndexError", "KeyError", "OverflowError", "ValueError"}
