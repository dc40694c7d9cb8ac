"""What the commands answer with `--json` is what is published about it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from house.command_pages import list_commands
from house.forge_answers import GAS_KEEPER, Forge
from house.pins import ROOT
from house.waiting_runs import build_approval
from opforge_ir.result_models import RESULTS
from opforge_ir.schema import build_schemas
from opforge_runtime import MemoryStore

SCHEMA: Any = build_schemas()["command-results.schema.json"]
REPORT: Any = build_schemas()["command-report.schema.json"]
PAID = '{"status": 200, "text": "paid", "headers": []}'

ABOUT_PROGRAMS = [
    ("emit", GAS_KEEPER),
    ("validate", GAS_KEEPER),
    ("validate", ROOT / "corpus/shown/mistake.py"),
    ("show", GAS_KEEPER),
    ("fmt", ROOT / "examples/gas_keeper/gas_keeper.ir.json"),
    ("explain", "E3003"),
    ("schema",),
    ("test", ROOT / "examples/gas_keeper"),
]
ABOUT_RUNS = [
    ("runs", "list"),
    *(("runs", "show", f"payout-{kind}") for kind in ("completed", "failed", "doubtful", "driven")),
    *(("runs", "show", f"approval-{kind}") for kind in ("sleeping", "waiting", "parent")),
    ("runs", "events", "payout-completed"),
    ("runs", "tree", "approval-parent"),
    ("runs", "diff", "payout-completed", "payout-failed"),
    ("runs", "cancel", "payout-driven", "--because", "too late"),
    ("signal", "approval-waiting", "approve", "--value", "true"),
    (
        *("resolve", "payout-doubtful", "payout.main.paid", "--as", "done"),
        *("--value", PAID, "--because", "it is there"),
    ),
    ("fork", "payout-completed", "--from", "5"),
    ("doctor", "--store", "memory:"),
    ("verify", "payout-completed"),
    ("verify", "--all"),
    ("gc", "--dry-run"),
]


def check(report: Any) -> None:
    jsonschema.validate(report, REPORT)
    assert report["result"] is not None
    shape = SCHEMA["properties"][report["command"]] | {"$defs": SCHEMA["$defs"]}
    jsonschema.validate(report["result"], shape)


def test_every_command_has_a_published_result() -> None:
    assert {page.name for page in list_commands()} == set(RESULTS)


@pytest.mark.parametrize("command", ABOUT_PROGRAMS, ids=lambda command: str(command[0]))
def test_an_answer_about_a_program_has_its_shape(command: tuple[object, ...], forge: Forge) -> None:
    check(forge(*command, "--json").report)


@pytest.mark.parametrize("command", ABOUT_RUNS, ids=" ".join)
def test_an_answer_about_a_run_has_its_shape(
    command: tuple[str, ...], forge: Forge, recorded_store: MemoryStore
) -> None:
    check(forge(*command, "--json").report)


def test_answers_of_running_have_their_shape(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = tmp_path / "approval.ir.json"
    program.write_text(json.dumps(build_approval(sleep_seconds=0)))
    start = ("run", program, "--input", '{"amount": 5}', "--json")
    for options in (("--op", "settle"), ("--op", "main", "--detach"), ("--op", "settle", "--queue")):
        answer = forge(*start, *options)
        check(answer.report)
    result = answer.report["result"]
    assert result["commands"] == [f"forge resume {result['run']}"]
    check(forge("resume", result["run"], "--json").report)
    check(forge("replay", result["run"], "--json").report)


def test_an_answer_of_another_shape_is_refused(forge: Forge, recorded_store: MemoryStore) -> None:
    report = forge("runs", "list", "--json").report
    report["result"]["runs"][0]["surprise"] = 1
    with pytest.raises(jsonschema.ValidationError, match="surprise"):
        check(report)
