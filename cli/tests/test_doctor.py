"""`forge doctor`: what it looks at, and what it says where something is not well."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from house.forge_answers import Forge
from house.golden import assert_golden
from opforge_cli.exit_codes import ExitCode
from opforge_runtime import MemoryStore

GOLDEN = Path(__file__).parent / "golden"


def test_what_people_read(
    forge: Forge, recorded_store: MemoryStore, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    (tmp_path / "forge.toml").write_text('[networks.base]\nurl = "https://node.example/CANARY"\n')
    answer = forge("doctor", "--store", "memory:", "--config", tmp_path / "forge.toml")
    assert (answer.code, answer.err) == (ExitCode.FINE, "")
    shown = answer.text.replace(str(tmp_path), "FOLDER")
    lines = [line for line in shown.splitlines() if not line.startswith("ok    versions ")]
    assert len(lines) < len(shown.splitlines())
    assert "CANARY" not in shown
    assert_golden(pytestconfig, GOLDEN / "doctor.txt", ("\n".join(lines) + "\n").encode())


def test_what_programs_read(forge: Forge, recorded_store: MemoryStore) -> None:
    checks = forge("doctor", "--store", "memory:", "--json").report["result"]["checks"]
    named = {check["name"]: check for check in checks}
    assert named["runs"]["well"] is False
    assert {"run": "payout-queued", "kind": "queued"}.items() <= named["runs"]["stuck"][0].items()
    assert named["runs"]["stuck"][0]["commands"] == ["forge resume payout-queued --store memory:"]
    assert all(check["well"] for name, check in named.items() if name != "runs")


def test_a_folder_without_anything_is_well(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = forge("doctor")
    assert answer.code == ExitCode.FINE
    assert "there is none at .opforge/runs.db yet; `forge run` makes it" in answer.text


def test_a_store_with_runs_is_looked_through(
    forge: Forge, pure_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pure_program.parent)
    forge("run", pure_program)
    answer = forge("doctor", "--json")
    assert answer.code == ExitCode.FINE
    checks = {check["name"]: check["text"] for check in answer.report["result"]["checks"]}
    assert checks["histories"] == "the newest 1 run(s) read and verified"
    assert checks["file"] == "whole"
    assert "schema version" in checks["store"]


def test_a_store_that_cannot_be_used_is_named(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no database at all, and long enough to be looked at " * 20)
    for name, code in (("folder", "E_STORE_CANNOT_OPEN"), ("text", "E_STORE_NOT_OURS")):
        answer = forge("doctor", "--store", name, "--json")
        assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, [code])


def test_a_configuration_that_cannot_be_used_is_named(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forge.toml").write_text("[runs]\n")
    answer = forge("doctor", "--json")
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_CONFIG_INVALID"])
    assert [check["name"] for check in answer.report["result"]["checks"]] == ["versions", "configuration"]


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def test_a_disk_that_is_nearly_full_is_named(
    forge: Forge, pure_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pure_program.parent)
    forge("run", pure_program)

    def measure(path: object) -> Usage:
        return Usage(1 << 40, (1 << 40) - (3 << 20), 3 << 20)

    monkeypatch.setattr(shutil, "disk_usage", measure)
    answer = forge("doctor", "--json")
    assert (answer.code, answer.codes) == (ExitCode.FINE, ["E_DISK_LOW"])
    assert answer.report["diagnostics"][0]["fields"]["free_mib"] == 3


def test_nothing_is_changed_and_nothing_is_to_be_removed(forge: Forge, recorded_store: MemoryStore) -> None:
    before = [recorded_store.read_events(record.run) for record in recorded_store.list_runs()]
    shown = forge("doctor", "--store", "memory:").text
    assert [recorded_store.read_events(record.run) for record in recorded_store.list_runs()] == before
    assert not {"rm", "delete", "remove"} & set(shown.split())
