"""Hamilton: a module of N functions, each fed by the one before, built into a graph and described as JSON.

Runs in an environment of its own; prints one JSON line per size. Hamilton has no format of its own for a
graph; what is written is the name, type and inputs of each node.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from hamilton import driver, graph_types


def build_graph(name: str) -> bytes:
    """Import the module, build the graph, which looks at every function, and write it out."""
    module = import_module(name)
    built = driver.Builder().with_modules(module).build()
    graph = graph_types.HamiltonGraph.from_graph(built.graph)
    described = [
        {"name": node.name, "type": str(node.type), "inputs": sorted(node.required_dependencies)}
        for node in graph.nodes
    ]
    return json.dumps(described).encode()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        for position, argument in enumerate(["10", *sys.argv[1:]]):
            nodes = int(argument)
            name = f"generated_{position}"
            functions = [
                f"def node_{n}(node_{n - 1}: int) -> int:\n    return node_{n - 1} + {n}\n\n\n"
                for n in range(1, nodes + 1)
            ]
            Path(folder, f"{name}.py").write_text("".join(functions))
            start = time.process_time()
            size = len(build_graph(name))
            seconds = time.process_time() - start
            if position:
                print(json.dumps({"nodes": nodes, "seconds": seconds, "bytes": size}), flush=True)


if __name__ == "__main__":
    main()
