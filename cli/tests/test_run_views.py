"""What the commands that look at runs print, byte for byte, of runs whose ids and times never change."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from house.forge_answers import Forge
from house.golden import assert_golden
from house.recorded_runs import NOW, PAYOUT
from opforge_cli.exit_codes import ExitCode
from opforge_cli.times import parse_moment, spell_duration, spell_moment
from opforge_cli.watching import watch
from opforge_ir.ids import RunId
from opforge_runtime import MemoryStore
from opforge_runtime.stores import SqliteStore, StoredEvent

GOLDEN = Path(__file__).parent / "golden"

COMMANDS = {
    "runs-list": ("runs", "list"),
    "runs-list-filtered": ("runs", "list", "--status", "sleeping", "--status", "waiting", "--since", "2h"),
    "runs-show-completed": ("runs", "show", "payout-completed"),
    "runs-show-failed": ("runs", "show", "payout-failed"),
    "runs-show-queued": ("runs", "show", "payout-queued"),
    "runs-show-doubtful": ("runs", "show", "payout-doubtful"),
    "runs-show-sleeping": ("runs", "show", "approval-sleeping"),
    "runs-show-waiting": ("runs", "show", "approval-waiting"),
    "runs-show-parent": ("runs", "show", "approval-parent"),
    "runs-show-child": ("runs", "show", "settle-child"),
    "runs-show-interrupted": ("runs", "show", "payout-interrupted"),
    "runs-show-driven": ("runs", "show", "payout-driven"),
    "runs-diff": ("runs", "diff", "payout-completed", "payout-failed"),
    "runs-diff-equal": ("runs", "diff", "payout-completed", "payout-completed"),
    "runs-tree": ("runs", "tree", "approval-parent"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_what_people_read(
    name: str, forge: Forge, recorded_store: MemoryStore, pytestconfig: pytest.Config
) -> None:
    answer = forge(*COMMANDS[name])
    assert (answer.code, answer.err) == (ExitCode.FINE, "")
    # The digest of the program is a new one with each version of the IR; what is shown of it is not.
    shown = re.sub(rb"IR [0-9a-f]{64}", b"IR DIGEST", answer.out)
    assert_golden(pytestconfig, GOLDEN / f"{name}.txt", shown)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_programs_read(name: str, forge: Forge, recorded_store: MemoryStore) -> None:
    report = forge(*COMMANDS[name], "--json").report
    assert report["ok"] is True
    assert report["command"] == " ".join(COMMANDS[name][:2])
    assert report["result"]


def test_a_run_in_doubt_says_what_is_to_be_done(forge: Forge, recorded_store: MemoryStore) -> None:
    result = forge("runs", "show", "payout-doubtful", "--json").report["result"]
    assert result["condition"]["kind"] == "in_doubt"
    (wait,) = result["condition"]["waits"]
    assert (wait["kind"], wait["name"], wait["type"]) == ("person", "http.post", "Response")
    assert wait["commands"] == result["condition"]["commands"]
    assert wait["source"].startswith("payout.py:13  paid = http.post(")


def test_commands_name_the_store_that_was_asked(
    forge: Forge, recorded_store: MemoryStore, tmp_path: Path
) -> None:
    (tmp_path / "f.toml").touch()
    config = tmp_path / "f.toml"
    shown = forge("runs", "show", "payout-queued", "--store", "other runs.db", "--config", config)
    assert f"forge resume payout-queued --store 'other runs.db' --config {config}\n" in shown.text


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (("--status", "failed"), ["payout-failed"]),
        (("--op", "main", "--workload", "payout", "--limit", "2"), ["payout-interrupted", "payout-driven"]),
        (("--op", "other"), []),
        (("--workload", "payout", "--since", "2026-11-23T18:30"), ["payout-driven"]),
        (("--workload", "gas"), []),
        (("--parent", "approval-parent"), ["settle-child"]),
        (("--parent", "payout-driven"), []),
    ],
)
def test_lists_are_narrowed(
    filters: tuple[str, ...], found: list[str], forge: Forge, recorded_store: MemoryStore
) -> None:
    runs = forge("runs", "list", *filters, "--json").report["result"]["runs"]
    assert [run["run"] for run in runs] == found


def test_a_list_that_may_be_cut_says_so(forge: Forge, recorded_store: MemoryStore) -> None:
    assert "--limit shows more" in forge("runs", "list", "--limit", "2").err
    assert forge("runs", "list", "--limit", "20").err == ""


def test_a_wrong_time_is_a_wrong_use(forge: Forge, recorded_store: MemoryStore) -> None:
    assert forge("runs", "list", "--since", "yesterday").code == ExitCode.USAGE
    assert forge("runs", "list", "--watch", "--json").code == ExitCode.USAGE


def test_a_program_that_differs_gives_no_lines(
    forge: Forge, recorded_store: MemoryStore, tmp_path: Path
) -> None:
    changed = tmp_path / "payout.py"
    changed.write_text(PAYOUT.read_text().replace("rounds: int = 2", "rounds: int = 3"))
    answer = forge("runs", "show", "payout-completed", "--program", changed)
    assert answer.code == ExitCode.FINE
    assert "warning[E4060 E_PROGRAM_DIFFERS]" in answer.err
    assert "payout.py:" not in answer.text
    named = forge("runs", "show", "payout-completed", "--program", PAYOUT)
    assert "payout.py:13  paid = http.post(" in named.text


def test_a_program_is_found_a_little_below(
    forge: Forge, recorded_store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder, text in (("a", "payout = 'payout'"), ("b/c", PAYOUT.read_text())):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "program.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    assert "program.py:13  paid" in forge("runs", "show", "payout-completed").text
    (tmp_path / "b/c/program.py").write_text(PAYOUT.read_text().replace("bank", "tank"))
    assert "program.py" not in forge("runs", "show", "payout-completed").text


def test_a_watched_list_is_shown_when_it_changes(
    forge: Forge, recorded_store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = iter([None, recorded_store.acquire_lease, None])

    def pause(seconds: float) -> None:
        try:
            turn = next(turns)
        except StopIteration:
            raise KeyboardInterrupt from None
        if turn is not None:
            turn(RunId("payout-queued"), "somebody", 1_000)

    monkeypatch.setattr("opforge_cli.clock.pause", pause)
    answer = forge("runs", "list", "--status", "queued", "--watch")
    assert answer.code == ExitCode.FINE
    first, second = answer.text.split("run ")[1:]
    assert "a driver, 3 h 0 min" in first
    assert "driven by somebody" in second


def test_a_watched_list_is_drawn_in_place_on_a_terminal(
    recorded_store: MemoryStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("opforge_cli.clock.pause", stop)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    watch(lambda: ["one", "two"])
    assert "one\ntwo" in capsys.readouterr().out


def test_followed_events_end_with_the_run(
    forge: Forge, recorded_store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = recorded_store.read_events(RunId("payout-failed"))
    heads = iter([2, 2, 5, 7])

    def read_events(run: RunId, first_seq: int = 1) -> list[StoredEvent]:
        return failed[first_seq - 1 : next(heads)]

    monkeypatch.setattr(recorded_store, "read_events", read_events)
    pauses: list[float] = []
    monkeypatch.setattr("opforge_cli.clock.pause", pauses.append)
    answer = forge("runs", "events", "payout-failed", "--follow")
    assert [json.loads(line)["seq"] for line in answer.out.splitlines()] == [1, 2, 3, 4, 5, 6, 7]
    assert len(pauses) == 1


def test_following_is_stopped_by_the_person(
    forge: Forge, recorded_store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("opforge_cli.clock.pause", stop)
    answer = forge("runs", "events", "payout-queued", "-f", "--json")
    assert answer.code == ExitCode.FINE
    assert len(answer.report["result"]["events"]) == 1


def test_text_of_a_run_does_not_steer_the_terminal(forge: Forge, recorded_store: MemoryStore) -> None:
    recorded_store.acquire_lease(RunId("payout-queued"), "\x1b[2Jevil", 1_000)
    for command in (("runs", "list"), ("runs", "show", "payout-queued"), ("runs", "tree", "payout-queued")):
        assert "\x1b" not in forge(*command).text
        assert "\\u001b[2Jevil" in forge(*command).text


@pytest.mark.parametrize(
    ("duration_ms", "spelling"),
    [
        (-5, "0 ms"),
        (0, "0 ms"),
        (999, "999 ms"),
        (1_000, "1.0 s"),
        (59_999, "59.9 s"),
        (60_000, "1 min 0 s"),
        (3_599_999, "59 min 59 s"),
        (3_600_000, "1 h 0 min"),
        (90_061_000, "1 d 1 h"),
    ],
)
def test_a_duration_has_two_units(duration_ms: int, spelling: str) -> None:
    assert spell_duration(duration_ms) == spelling


def test_moments_are_in_utc() -> None:
    assert spell_moment(90_061_999) == "1970-01-02 01:01:01"
    assert parse_moment("90m", NOW) == NOW - 5_400_000
    assert parse_moment("2026-11-23", NOW) == NOW - 19 * 3_600_000
    assert parse_moment("2026-11-23T20:00+01:00", NOW) == NOW


def test_a_list_is_shown_without_what_drives_runs(pure_program: Path) -> None:
    """What is imported is most of the time that a list takes."""
    check = (
        "import sys; from opforge_cli.main import app; app(['runs', 'list'], standalone_mode=False);"
        "heavy = {'httpx', 'opforge_runtime.interpreter', 'opforge_runtime.engine'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    (pure_program.parent / ".opforge").mkdir()
    SqliteStore(pure_program.parent / ".opforge/runs.db").close()
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=pure_program.parent, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"run  op  status")
