"""Environments of the peers, each with one of them, outside of the project's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

__all__ = ["PEERS", "Peer", "Timing", "run_peer"]

_FOLDER: Final = Path(__file__).parents[2] / ".tools" / "emit"
_SCRIPTS: Final = Path(__file__).parent / "peers"


@dataclass(frozen=True)
class Peer:
    """One of the programs that Opforge is measured beside."""

    name: str
    requirement: str
    script: str
    makes: str
    largest: int
    """The largest size that ends in reasonable time."""

    @property
    def is_slow(self) -> bool:
        """Whether one round has to do."""
        return self.largest < 10_000


@dataclass(frozen=True)
class Timing:
    """How long one size took."""

    nodes: int
    seconds: float
    bytes: int


PEERS: Final = (
    Peer("Kubeflow Pipelines", "kfp==2.17.3", "kfp_pipeline.py", "pipeline YAML", 1_000),
    Peer("Flytekit", "flytekit==1.16.31", "flytekit_workflow.py", "workflow protobuf", 10_000),
    Peer("Hamilton", "sf-hamilton==1.90.0", "hamilton_graph.py", "graph as JSON", 10_000),
)


def run_peer(peer: Peer, sizes: list[int]) -> list[Timing] | str:
    """The times of a peer, or why there are none. Its environment is made where there is none yet."""
    target = _FOLDER / peer.requirement
    python = target / "bin" / "python"
    complete = target / "complete"
    try:
        if not complete.exists():
            _install(peer)
            complete.touch()
        done = subprocess.run(
            [python, _SCRIPTS / peer.script, *[str(size) for size in sizes if size <= peer.largest]],
            capture_output=True,
            encoding="utf-8",
            check=True,
            cwd=_FOLDER,
        )
    except FileNotFoundError as error:
        return f"cannot be installed: {error.filename} is missing"
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:]
        return f"cannot be installed or run: {' '.join(last)}"
    return [Timing(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def _install(peer: Peer) -> None:
    target = _FOLDER / peer.requirement
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    for command in (
        ["uv", "venv", "--no-config", "--clear", "--quiet", "--python", sys.executable, str(target)],
        [
            "uv",
            "pip",
            "install",
            "--no-config",
            "--quiet",
            "--python",
            str(target / "bin" / "python"),
            peer.requirement,
        ],
    ):
        subprocess.run(command, capture_output=True, encoding="utf-8", check=True, env=environment)
