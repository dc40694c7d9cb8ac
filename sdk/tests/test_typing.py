"""What type checkers say to authors, in their strictest setting.

`typing/good` holds what must be accepted; in `typing/bad` each line that ends with `# error` must be
reported, and no other line.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from house.pins import ROOT

FOLDER = Path(__file__).parent / "typing"
FILES = sorted(FOLDER.glob("*/*.py"))
SOURCES = [str(ROOT / "ir/src"), str(ROOT / "sdk/src")]

Reported = dict[str, set[int]]
"""The lines with errors, by file."""


def run_checker(*command: str) -> str:
    """The output of a type checker that ends with 0 for no errors and with 1 for some."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    folder = tmp_path_factory.mktemp("pyright")
    settings = {
        "include": [os.path.relpath(FOLDER, folder)],
        "typeCheckingMode": "strict",
        "reportUnusedExpression": False,
        "pythonVersion": "3.11",
        "extraPaths": SOURCES,
    }
    project = folder / "pyrightconfig.json"
    project.write_text(json.dumps(settings), encoding="utf-8")
    found = json.loads(
        run_checker("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(project))
    )
    assert found["summary"]["filesAnalyzed"] == len(FILES)
    reported: Reported = {}
    for each in found["generalDiagnostics"]:
        reported.setdefault(Path(each["file"]).name, set()).add(each["range"]["start"]["line"] + 1)
    return reported


@pytest.fixture(scope="module")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    settings = tmp_path_factory.mktemp("mypy") / "mypy.ini"
    settings.write_text(
        f"[mypy]\nstrict = true\npython_version = 3.11\nmypy_path = {':'.join(SOURCES)}\n", encoding="utf-8"
    )
    found = run_checker(
        "mypy", "--config-file", str(settings), "--no-error-summary", "--hide-error-context", *map(str, FILES)
    )
    reported: Reported = {}
    for line in found.splitlines():
        place = re.match(r".*?(\w+\.py):(\d+): error: ", line)
        assert place is not None or ": note: " in line, line
        if place is not None:
            reported.setdefault(place[1], set()).add(int(place[2]))
    return reported


def expected_lines(path: Path) -> set[int]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return {number for number, line in enumerate(lines, start=1) if line.endswith("  # error")}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_pyright_reports_the_marked_lines(path: Path, pyright: Reported) -> None:
    assert pyright.get(path.name, set()) == expected_lines(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_mypy_reports_the_marked_lines(path: Path, mypy: Reported) -> None:
    assert mypy.get(path.name, set()) == expected_lines(path)


def test_the_good_files_are_good_and_the_bad_ones_bad() -> None:
    assert {path.parent.name for path in FILES if expected_lines(path)} == {"bad"}
    assert {path.parent.name for path in FILES if not expected_lines(path)} == {"good"}
    assert len({path.name for path in FILES}) == len(FILES)
