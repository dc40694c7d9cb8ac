"""What the tests of the examples share: op files as modules, `forge`, no network, a store to damage."""

from __future__ import annotations

import importlib
import shutil
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from house.forge_answers import Answer, Forge, build_forge
from house.golden import assert_golden
from opforge_ir.digest import digest_bytes


@pytest.fixture
def forge(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> Forge:
    """Call `forge` with these arguments, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    return build_forge(monkeypatch, capfdbinary)


@pytest.fixture
def import_program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], Any]]:
    """Import an op file as a test of its author's beside it would, with the modules of its own folder."""
    before = set(sys.modules)

    def load(program: Path) -> Any:
        monkeypatch.setattr(sys, "path", [str(program.parent), *sys.path])
        return importlib.import_module(program.stem)

    yield load
    for name in set(sys.modules) - before:
        del sys.modules[name]


class Recorded:
    """A finished run of an example and the store that holds it."""

    def __init__(self, forge: Forge, monkeypatch: pytest.MonkeyPatch, store: Path, answer: Answer) -> None:
        assert answer.code == 0, answer.err
        self._forge = forge
        self._monkeypatch = monkeypatch
        self._store = store
        self.run: str = answer.report["result"]["run"]
        self.output = answer.report["result"]["output"]

    def assert_replays_without_a_network(self) -> None:
        """`forge replay` derives the run again where every connection is refused."""
        answer = self._replay(self._store)
        assert (answer.code, answer.report["result"]["equal"]) == (0, True), answer.err

    def assert_a_changed_byte_is_named(self, state: str, instance: str = "") -> None:
        """With one byte of this fact changed, `forge replay` refuses the run and names the artifact."""
        damaged = self._store.with_name("damaged.db")
        shutil.copy(self._store, damaged)
        digest = _change_fact(damaged, state, instance)
        answer = self._replay(damaged)
        assert (answer.code, answer.codes) == (5, ["E_ARTIFACT_CORRUPT"])
        assert answer.report["diagnostics"][0]["fields"]["digest"] == digest

    def _replay(self, store: Path) -> Answer:
        def refuse(*_arguments: object) -> NoReturn:
            raise AssertionError("a replay asked the network")

        with self._monkeypatch.context() as patch:
            for name in ("connect", "connect_ex"):
                patch.setattr(socket.socket, name, refuse)
            patch.setattr(socket, "getaddrinfo", refuse)
            return self._forge("replay", self.run, "--store", store, "--json")


@pytest.fixture
def record(forge: Forge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Recorded]:
    """Run an op file on a development chain, with more arguments for `forge run`."""

    def run_example(program: Path, *arguments: object) -> Recorded:
        store = tmp_path / "runs.db"
        answer = forge("run", program, "--dev", "--json", "--store", store, *arguments)
        return Recorded(forge, monkeypatch, store, answer)

    return run_example


@pytest.fixture
def assert_reviewed(forge: Forge, pytestconfig: pytest.Config) -> Callable[[Path], None]:
    """Hold the committed IR of an op file to its source, byte for byte and with `forge emit --check`."""

    def check(program: Path) -> None:
        committed = program.with_suffix(".ir.json")
        assert_golden(pytestconfig, committed, forge("emit", program, "--form", "review").out)
        assert forge("emit", program, "--check", committed).code == 0

    return check


def _change_fact(path: Path, state: str, instance: str) -> str:
    """Change the last character of a fact's value, a string, in a store; return the fact's digest."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER segments_are_not_changed")
    name = f'"instance":"{instance}"', f'"state":"{state}"'
    ((segment, content, fact),) = (
        (segment, content, line)
        for segment, content in connection.execute("SELECT id, content FROM segments")
        for line in content.split(b"\n")
        if line.startswith(b'{"artifact":"fact"') and all(part.encode() in line for part in name)
    )
    position = len(fact) - len('0"}')
    changed = fact[:position] + bytes([fact[position] ^ 1]) + fact[position + 1 :]
    connection.execute(
        "UPDATE segments SET content = ? WHERE id = ?", (content.replace(fact, changed), segment)
    )
    connection.close()
    return digest_bytes(fact)
