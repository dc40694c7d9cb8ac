"""What `forge run` shows on a terminal while a run is under way, and how a wait is ended from another one."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from house.forge_answers import Forge
from house.waiting_runs import build_approval
from opforge_cli.exit_codes import ExitCode

FORGE = str(Path(sys.executable).parent / "forge")


class Terminal:
    """A command whose standard error is a terminal."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self._descriptor = descriptor
        self.shown = b""
        """Everything that was drawn so far."""

    def read_until(self, text: str) -> str:
        """Wait until the text was drawn; gives everything up to then."""
        while text.encode() not in self.shown:
            try:
                part = os.read(self._descriptor, 4096)
            except OSError:  # the other end is closed
                part = b""
            assert part, f"the command ended; it had drawn {self.shown!r}"
            self.shown += part
        return self.shown.decode()


@contextmanager
def open_terminal(folder: Path, *arguments: str) -> Generator[Terminal]:
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}
    with subprocess.Popen(
        [FORGE, *arguments], cwd=folder, stderr=theirs, stdout=subprocess.PIPE, env=environment
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(process, ours)
        finally:
            process.kill()
            os.close(ours)


@pytest.fixture
def approval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that waits for a signal, in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "approval.ir.json"
    path.write_text(json.dumps(build_approval(sleep_seconds=0)))
    return path


def test_a_wait_shows_the_command_that_ends_it(approval: Path, forge: Forge) -> None:
    command = ("run", approval.name, "--op", "main", "--input", '{"amount": 5}')
    with open_terminal(approval.parent, *command) as terminal:
        drawn = terminal.read_until("--value '…'")
        run = drawn.split("run ")[1].split()[0]
        assert f"1 of 2 states; waiting for signal approve: forge signal {run} approve --value '…'" in drawn
        shown = forge("runs", "show", run, "--json").report["result"]
        assert (shown["status"], shown["condition"]["kind"]) == ("running", "driven")
        assert [wait["name"] for wait in shown["condition"]["waits"]] == ["approve"]
        sent = forge("signal", run, "approve", "--value", "true")
        assert "drives the run, and sees it at its next boundary" in sent.text
        drawn = terminal.read_until("completed; ")
        assert terminal.process.wait() == ExitCode.FINE
    # The line is taken away before the timeline is printed.
    assert "\x1b[2Kafter " in drawn
    tree = forge("runs", "tree", run, "--json").report["result"]
    assert [(child["op"], child["status"]) for child in tree["children"]] == [("settle", "completed")]


def test_a_run_that_is_left_is_gone_on_with(approval: Path, forge: Forge) -> None:
    with open_terminal(
        approval.parent, "run", approval.name, "--op", "main", "--input", '{"amount": 5}'
    ) as terminal:
        run = terminal.read_until("waiting for signal").split("run ")[1].split()[0]
        terminal.process.send_signal(signal.SIGINT)
        terminal.read_until(f"next      forge resume {run}")
        assert terminal.process.wait() == 130
    assert forge("signal", run, "approve", "--value", "false").code == ExitCode.FINE
    outcome = forge("resume", run, "--json").report["result"]
    assert (outcome["outcome"], outcome["output"]) == ("completed", {"type": "int", "value": "5"})


def test_a_cancelled_run_ends_where_it_waits(approval: Path, forge: Forge) -> None:
    with open_terminal(
        approval.parent, "run", approval.name, "--op", "main", "--input", '{"amount": 5}'
    ) as terminal:
        run = terminal.read_until("waiting for signal").split("run ")[1].split()[0]
        assert forge("runs", "cancel", run, "--because", "withdrawn").code == ExitCode.FINE
        assert terminal.process.wait() == ExitCode.RUN_FAILED
    shown = forge("runs", "show", run)
    assert "cancelled because withdrawn" in shown.text
    assert "status    cancelled" in shown.text


def test_nothing_is_drawn_where_there_is_no_terminal(approval: Path, forge: Forge) -> None:
    left = forge("run", approval, "--op", "main", "--input", '{"amount": 5}', "--detach")
    assert left.code == ExitCode.FINE
    assert "states" not in left.err
    assert "\x1b" not in left.err
