"""What type checkers say about the realistic programs, in their strictest setting: nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from house.pins import ROOT

FOLDER = ROOT / "corpus" / "realistic"
PROGRAMS = sorted(path.parent for path in FOLDER.glob("*/app.py"))
SOURCES = [str(ROOT / "ir/src"), str(ROOT / "sdk/src")]
ROOTS = [str(folder) for folder in PROGRAMS if len(list(folder.rglob("*.py"))) > 1]
"""The folders of programs of several files: these import each other by their own names."""


def run_checker(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, check=False, encoding="utf-8"
    )
    return done.stdout + done.stderr


def test_pyright_has_nothing_to_say(tmp_path: Path) -> None:
    settings = {
        "include": [os.path.relpath(FOLDER, tmp_path)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "extraPaths": [*SOURCES, *ROOTS],
    }
    project = tmp_path / "pyrightconfig.json"
    project.write_text(json.dumps(settings), encoding="utf-8")
    said = json.loads(
        run_checker("pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(project))
    )
    assert said["generalDiagnostics"] == []
    assert said["summary"]["filesAnalyzed"] >= len(PROGRAMS)


def test_mypy_has_nothing_to_say(tmp_path: Path) -> None:
    settings = tmp_path / "mypy.ini"
    settings.write_text(
        "[mypy]\nstrict = true\npython_version = 3.11\nexplicit_package_bases = true\n"
        f"disable_error_code = empty-body\nmypy_path = {':'.join([*SOURCES, *ROOTS])}\n",
        encoding="utf-8",
    )
    said = run_checker("mypy", "--config-file", str(settings), str(FOLDER))
    assert said.startswith("Success"), said
