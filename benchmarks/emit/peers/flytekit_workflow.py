"""Flytekit: a workflow of N task nodes, each fed by the one before, compiled and serialised as protobuf.

Runs in an environment of its own; prints one JSON line per size.
"""

from __future__ import annotations

import json
import sys
import time
from collections import OrderedDict

from flytekit import task, workflow
from flytekit.configuration import Image, ImageConfig, SerializationSettings
from flytekit.tools.translator import get_serializable

SETTINGS = SerializationSettings(
    project="p",
    domain="d",
    version="v",
    env={},
    image_config=ImageConfig(Image(name="default", fqn="image", tag="tag")),
)


@task
def step(value: int, other: int) -> int:
    """One step."""
    return value + other


def compile_workflow(nodes: int) -> bytes:
    """Define the workflow, compile it, which runs its function, and serialise it."""

    @workflow
    def generated(start: int = 1) -> int:
        value = start
        for number in range(nodes):
            value = step(value=value, other=number)
        return value

    entities = get_serializable(OrderedDict(), SETTINGS, generated)
    message: bytes = entities.template.to_flyte_idl().SerializeToString()
    return message


def main() -> None:
    compile_workflow(10)
    for argument in sys.argv[1:]:
        nodes = int(argument)
        start = time.process_time()
        size = len(compile_workflow(nodes))
        seconds = time.process_time() - start
        print(json.dumps({"nodes": nodes, "seconds": seconds, "bytes": size}), flush=True)


if __name__ == "__main__":
    main()
