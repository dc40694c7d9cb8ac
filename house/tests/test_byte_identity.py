"""The same source gives the same bytes and the same diagnostics, whatever machine it is compiled on.

Every corpus entry is compiled by each Python that the distribution promises, with different hash seeds,
locales and time zones, in a folder whose name has spaces and letters outside of ASCII, by a process that
compiled the other entries before. What comes out is compared with what this Python makes of the entry where
it lies.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from house.pins import ROOT
from house.pythons import PYTHONS, find_python, sync_environment

CORPUS = ROOT / "corpus"
ENTRIES = sorted(str(path.relative_to(CORPUS)) for path in CORPUS.rglob("app.py"))
HASH_SEEDS = ("0", "4242")
TIME_ZONES = ("UTC", "Asia/Kathmandu")
LOCALES = {
    "ascii": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "utf-8": {"LC_ALL": "C.UTF-8"},
}

Outcome = dict[str, list[list[int | str]]]
"""For each entry, exit status and output of `forge emit` and of `forge emit --json`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the bytes must not depend on."""

    python: str
    hash_seed: str
    locale: str
    time_zone: str

    def __str__(self) -> str:
        return f"{self.python}-seed{self.hash_seed}-{self.locale}-{self.time_zone}"


ALL_SURROUNDINGS = [Surroundings(*each) for each in product(PYTHONS, HASH_SEEDS, LOCALES, TIME_ZONES)]


def _emit_corpus(python: Path, folder: Path, environment: dict[str, str]) -> Outcome:
    command = [str(python), "-P", str(ROOT / "house" / "emit_corpus.py"), *ENTRIES]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    outcome: Outcome = json.loads(done.stdout)
    return outcome


@cache
def _expected() -> Outcome:
    return _emit_corpus(Path(sys.executable), CORPUS, dict(os.environ))


@pytest.mark.matrix
@pytest.mark.parametrize("surroundings", ALL_SURROUNDINGS, ids=str)
def test_surroundings_do_not_change_a_byte(surroundings: Surroundings, tmp_path: Path) -> None:
    interpreter = find_python(surroundings.python)
    if interpreter is None:
        pytest.skip(f"no CPython {surroundings.python} here")
    programs = sync_environment(ROOT, interpreter, ROOT / ".matrix" / surroundings.python)
    folder = tmp_path / "päth with späces · 道"
    shutil.copytree(CORPUS, folder)
    environment = {
        "PATH": os.defpath,
        "PYTHONHASHSEED": surroundings.hash_seed,
        "TZ": surroundings.time_zone,
        **LOCALES[surroundings.locale],
    }
    outcome = _emit_corpus(programs / "python", folder, environment)
    assert [entry for entry in ENTRIES if outcome[entry] != _expected()[entry]] == []


def test_what_is_compared_is_what_is_committed() -> None:
    """Otherwise the surroundings could agree on nothing at all."""
    outcome = _expected()
    accepted = [entry for entry in ENTRIES if (CORPUS / entry).with_name("expected.canonical.json").is_file()]
    assert accepted
    for entry in accepted:
        committed = (CORPUS / entry).with_name("expected.canonical.json").read_bytes()
        assert outcome[entry][0] == [0, committed.hex()], entry
    for entry in set(ENTRIES) - set(accepted):
        assert [status for status, _ in outcome[entry]] == [1, 1], entry
