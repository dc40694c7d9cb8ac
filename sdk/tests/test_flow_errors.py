"""`try` in all its forms does what it does in CPython."""

from __future__ import annotations

import pytest

from house.flow_programs import compare_numbers, compare_text

OF_NUMBERS = {
    "a finally that does nothing": """
    total = 0
    for x in xs:
        try:
            if x == n:
                break
            total += x
        finally:
            pass
    return total
""",
    "caught and gone on": """
    total = 0
    for x in xs:
        try:
            total += 100 // x
        except ZeroDivisionError:
            total += 1
            continue
        total += 2
    return total
""",
    "what a handler finds": """
    step = 0
    a = 1
    try:
        step = 1
        a = xs[n]
        step = 2
        a = 100 // a
        step = 3
    except IndexError:
        return -step * 10 + a
    except ZeroDivisionError:
        return -step * 10 - a
    return step * 1000 + a
""",
    "else of a try": """
    try:
        a = xs[n]
    except IndexError:
        a = -1
    else:
        a = a * 2
        if a == 4:
            raise Fail("four")
    return a
""",
    "an error in else is not caught": """
    try:
        a = n
    except ZeroDivisionError:
        return 0
    else:
        a = 10 // a
    return a
""",
    "finally on each way": """
    notes: list[str] = []
    for x in xs:
        try:
            note(notes, f"try {x}")
            if x == n:
                note(notes, "break")
                break
            if x > 5:
                note(notes, "continue")
                continue
            note(notes, f"divide {10 // x}")
        except ZeroDivisionError:
            note(notes, "caught")
        finally:
            note(notes, "finally")
        note(notes, "after")
    text = ",".join(notes)
    return len(text) * 100 + len(notes)
""",
    "return in finally": """
    try:
        return 10 // n
    except ZeroDivisionError:
        return -1
    finally:
        if n > 3:
            return 99
""",
    "a value that is returned before finally changes it": """
    a = n
    try:
        a += 1
        return a
    finally:
        a += 100
""",
    "a list that is returned before finally changes it": """
    made = [n]
    try:
        return len(made) + sum(made)
    finally:
        made.append(5)
""",
    "finally after an error that goes on": """
    notes: list[str] = []
    try:
        try:
            a = 10 // n
        finally:
            note(notes, "inner")
        note(notes, f"{a}")
    except ZeroDivisionError:
        note(notes, "outer")
    return len(",".join(notes))
""",
    "an error in finally": """
    try:
        try:
            a = xs[n]
        finally:
            b = 10 // n
    except ZeroDivisionError:
        return -2
    except IndexError:
        return -3
    return a + b
""",
    "an error in a handler": """
    try:
        try:
            a = xs[n]
        except IndexError:
            a = 10 // n
        finally:
            n = n + 1
    except ZeroDivisionError:
        return -n
    return a + n
""",
    "raised again": """
    try:
        try:
            a = 10 // n
        except ZeroDivisionError:
            n = 7
            raise
    except ArithmeticError:
        return -n
    return a
""",
    "the first handler that fits": """
    try:
        a = xs[n] if n != 3 else 10 // (n - 3)
    except LookupError:
        return 1
    except ArithmeticError:
        return 2
    except (IndexError, ZeroDivisionError):
        return 3
    return a
""",
    "Fail and its text": """
    try:
        if n > 2:
            raise Fail(f"n is {n}")
        a = 0
    except Fail as error:
        a = len(str(error))
    return a
""",
    "an assertion and its text": """
    try:
        assert n > 2, f"{n} is too small"
        a = 0
    except AssertionError as error:
        a = len(f"<{error}>")
    return a
""",
    "errors of a helper": """
    try:
        a = divide(100, n)
    except ZeroDivisionError:
        a = divide(100, 7)
    return a
""",
    "errors in a comprehension": """
    try:
        made = [100 // x for x in xs]
    except ZeroDivisionError:
        made = [0]
    return sum(made)
""",
    "a try in a while in a try": """
    i = 0
    done = 0
    try:
        while i < 10:
            i += 1
            try:
                done += 100 // (i - n)
            except ZeroDivisionError:
                if i > 3:
                    raise Fail("late")
                continue
            finally:
                push(xs, i)
    except Fail:
        return -done
    return done
""",
    "a loop in finally": """
    total = 0
    try:
        total = 10 // n
    finally:
        for x in xs:
            if x > 4:
                break
            total += x
    return total
""",
    "break in a handler": """
    total = 0
    for x in xs:
        try:
            total += 10 // x
        except ZeroDivisionError:
            total += 1000
            break
        else:
            if x == n:
                break
            total += 1
    else:
        total += 500
    return total
""",
    "an Optional that a try gives": """
    value: int | None = None
    try:
        value = xs[n]
        value = 100 // value
    except IndexError:
        pass
    except ZeroDivisionError:
        value = None
    return -1 if value is None else value
""",
    "lists and dicts of a try": """
    counts: dict[str, int] = {}
    for x in xs:
        try:
            counts[f"{10 // x}"] = x
        except ZeroDivisionError:
            counts["none"] = counts.get("none", 0) + 1
    return sum(counts.values()) * 10 + len(counts)
""",
    "an augmented item that fails": """
    ys = [1, 2, 3]
    try:
        ys[0] += 5
        ys[n] += 7
        ys[1] //= n - 1
    except IndexError:
        ys.append(10)
    except ZeroDivisionError:
        ys.append(20)
    return sum(ys)
""",
}


@pytest.mark.parametrize("name", OF_NUMBERS)
def test_with_numbers(name: str) -> None:
    compare_numbers(OF_NUMBERS[name])


OF_TEXT = {
    "Decimal signals": """
    try:
        value = Decimal(text)
        return str(1 / value)
    except InvalidOperation:
        return "invalid"
    except ZeroDivisionError:
        return "zero"
""",
    "ValueError and KeyError": """
    prices = {"buy": 1}
    try:
        return str(prices[text] + int(text))
    except KeyError:
        return "key"
    except ValueError:
        return "value"
""",
    "an enum in try": """
    try:
        side = Side(text)
    except ValueError:
        return "no side"
    return side.name
""",
}


@pytest.mark.parametrize("name", OF_TEXT)
def test_with_texts(name: str) -> None:
    compare_text(OF_TEXT[name])
