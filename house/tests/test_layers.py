"""The import contracts hold, and each of them would notice the import it is for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house.pins import ROOT

SOURCES = {
    "opforge_ir": "ir/src",
    "opforge": "sdk/src",
    "opforge_pytest": "sdk/src",
    "opforge_compiler": "compiler/src",
    "opforge_runtime": "runtime/src",
    "opforge_cli": "cli/src",
}


def _check(roots: list[Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the packages in `roots`, whatever is installed."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-logo", "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, roots))}
    return subprocess.run(
        [*command, "--config", str(ROOT / "pyproject.toml")],
        cwd=cwd,
        env=environment,
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def test_every_contract_is_kept(tmp_path: Path) -> None:
    done = _check([ROOT / source for source in SOURCES.values()], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder with all five packages, to plant an import in."""
    folder = tmp_path_factory.mktemp("packages")
    for package, source in SOURCES.items():
        shutil.copytree(
            ROOT / source / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    return folder


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        ("opforge_ir.planted", "import opforge"),
        ("opforge_ir.planted", "import sqlite3"),
        ("opforge_ir.planted", "from time import monotonic"),
        ("opforge.planted", "import opforge_compiler"),
        ("opforge._frontend.planted", "import subprocess"),
        ("opforge._frontend.planted", "import importlib"),
        ("opforge_compiler.planted", "import opforge_runtime"),
        ("opforge_compiler.planted", "from opforge._frontend import compile_program"),
        ("opforge_runtime.planted", "import opforge"),
        ("opforge_runtime.interpreter.planted", "import opforge_runtime.stores"),
        ("opforge_runtime.planted", "import opforge_compiler"),
        ("opforge_runtime.planted", "def later() -> None:\n    import eth.chains.base"),
        ("opforge_compiler.planted", "from rich.console import Console"),
        ("opforge_cli.planted", "import eth_account"),
    ],
)
def test_a_planted_import_is_caught(copied: Path, module: str, statement: str) -> None:
    planted = copied.joinpath(*module.split(".")).with_suffix(".py")
    planted.write_text(f"{statement}\n", encoding="utf-8")
    try:
        done = _check([copied], copied)
    finally:
        planted.unlink()
    assert done.returncode == 1, done.stdout + done.stderr
    assert module in done.stdout
    assert "BROKEN" in done.stdout
