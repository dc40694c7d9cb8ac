"""Kubeflow Pipelines: a pipeline of N tasks, each fed by the one before, compiled to its YAML.

Runs in an environment of its own; prints one JSON line per size. Annotations are not deferred: KFP reads
them.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

from kfp import compiler, dsl


@dsl.component
def step(value: int, other: int) -> int:
    """One step."""
    return value + other


def compile_pipeline(nodes: int, target: Path) -> None:
    """Define the pipeline, which runs its function, and write it out."""

    @dsl.pipeline(name="generated")
    def generated(start: int = 1) -> None:
        value = start
        for number in range(nodes):
            value = step(value=value, other=number).output

    compiler.Compiler().compile(generated, package_path=str(target))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder, "pipeline.yaml")
        compile_pipeline(10, target)
        for argument in sys.argv[1:]:
            nodes = int(argument)
            start = time.process_time()
            compile_pipeline(nodes, target)
            seconds = time.process_time() - start
            print(
                json.dumps({"nodes": nodes, "seconds": seconds, "bytes": target.stat().st_size}), flush=True
            )


if __name__ == "__main__":
    main()
