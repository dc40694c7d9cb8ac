"""The pytest plugin, as pytest finds and uses it in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Pytest = Callable[..., subprocess.CompletedProcess[str]]

HOST_TEST = """
from opforge import log, time
from opforge.testing import LogInfo, TimeNow, UnansweredError, answers, in_turn
import pytest

SHARED = answers.time(in_turn(1, 2))

@pytest.mark.parametrize("number", [1, 2])
def test_a_host_is_in_place(forge_host, number):
    forge_host.answer(SHARED)
    assert time.now() == 1
    assert forge_host.effects == [TimeNow()]

def test_no_answers_are_left_over(forge_host):
    with pytest.raises(UnansweredError):
        time.now()
"""
FAILING_TEST = """
from opforge import log
from opforge.testing import LogInfo, LogWarning

def test_effects(forge_host):
    log.info("a")
    log.info("b")
    assert forge_host.effects == [LogInfo("a"), LogWarning(), LogInfo()]

def test_helper(forge_host):
    log.info("a")
    forge_host.assert_effects()

def test_other_lists():
    assert [1, 2] == [1, 3]
"""


@pytest.fixture
def run_pytest(tmp_path: Path) -> Pytest:
    def run(source: str, *options: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
        (tmp_path / "pytest.ini").write_text(
            "[pytest]\naddopts = -q --strict-markers -W error\n", encoding="utf-8"
        )
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")

    return run


def test_the_fixture_gives_each_test_a_host_of_its_own(run_pytest: Pytest) -> None:
    done = run_pytest(HOST_TEST)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_compared_effects_are_shown_side_by_side(run_pytest: Pytest) -> None:
    done = run_pytest(FAILING_TEST)
    assert done.returncode == 1, done.stdout + done.stderr
    shown = [line.removeprefix("E").strip() for line in done.stdout.splitlines() if line.startswith("E  ")]
    assert shown[:8] == [
        "AssertionError: assert the effects are others (- expected, + asked):",
        "log.info(message='a')",
        "- log.warning()",
        "log.info(message='b')",
        "AssertionError: the effects are others (- expected, + asked):",
        "+ log.info(message='a')",
        "assert [1, 2] == [1, 3]",
        "",
    ]
    assert "_host.py" not in done.stdout


def test_a_run_that_does_not_use_it_loads_nothing_of_opforge(run_pytest: Pytest) -> None:
    done = run_pytest(
        "import sys\n\n"
        "def test_modules():\n"
        "    assert [name for name in sys.modules if name.startswith('opforge')] == ['opforge_pytest']\n"
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_can_be_turned_off(run_pytest: Pytest) -> None:
    done = run_pytest(HOST_TEST, "-p", "no:opforge")
    assert "fixture 'forge_host' not found" in done.stdout
    done = run_pytest("def test_it():\n    pass\n", "-p", "no:opforge")
    assert done.returncode == 0, done.stdout + done.stderr
