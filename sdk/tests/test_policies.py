"""What `@op(...)` says of trying again, of time, and of undoing; and undoing as plain Python and compiled."""

from __future__ import annotations

from typing import Any, cast

import pytest

from house.both_ways import BothWays
from opforge import Fail, Retry, op
from opforge._frontend import compile_program

HEAD = """\
from decimal import Decimal

from opforge import Fail, Retry, log, op, workload

workload("policies", version="1.0.0")

WAITS = ["1s", "2s"]


def helper(n: int) -> None:
    log.info(str(n))


@op
def undo(n: int) -> None:
    log.warning(f"undo {n}")


@op
def undo_text(text: str) -> None:
    log.warning(text)


"""


class Source:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


def compile_op(arguments: str) -> Any:
    body = "(n: int) -> None:\n    log.info(str(n))\n\n\n"
    return compile_program("app.py", Source(f"{HEAD}@op({arguments})\ndef main{body}@op\ndef below{body}"))


def read_op(arguments: str) -> dict[str, Any]:
    compilation = compile_op(arguments)
    assert [each.message for each in compilation.diagnostics] == []
    return cast("dict[str, dict[str, Any]]", compilation.document["ops"])["main"]


def backoff(kind: str, first_ms: int, cap_ms: int, jitter: str = "full") -> dict[str, Any]:
    return {"kind": kind, "first_ms": first_ms, "cap_ms": cap_ms, "jitter": jitter}


@pytest.mark.parametrize(
    ("arguments", "retries", "expected"),
    [
        ("", 0, backoff("exponential", 500, 30_000)),
        ("retry=3", 3, backoff("exponential", 500, 30_000)),
        ("retry=Retry(3)", 3, backoff("exponential", 500, 30_000)),
        ("retry=Retry(0, jitter=False)", 0, backoff("exponential", 500, 30_000, "none")),
        ('retry=Retry(retries=2, first=WAITS[0], cap="1m")', 2, backoff("exponential", 1000, 60_000)),
        ('retry=Retry(2, first="2m")', 2, backoff("exponential", 120_000, 120_000)),
        ('retry=Retry(2, kind="fixed", first="5s")', 2, backoff("fixed", 5000, 5000)),
        ('retry=Retry(2, kind="fixed")', 2, backoff("fixed", 500, 500)),
    ],
)
def test_how_something_is_tried_again(arguments: str, retries: int, expected: dict[str, Any]) -> None:
    policy = read_op(arguments)["policy"]
    assert (policy["retries"], policy["backoff"]) == (retries, expected)


def test_how_long_an_attempt_and_a_run_may_take() -> None:
    policy = read_op('attempt_timeout="10s", timeout="2h"')["policy"]
    assert (policy["attempt_timeout_ms"], policy["timeout_ms"]) == (10_000, 7_200_000)
    assert read_op("attempt_timeout=None")["policy"]["attempt_timeout_ms"] == 0


def test_what_undoes_an_op() -> None:
    assert read_op("compensate=undo")["compensation"] == ["undo"]
    assert read_op("compensate=None")["compensation"] == []


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ('retry=Retry(3, cap="100ms")', "cap"),
        ('retry=Retry(3, first="2d")', "first"),
        ("retry=Retry(3, first=5)", "first"),
        ('retry=Retry(3, kind="linear")', "kind"),
        ("retry=Retry(3, jitter=1)", "jitter"),
        ("retry=Retry()", "retries"),
        ("retry=Retry(101)", "retries"),
        ("retry=Retry(3, 4)", "an argument"),
        ("retry=Retry(3, often=4)", "often"),
        ('retry="3"', "retry"),
        ('attempt_timeout="0s"', "attempt_timeout"),
        ("attempt_timeout=5", "attempt_timeout"),
        ("compensate=helper", "compensate"),
        ("compensate=below", "compensate"),
        ("compensate=main", "compensate"),
        ("compensate=undo_text", "compensate"),
        ('compensate="undo"', "compensate"),
    ],
)
def test_an_argument_that_is_refused(arguments: str, argument: str) -> None:
    (found,) = compile_op(arguments).diagnostics
    assert (found.code.name, found.values["argument"]) == ("E_OP_ARGUMENT", argument)


def test_a_retry_is_no_value() -> None:
    source = HEAD + "@op\ndef main() -> None:\n    x = Retry(3)\n"
    assert [each.code.name for each in compile_program("app.py", Source(source)).diagnostics] == [
        "E_NOT_A_VALUE"
    ]


def test_a_retry_has_the_values_that_are_written_for_one_left_out() -> None:
    given = Retry(3)
    assert (given.retries, given.first, given.cap, given.kind, given.jitter) == (
        3,
        "500ms",
        "30s",
        "exponential",
        True,
    )


def test_what_undoing_changes_is_changed_by_the_op() -> None:
    source = (
        HEAD
        + "@op\ndef clear(items: list[int]) -> None:\n    items.clear()\n\n\n"
        + "@op(compensate=clear)\ndef pay(items: list[int]) -> int:\n    return len(items)\n\n\n"
        + "@op\ndef main(items: list[int]) -> list[int]:\n    return [pay(items) + n for n in range(3)]\n"
    )
    (found,) = compile_program("app.py", Source(source)).diagnostics
    assert found.code.name == "E_FAN_OUT_CHANGE"


# --- undoing, both ways ---------------------------------------------------------------------------------

PROGRAM = (
    HEAD
    + """\
@op
def undo_failing(n: int) -> None:
    log.warning(f"undo {n}")
    raise Fail("cannot be undone")


@op(compensate=undo)
def undo_undone(n: int) -> None:
    log.warning(f"begin {n}")
    raise Fail("not all")


@op(compensate=undo)
def pay(n: int) -> int:
    log.info(f"pay {n}")
    if n == 1:
        raise Fail("one is too little")
    return 100 // n


@op(compensate=undo_failing)
def pay_badly(n: int) -> int:
    log.info(f"pay {n}")
    return 100 // n


@op(compensate=undo_undone)
def pay_twice(n: int) -> int:
    return 100 // n


@op
def forget(items: list[int], *, note: str) -> None:
    items.clear()
    items.append(len(note))


@op(compensate=forget)
def note_all(items: list[int], *, note: str = "abc") -> int:
    items.append(7)
    return items[100]


@op
def pay_all(ns: list[int]) -> str:
    try:
        return str(sum([pay(n) for n in ns]))
    except Fail as error:
        return str(error)
    except ZeroDivisionError:
        return "zero"


@op
def note(n: int) -> list[int]:
    items = [n]
    try:
        note_all(items)
    except IndexError:
        log.info("caught")
    return items
"""
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> BothWays:
    path = tmp_path_factory.mktemp("policies") / "policies.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return BothWays(path)


@pytest.mark.parametrize(
    ("op_name", "n", "raised", "warnings"),
    [
        ("pay", 2, None, []),
        ("pay", 1, Fail, ["undo 1"]),
        ("pay", 0, ZeroDivisionError, ["undo 0"]),
        ("pay_badly", 0, ZeroDivisionError, ["undo 0"]),
        ("pay_twice", 0, ZeroDivisionError, ["begin 0", "undo 0"]),
    ],
)
def test_an_op_is_undone_when_it_fails(
    program: BothWays, op_name: str, n: int, raised: type[Exception] | None, warnings: list[str]
) -> None:
    if raised is None:
        assert program.run(op_name, n=n).warnings == warnings
        return
    with pytest.raises(raised):
        program.run(op_name, n=n)


def test_an_op_that_another_one_calls_is_undone_before_the_error_is_caught(program: BothWays) -> None:
    assert program.run("pay_all", ns=[3, 0]).result == "zero"
    assert program.run("pay_all", ns=[5, 1]).warnings == ["undo 1"]
    assert program.run("pay_all", ns=[5, 4]).result == "45"


def test_what_undoes_sees_the_values_that_the_op_got(program: BothWays) -> None:
    ended = program.run("note", n=1)
    assert (ended.result, ended.lines) == ([3], ["caught"])


def test_as_plain_python_the_first_failure_goes_on() -> None:
    undone: list[int] = []

    @op
    def undoing(n: int) -> None:
        undone.append(n)
        raise Fail("second")

    @op(compensate=undoing)
    def doing(n: int) -> None:
        raise Fail("first")

    with pytest.raises(Fail, match="first"):
        doing(5)
    assert undone == [5]
