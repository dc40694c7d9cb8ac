"""Loops and their ways out, and assignment expressions, do what they do in CPython."""

from __future__ import annotations

import pytest

from house.flow_programs import compare_numbers

OF_NUMBERS = {
    "break and continue": """
    total = 0
    for x in xs:
        if x < 0:
            continue
        if x == n:
            break
        total += x
    return total
""",
    "else of a loop": """
    for i, x in enumerate(xs):
        if x == n:
            found = i
            break
    else:
        found = -1
    return found
""",
    "else after a continue": """
    seen = 0
    for x in xs:
        if x > n:
            continue
        seen += 1
    else:
        seen += 100
    return seen
""",
    "else of a loop that nothing leaves early": """
    for x in xs:
        n += x
    else:
        total = n
    return total
""",
    "else that returns, of a loop that nothing leaves early": """
    while n < 4:
        n += 1
    else:
        return n
""",
    "else of a loop that is only left by a return": """
    for x in xs:
        if x == n:
            return -1
        continue
        break
    else:
        total = n
    return total
""",
    "else that changes what a break leaves": """
    last = None
    for x in xs:
        last = x
        if x == n:
            break
    else:
        last = n * 2
    return last
""",
    "a variable after the loop": """
    x = -5
    for x in xs:
        pass
    return x
""",
    "the target is assigned in the loop": """
    total = 0
    for x in xs:
        x = x * 2
        total += x
    return total
""",
    "loops in loops": """
    total = 0
    for x in xs:
        for y in xs:
            if y == x:
                continue
            if y > n:
                break
            total += y
        else:
            total += 1000
        if total > 5000:
            break
    return total
""",
    "while with a counter": """
    i = 0
    total = 0
    while i < len(xs) and xs[i] != n:
        total += xs[i]
        i += 1
    return total * 100 + i
""",
    "while with an else": """
    i = n
    while i > 0:
        if i in xs:
            break
        i -= 1
    else:
        return -1
    return i
""",
    "while over a list that shrinks": """
    rest = list(xs)
    total = 0
    while rest:
        x = rest.pop()
        if x == n:
            continue
        total = total * 3 + x
    return total
""",
    "while with an assignment in the test": """
    i = 0
    while i < 5 and n > 0:
        i += 1
    j = 0
    while (k := j * j) < 50 and j < 100:
        j += 1
    return i * 1000 + j * 10 + k
""",
    "endless while with a way out": """
    i = 0
    while i < 1000:
        i += 1
        if i * i > n:
            root = i
            break
    else:
        root = 0
    return root
""",
    "nested break out of while in for": """
    total = 0
    for x in xs:
        i = 0
        while i < 10:
            i += 1
            if i == x:
                break
            if i == n:
                continue
            total += i
        total += i * 100
    return total
""",
    "a list that is carried and changed": """
    made = [0]
    for x in xs:
        if x == n:
            made = [x]
            continue
        made.append(x)
        if len(made) > 4:
            break
    return sum(made) * 10 + len(made)
""",
    "assignment expressions": """
    if (length := len(xs)) > 2 and (length + n) > 4:
        return length
    return (a := n + 1) * a + (length := length + 1) + length
""",
    "an operand before it keeps the old value": """
    a = n
    b = a + (a := 5) * a
    return b * 10 + a
""",
    "short-circuiting": """
    notes: list[str] = []
    if note(notes, "a") == "b" or note(notes, "c") == "c" and n > 1:
        note(notes, "yes")
    return len(",".join(notes))
""",
    "shadowing by a comprehension": """
    x = n
    made = [x for x in xs if x > 2]
    return x + sum(made)
""",
}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_with_numbers(name: str) -> None:
    compare_numbers(OF_NUMBERS[name])
