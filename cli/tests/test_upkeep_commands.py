"""`forge verify`, `gc`, `runs export` and `runs import`, on stores in files as a person has them."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from house.eventful_runs import leave_eventful, record_eventful, resume_eventful
from house.forge_answers import Answer, Forge
from house.scripted_io import RUN
from house.store_samples import build_artifact
from opforge_cli.exit_codes import ExitCode
from opforge_ir.schema import build_schemas
from opforge_runtime import SqliteStore, open_store

LOOSE = build_artifact("nobody names this")


SHAPES: Any = build_schemas()["command-results.schema.json"]


def check_shape(answer: Answer) -> None:
    report = answer.report
    jsonschema.validate(
        report["result"], SHAPES["properties"][report["command"]] | {"$defs": SHAPES["$defs"]}
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with a run and its children, in the current folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs.db"
    with SqliteStore(path) as opened:
        record_eventful(opened, n=2)
    return path


def test_a_store_that_is_well_is_said_to_be(forge: Forge, store: Path) -> None:
    answer = forge("verify", RUN, "--store", store)
    assert answer.code == ExitCode.FINE
    assert answer.out.decode().endswith("digests, all right\n")
    answer = forge("verify", "--all", "--store", store)
    assert answer.code == ExitCode.FINE
    assert answer.out.decode().startswith("3 runs with ")
    assert "0 artifacts that no run names" in answer.out.decode()


def test_a_changed_byte_is_named_and_ends_with_another_status(forge: Forge, store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(
            "UPDATE artifacts SET content = CAST(replace(content, 'a fact', 'A fact') AS BLOB)"
        )
        connection.commit()
    answer = forge("verify", "--all", "--store", store, "--json")
    assert (answer.code, set(answer.codes)) == (ExitCode.ENVIRONMENT, {"E_ARTIFACT_CORRUPT"})
    assert answer.report["result"]["well"] is False
    assert [each["run"] for each in answer.report["result"]["runs"] if each["codes"]] == [RUN]


@pytest.mark.parametrize("arguments", [(), (RUN, "--all")])
def test_it_is_one_run_or_all(forge: Forge, store: Path, arguments: tuple[str, ...]) -> None:
    assert forge("verify", *arguments, "--store", store).code == ExitCode.USAGE


def test_what_no_run_names_goes_when_it_is_not_a_try(forge: Forge, store: Path) -> None:
    with SqliteStore(store) as opened:
        opened.put_artifact(LOOSE)
    for is_dry_run in (True, False):
        answer = forge("gc", "--store", store, *(["--dry-run"] if is_dry_run else []))
        assert (answer.code, answer.out.decode()) == (ExitCode.FINE, f"{LOOSE.digest}\n")
    answer = forge("gc", "--store", store, "--json")
    assert answer.report["result"]["removed"] == []
    assert forge("verify", "--all", "--store", store).code == ExitCode.FINE


def test_artifacts_in_files_that_were_put_just_now_are_left(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "forge.toml").write_text('[store]\nurl = "sqlite:runs.db"\nartifacts = "files:artifacts"\n')
    with closing(open_store("sqlite:runs.db", "files:artifacts")) as opened:
        record_eventful(opened, n=1)
        opened.put_artifact(LOOSE)
    answer = forge("gc", "--json")
    assert (answer.report["result"]["removed"], answer.report["result"]["young"]) == ([], 1)


def test_a_run_goes_to_another_store_and_is_replayed_there(forge: Forge, store: Path, tmp_path: Path) -> None:
    exported = forge("runs", "export", RUN, "--store", store, "--json")
    check_shape(exported)
    file = tmp_path / exported.report["result"]["path"]
    assert (file.name, file.stat().st_size) == (f"{RUN}.forge", exported.report["result"]["bytes"])
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    other = tmp_path / "far" / "other.db"
    imported = forge("runs", "import", file, "--store", other, "--json")
    check_shape(imported)
    assert len(imported.report["result"]["runs"]) == 3
    assert forge("replay", RUN, "--store", other).code == ExitCode.FINE
    assert forge("verify", "--all", "--store", other).code == ExitCode.FINE
    again = forge("runs", "import", file, "--store", other)
    assert again.out.decode().count(", 0 of them new\n") == 3
    forge("runs", "export", RUN, "--store", other, "-o", tmp_path / "again.forge")
    assert (tmp_path / "again.forge").read_bytes() == file.read_bytes()


def test_a_file_is_looked_at_and_replayed_as_it_is(forge: Forge, store: Path, tmp_path: Path) -> None:
    forge("runs", "export", RUN, "--store", store, "-o", "run.forge")
    assert forge("replay", RUN, "--store", "export:run.forge").code == ExitCode.FINE
    assert forge("runs", "show", RUN, "--store", "export:run.forge").code == ExitCode.FINE
    refused = forge("runs", "cancel", RUN, "--because", "x", "--store", "export:run.forge", "--json")
    assert refused.code != ExitCode.FINE


def test_a_run_that_is_not_over_shows_the_command_that_moves_it(
    forge: Forge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with SqliteStore(tmp_path / "runs.db") as opened:
        leave_eventful(opened, 12)
    forge("runs", "export", RUN, "--store", "runs.db", "-o", "run.forge")
    answer = forge("runs", "import", "run.forge", "--store", "other.db")
    assert f"next      forge resume {RUN} --store other.db\n" in answer.out.decode()
    with SqliteStore(tmp_path / "other.db") as opened:
        assert opened.list_drivable(9) == []
        assert resume_eventful(opened).outcome == "completed"


def test_a_changed_file_is_refused_with_its_line(forge: Forge, store: Path, tmp_path: Path) -> None:
    forge("runs", "export", RUN, "--store", store, "-o", "run.forge")
    (tmp_path / "run.forge").write_bytes((tmp_path / "run.forge").read_bytes()[:-9])
    answer = forge("runs", "import", "run.forge", "--store", "other.db", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_EXPORT_INVALID"])


def test_a_file_that_cannot_be_written_is_named(forge: Forge, store: Path, tmp_path: Path) -> None:
    answer = forge("runs", "export", RUN, "--store", store, "-o", tmp_path / "nowhere" / "x", "--json")
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_FILE_UNWRITABLE"])
    assert list(tmp_path.glob("nowhere*")) == []


def test_an_export_takes_the_place_of_an_export_only(forge: Forge, store: Path, tmp_path: Path) -> None:
    """Neither the store is replaced, nor a device or pipe."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    before = store.read_bytes()
    for path in (store, pipe, tmp_path):
        answer = forge("runs", "export", RUN, "--store", store, "-o", path, "--json")
        assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_FILE_UNWRITABLE"])
    assert (store.read_bytes(), pipe.is_fifo()) == (before, True)
    for _ in range(2):
        assert forge("runs", "export", RUN, "--store", store, "-o", "run.forge").code == ExitCode.FINE


def test_a_damaged_run_leaves_no_file(forge: Forge, store: Path, tmp_path: Path) -> None:
    with SqliteStore(store) as opened:
        for digest in list(opened.list_artifacts()):
            opened.delete_artifact(digest)
    answer = forge("runs", "export", RUN, "--store", store, "-o", "run.forge", "--json")
    assert answer.codes == ["E_ARTIFACT_MISSING"]
    assert [path.name for path in tmp_path.iterdir()] == ["runs.db"]


def test_an_empty_store_is_well(forge: Forge) -> None:
    assert forge("verify", "--all", "--store", "memory:").code == ExitCode.FINE
