"""A difference between CPython and the compiled program is seen, whatever it is in."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.both_ways import BothWays
from opforge import Fail
from opforge.testing import LogInfo, TimeNow, answers

SOURCE = """\
from opforge import Fail, log, op, time, workload

workload("sample", version="1.0.0")

LIMIT = 10
WORD = "late"
CLOCKS = 1


@op
def check(n: int) -> int:
    seconds = [time.now() for _ in range(CLOCKS)]
    if n > LIMIT:
        raise Fail(f"{n} is {WORD}")
    log.info(f"{WORD} at {seconds[0]}")
    return n + LIMIT
"""


@pytest.fixture
def sample(tmp_path: Path) -> BothWays:
    path = tmp_path / "sample.py"
    path.write_text(SOURCE, encoding="utf-8")
    return BothWays(path)


def test_what_is_equal_is_returned(sample: BothWays) -> None:
    ended = sample.run("check", n=1, answers=lambda: [answers.time(7)])
    assert (ended.result, ended.lines, ended.warnings) == (11, ["late at 7"], [])
    assert ended.effects == [TimeNow(), LogInfo("late at 7")]
    with pytest.raises(Fail, match="11 is late"):
        sample.run("check", n=11, answers=lambda: [answers.time(7)])


@pytest.mark.parametrize(
    ("name", "value", "n"),
    [
        ("LIMIT", 11, 1),  # another result
        ("LIMIT", 12, 11),  # an error on one side only
        ("LIMIT", 0, 1),  # an error on the other side only
        ("WORD", "slow", 11),  # another message
        ("WORD", "slow", 1),  # another side effect
        ("CLOCKS", 2, 1),  # another read
    ],
)
def test_a_difference_is_an_assertion(sample: BothWays, name: str, value: object, n: int) -> None:
    setattr(sample.module, name, value)
    with pytest.raises(AssertionError):
        sample.run("check", n=n, answers=lambda: [answers.time(7)])
