"""Where the interpreters are that the distribution promises to run on."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PYTHONS", "find_python", "sync_environment"]

PYTHONS = ("3.11", "3.12", "3.13")


def find_python(version: str) -> Path | None:
    """The program of CPython `version` (`"3.12"`), or None; nothing is downloaded.

    uv finds what is on the `PATH` and what it installed itself. It does not see through the shims of pyenv,
    so the folder beside them is searched too.
    """
    command = ["uv", "python", "find", "--no-project", "--no-python-downloads", f"cpython@{version}"]
    found = subprocess.run(command, capture_output=True, check=False, encoding="utf-8")
    if found.returncode == 0:
        return Path(found.stdout.strip())
    return max(_installed_by_pyenv(version), key=_patch, default=None)


def sync_environment(root: Path, python: Path, folder: Path) -> Path:
    """Install the repository at `root` without its tools into `folder`, and return the folder's programs.

    Raises `CalledProcessError` where uv cannot install it.
    """
    environment = {**os.environ, "UV_PROJECT_ENVIRONMENT": str(folder)}
    environment.pop("VIRTUAL_ENV", None)
    command = ["uv", "sync", "--quiet", "--no-dev", "--python", str(python)]
    subprocess.run(command, cwd=root, env=environment, check=True)
    return folder / "bin"


def _installed_by_pyenv(version: str) -> Iterator[Path]:
    for entry in os.get_exec_path():
        if Path(entry).name == "shims":
            yield from Path(entry).parent.glob(f"versions/{version}.*/bin/python{version}")


def _patch(program: Path) -> int:
    number = re.search(r"\.(\d+)$", program.parent.parent.name)
    return int(number[1]) if number else -1


def main() -> None:
    """Print where the interpreter of the version in the first argument is."""
    python = find_python(sys.argv[1])
    if python is None:
        raise SystemExit(f"no CPython {sys.argv[1]} here")
    print(python)


if __name__ == "__main__":
    main()
