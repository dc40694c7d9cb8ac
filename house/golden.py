"""Golden files: exact bytes that stand beside what they are made of (`just update-goldens`)."""

from __future__ import annotations

from pathlib import Path

import pytest

__all__ = ["assert_golden"]


def assert_golden(config: pytest.Config, path: Path, made: bytes) -> None:
    """Hold a golden file to what is made now; with `--snapshot-update`, write it first."""
    if config.getoption("update_snapshots"):
        path.write_bytes(made)
    assert path.is_file(), f"{path.name} is missing; `just update-goldens` writes it"
    assert path.read_bytes() == made, f"{path.name} is stale; `just update-goldens` writes it again"
