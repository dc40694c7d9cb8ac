"""`signal`, `resolve`, `fork` and `runs cancel`: what they print, and what is in the store then."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.forge_answers import Forge
from house.golden import assert_golden
from opforge_cli.exit_codes import ExitCode
from opforge_ir.ids import RunId
from opforge_runtime import MemoryStore, get_run

GOLDEN = Path(__file__).parent / "golden"
DOUBTFUL = RunId("payout-doubtful")
PAID = '{"status": 200, "text": "paid", "headers": []}'

COMMANDS = {
    "signal-waiting": ("signal", "approval-waiting", "approve", "--value", "true", "--id", "one"),
    "cancel-waiting": ("runs", "cancel", "approval-waiting", "--because", "too late", "--id", "one"),
    "cancel-doubtful": ("runs", "cancel", "payout-doubtful", "--because", "too late", "--id", "one"),
    "cancel-driven": ("runs", "cancel", "payout-driven", "--because", "too late", "--id", "one"),
    "resolve-done": (
        *("resolve", "payout-doubtful", "payout.main.paid", "--as", "done"),
        *("--because", "it is there", "--value", PAID),
    ),
    "resolve-retry": (
        *("resolve", "payout-doubtful", "payout.main.paid", "--as", "retry", "--because", "nothing there"),
    ),
    "fork": ("fork", "payout-completed", "--from", "4"),
}


@pytest.fixture(autouse=True)
def chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without chance, so that ids are the same each time."""

    def draw(limit: int) -> int:
        return 7 % limit

    def spell(size: int) -> str:
        return "07" * size

    monkeypatch.setattr("secrets.randbelow", draw)
    monkeypatch.setattr("secrets.token_hex", spell)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_people_read(
    name: str, forge: Forge, recorded_store: MemoryStore, pytestconfig: pytest.Config
) -> None:
    answer = forge(*COMMANDS[name])
    assert (answer.code, answer.err) == (ExitCode.FINE, "")
    assert_golden(pytestconfig, GOLDEN / f"{name}.txt", answer.out)


def test_a_cancelled_run_has_the_reason_in_its_inbox(forge: Forge, recorded_store: MemoryStore) -> None:
    result = forge("runs", "cancel", "approval-waiting", "--because", "too late", "--json").report["result"]
    assert (result["position"], result["commands"]) == (1, ["forge resume approval-waiting"])
    (stored,) = recorded_store.read_messages(RunId("approval-waiting"))
    assert (stored.message.content, stored.message.id) == (b'"too late"', result["id"])


def test_a_signal_is_kept_in_stored_form(forge: Forge, recorded_store: MemoryStore) -> None:
    command = ("signal", "approval-waiting", "approve", "--value", "true", "--json")
    result = forge(*command).report["result"]
    assert (result["position"], result["holder"]) == (1, "")
    (stored,) = recorded_store.read_messages(RunId("approval-waiting"))
    message = stored.message
    assert (message.kind, message.name, message.content) == ("signal", "approve", b"true")


def test_a_message_with_the_same_id_is_the_same(forge: Forge, recorded_store: MemoryStore) -> None:
    command = ("runs", "cancel", "approval-waiting", "--because", "too late", "--id", "mine", "--json")
    assert [forge(*command).report["result"]["position"] for _ in range(2)] == [1, 1]


def test_a_decision_is_recorded(forge: Forge, recorded_store: MemoryStore) -> None:
    result = forge(*COMMANDS["resolve-done"], "--json").report["result"]
    assert (result["state"], result["instance"], result["decision"]) == ("payout.main.paid", "", "done")
    assert get_run(recorded_store, DOUBTFUL).status == "queued"
    shown = forge("runs", "show", "payout-doubtful").text
    assert 'resolved as done: it is there {"headers":[],"status":"200","text":"paid"}' in shown
    again = forge(*COMMANDS["resolve-retry"], "--json")
    assert (again.code, again.codes) == (ExitCode.INPUT_WRONG, ["E_NOT_IN_DOUBT"])


def test_a_fork_is_a_run_of_its_own(forge: Forge, recorded_store: MemoryStore) -> None:
    result = forge(*COMMANDS["fork"], "--json").report["result"]
    assert (result["origin"], result["seq"], result["states"]) == ("payout-completed", 4, 1)
    assert "forked    from payout-completed, up to event 4\n" in forge("runs", "show", result["run"]).text


@pytest.mark.parametrize(
    ("command", "code", "name"),
    [
        (("signal", "approval-waiting", "aprove"), ExitCode.USAGE, "E_SIGNAL_UNKNOWN"),
        (("signal", "approval-waiting", "approve", "--value", "1"), ExitCode.INPUT_WRONG, "E_VALUE_MISMATCH"),
        (("signal", "payout-none", "approve"), ExitCode.USAGE, "E_RUN_UNKNOWN"),
        (("signal", "approval-waiting", "approve", "--value", "{"), ExitCode.INPUT_WRONG, "E_TRUNCATED"),
        (("runs", "cancel", "approval-waiting", "--because", " "), ExitCode.USAGE, "E_REASON_EMPTY"),
        (("runs", "cancel", "payout-completed", "--because", "x"), ExitCode.ENVIRONMENT, "E_RUN_FINISHED"),
        ((*COMMANDS["resolve-retry"], "--value", "1"), ExitCode.USAGE, "E_RESOLUTION_VALUE"),
        (("fork", "payout-completed", "--from", "99"), ExitCode.USAGE, "E_FORK_POINT"),
    ],
)
def test_what_cannot_be_done_is_refused(
    command: tuple[str, ...], code: ExitCode, name: str, forge: Forge, recorded_store: MemoryStore
) -> None:
    answer = forge(*command, "--json")
    assert (answer.code, answer.codes) == (code, [name])
