"""The committed files that are generated are those that the models give now."""

from __future__ import annotations

import subprocess
import sys

from house.pins import ROOT


def test_generated_files_are_current() -> None:
    command = [sys.executable, "-m", "house.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr + "\n`just generate` writes them"
