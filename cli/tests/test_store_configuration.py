"""`[store]` of forge.toml: where runs and artifacts are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from opforge_cli.configuration import DEFAULT_STORE, Configuration, load_configuration
from opforge_ir.diagnostics import DiagnosticError

SECRET = "canary-of-a-secret"


def load(folder: Path, text: str) -> Configuration:
    path = folder / "forge.toml"
    path.write_text(text, encoding="utf-8")
    return load_configuration(path)


@pytest.mark.parametrize(
    ("text", "store", "artifacts"),
    [
        ("", "sqlite:{folder}/.opforge/runs.db", None),
        ('[store]\npath = "runs.db"', "sqlite:{folder}/runs.db", None),
        ('[store]\npath = "odd:name.db"', "sqlite:{folder}/odd:name.db", None),
        ('[store]\nurl = "runs.db"', "sqlite:{folder}/runs.db", None),
        ('[store]\nurl = "sqlite:/srv/runs.db"', "sqlite:/srv/runs.db", None),
        ('[store]\nurl = "memory:"\nartifacts = "files:kept"', "memory:", "files:{folder}/kept"),
        (
            '[store]\nartifacts = "s3://${STORE_KEY}:${STORE_SECRET}@bucket"',
            "sqlite:{folder}/.opforge/runs.db",
            f"s3://me:{SECRET}@bucket",
        ),
    ],
)
def test_the_addresses_are_read_relative_to_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, store: str, artifacts: str | None
) -> None:
    monkeypatch.setenv("STORE_KEY", "me")
    monkeypatch.setenv("STORE_SECRET", SECRET)
    configuration = load(tmp_path, text)
    expected = None if artifacts is None else artifacts.format(folder=tmp_path)
    assert (configuration.store, configuration.artifacts) == (store.format(folder=tmp_path), expected)
    assert SECRET not in repr(configuration)


def test_without_a_file_the_store_is_below_the_current_folder() -> None:
    assert load_configuration(None).store == DEFAULT_STORE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[store]\nurl = "a"\npath = "b"', "[store] has both url and path, which say the same"),
        ("[store]\nurl = 1", "store.url is not a string"),
        ("[store]\nartifacts = []", "store.artifacts is not a string"),
        (f'[store]\nsecret = "{SECRET}"', "[store] has no key secret"),
    ],
)
def test_what_is_wrong_in_the_section_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(DiagnosticError) as refused:
        load(tmp_path, text)
    (found,) = refused.value.diagnostics
    assert (found.code.name, found.values["problem"]) == ("E_CONFIG_INVALID", problem)
    assert SECRET not in str(refused.value)
