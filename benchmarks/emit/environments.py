"""The peers, each in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.environments import PeerMissingError, get_python, get_reason

__all__ = ["PEERS", "Peer", "Timing", "run_peer"]

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
    try:
        python = get_python("emit", peer.requirement)
        done = subprocess.run(
            [python, _SCRIPTS / peer.script, *[str(size) for size in sizes if size <= peer.largest]],
            capture_output=True,
            encoding="utf-8",
            check=True,
            cwd=python.parent,
        )
    except PeerMissingError as error:
        return str(error)
    except subprocess.CalledProcessError as error:
        return f"cannot be run: {get_reason(error)}"
    return [Timing(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
