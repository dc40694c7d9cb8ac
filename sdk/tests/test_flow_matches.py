"""`match` does what it does in CPython."""

from __future__ import annotations

import pytest

from house.flow_programs import compare_numbers, compare_text

OF_NUMBERS = {
    "the rest of a list": """
    match xs:
        case [first, *rest, last] if first != n:
            rest.append(last)
            return sum(rest) * 100 + first
        case [*rest, _]:
            return len(rest)
        case [*rest]:
            return -len(rest) - n
""",
    "a guard that changes what it does not name": """
    match n:
        case 5 as a if push(xs, 2) > 1:
            return a + len(xs)
        case _ if push(xs, 1) == n:
            return len(xs)
    return -len(xs)
""",
    "a guard over the rest": """
    match xs:
        case [first, *rest] if sum(rest) > n and divide(first, 1) > 0:
            return first
    return 0
""",
    "literals": """
    match n:
        case 0:
            return 10
        case 1 | 2 | 3 as small:
            return small * 100
        case -1:
            return 0
        case big if big > 6:
            return big
        case _:
            return -n
""",
    "lists": """
    match xs:
        case []:
            return 0
        case [x]:
            return x
        case [first, second, third] if first == n:
            return second * 10 + third
        case [first, *_, last] if first < last:
            return last - first
        case [first, *_]:
            return first
    return -1
""",
    "a case that nothing fits": """
    a = 5
    match n:
        case 1:
            a = 1
        case 2:
            pass
    return a
""",
    "match on an expression that is evaluated once": """
    match push(xs, n):
        case 0:
            return len(xs)
        case y if y > 5:
            return len(xs) * 100
        case 4:
            return len(xs) * 1000
    return -len(xs)
""",
    "match in a loop": """
    total = 0
    for x in xs:
        match x:
            case 0:
                continue
            case y if y == n:
                break
            case 1 | 2:
                total += 10
            case _:
                total += x
    return total
""",
    "tuples": """
    total = 0
    for pair in zip(xs, reversed(xs)):
        match pair:
            case (0, _) | (_, 0):
                total += 1
            case (a, b) if a == b:
                total += 10
            case (a, 5):
                total += a * 100
            case (a, b):
                total += a - b
    return total
""",
}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_with_numbers(name: str) -> None:
    compare_numbers(OF_NUMBERS[name])


OF_TEXT = {
    "enums": """
    side = Side(text)
    match side:
        case Side.BUY:
            return "b"
        case Side.SELL:
            return "s"
""",
    "an IntEnum": """
    level = Level(len(text))
    match level:
        case Level.LOW:
            word = "low"
        case Level.HIGH:
            word = "high"
    return word
""",
    "text": """
    match text:
        case "buy" | "sell":
            return "side"
        case "":
            return "empty"
        case other if other.startswith("x"):
            return other.upper()
        case _:
            return "?"
""",
    "None": """
    value: str | None = text if text != "" else None
    match value:
        case None:
            return "none"
        case "x":
            return "an x"
        case word:
            return word + "!"
""",
    "a dict": """
    table = {text: len(text), "sell": 4}
    match table:
        case {"buy": 3}:
            return "buy"
        case {"x": size} if size > 0:
            return str(size)
        case {"sell": 4, "": 0}:
            return "both"
    return "none"
""",
    "records": """
    shape: Circle | Square = Square(Point(0, len(text)), 3, None)
    if text == "x":
        shape = Circle(Point(1, 2), 7)
    elif text == "buy":
        shape = Square(corner=Point(5, 5), side=2, label="b")
    match shape:
        case Circle(Point(1, y), radius=r) if r > 5:
            return f"circle {y} {r}"
        case Circle():
            return "circle"
        case Square(Point(x=0), side):
            return f"square {side}"
        case Square(label=None):
            return "no label"
        case Square(label=label):
            return label
""",
    "an Optional record": """
    point = Point(1, len(text)) if text != "" else None
    match point:
        case Point(1, 3):
            return "three"
        case Point(x=x, y=y):
            return f"{x} {y}"
        case None:
            return "none"
""",
}


@pytest.mark.parametrize("name", OF_TEXT)
def test_with_texts(name: str) -> None:
    compare_text(OF_TEXT[name])
