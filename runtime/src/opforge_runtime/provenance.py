"""Where a program came from, as far as the machine can tell."""

from __future__ import annotations

import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from opforge_ir.events import Provenance

__all__ = ["get_provenance"]

_TIMEOUT_SECONDS: Final = 5


def get_provenance(folder: Path) -> Provenance:
    """The version of opforge, and the commit that the working tree of this folder stands on.

    Each is an empty string where it is not known; that there are changes on top of the commit is not told.
    """
    return Provenance(opforge_version=_get_version(), git_commit=_get_commit(folder))


def _get_version() -> str:
    try:
        return version("opforge")
    except PackageNotFoundError:
        return ""


def _get_commit(folder: Path) -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--verify", "HEAD"],
            cwd=folder,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=_TIMEOUT_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
