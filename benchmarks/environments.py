"""Environments of the peers, each with some of them, outside of the project's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

__all__ = ["PeerMissingError", "get_python", "get_reason"]

_CACHE: Final = Path(__file__).parents[1] / ".tools"


class PeerMissingError(Exception):
    """An environment cannot be made; the text says why, for people."""


def get_python(benchmark: str, *requirements: str) -> Path:
    """The interpreter of an environment that has these requirements, made with `uv` where there is none yet.

    Raises PeerMissingError.
    """
    target = _CACHE / benchmark / "+".join(requirements)
    python = target / "bin" / "python"
    complete = target / "complete"
    if complete.exists():
        return python
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    new = ["uv", "venv", "--no-config", "--clear", "--quiet", "--python", sys.executable, str(target)]
    install = ["uv", "pip", "install", "--no-config", "--quiet", "--python", str(python), *requirements]
    try:
        for command in (new, install):
            subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=environment)
    except FileNotFoundError as error:
        raise PeerMissingError(f"cannot be installed: {error.filename} is missing") from error
    except subprocess.CalledProcessError as error:
        raise PeerMissingError(f"cannot be installed: {get_reason(error)}") from error
    complete.touch()
    return python


def get_reason(error: subprocess.CalledProcessError) -> str:
    """The last line that a process said before it failed."""
    return " ".join((error.stderr or "").strip().splitlines()[-1:])
