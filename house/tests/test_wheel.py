"""What is published works by itself: the wheel, made from the source archive, without the tools used here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from house.pins import ROOT

pytestmark = pytest.mark.xdist_group("wheel")

PACKAGES = ("opforge", "opforge_cli", "opforge_compiler", "opforge_ir", "opforge_pytest", "opforge_runtime")


def _run(*command: str, cwd: Path = ROOT) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that uv makes of the source archive that it makes of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    _run("uv", "build", "--quiet", "--out-dir", str(folder))
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that holds the wheel and what it asks for, in the pinned versions."""
    environment = tmp_path_factory.mktemp("installed")
    _run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(environment))
    _run("uv", "pip", "install", "--quiet", "--python", str(environment), str(wheel))
    return environment / "bin"


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    metadata = f"{wheel.name.rsplit('-', 3)[0]}.dist-info"
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, metadata}
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert [name for name in names if "/tests/" in name] == []


def test_every_package_can_be_imported_from_the_wheel(programs: Path, tmp_path: Path) -> None:
    # Only pytest imports its plugin, and who has no pytest needs none.
    imported = [package for package in PACKAGES if package != "opforge_pytest"]
    imports = f"import {', '.join(imported)}; print(opforge.__file__)"
    where = _run(str(programs / "python"), "-I", "-W", "error", "-c", imports, cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(programs.parent)


@pytest.mark.parametrize("command", ["forge", "opforge"])
def test_both_commands_are_installed(programs: Path, tmp_path: Path, command: str) -> None:
    assert "emit" in _run(str(programs / command), "--help", cwd=tmp_path)
