"""LangGraph: a graph whose node calls itself N times, with the SQLite checkpointer.

Runs in an environment of its own. Every step is a superstep with a checkpoint, durable before the next begins
(`durability="sync"`). With `--tasks` the same sum is made by a function, an entrypoint of the functional API,
that calls a task N times: its steps are results kept beside one checkpoint.
"""

from __future__ import annotations

import argparse
import sqlite3
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph

from benchmarks.durable.measuring import Watch, add_arguments, carry_out, count_sqlite_bytes


class Sum(TypedDict):
    """The state between two supersteps."""

    steps: int
    number: int
    total: int


def build_graph(saver: SqliteSaver, watch: Watch) -> Any:
    def make_step(state: Sum) -> dict[str, int]:
        watch.begin(state["number"])
        return {"number": state["number"] + 1, "total": state["total"] + state["number"]}

    builder = StateGraph(Sum)
    builder.add_node("step", make_step)
    builder.add_edge(START, "step")
    builder.add_conditional_edges("step", lambda state: "step" if state["number"] < state["steps"] else END)
    return builder.compile(checkpointer=saver)


def build_entrypoint(saver: SqliteSaver, watch: Watch) -> Any:
    @task
    def number_of(number: int) -> int:
        watch.begin(number)
        return number

    @entrypoint(checkpointer=saver)
    def add_up(given: Sum) -> Sum:
        total = 0
        for number in range(given["steps"]):
            total += number_of(number).result()
        return {"steps": given["steps"], "number": given["steps"], "total": total}

    return add_up


class LangGraphDriver:
    """A compiled graph and its checkpointer."""

    def __init__(self, folder: Path, watch: Watch, *, has_tasks: bool) -> None:
        self._path = folder / "langgraph.sqlite"
        self._connection = sqlite3.connect(self._path, check_same_thread=False)
        saver = SqliteSaver(self._connection)
        saver.setup()
        build = build_entrypoint if has_tasks else build_graph
        self._graph = build(saver, watch)

    def run(self, name: str, steps: int) -> int:
        return self._invoke({"steps": steps, "number": 0, "total": 0}, name, steps)

    def run_many(self, names: Sequence[str], steps: int) -> list[int]:
        with ThreadPoolExecutor(len(names)) as threads:
            return list(threads.map(lambda name: self.run(name, steps), names))

    def resume(self, name: str, steps: int) -> int:
        return self._invoke(None, name, steps)

    def _invoke(self, given: Sum | None, name: str, steps: int) -> int:
        config = {"configurable": {"thread_id": name}, "recursion_limit": steps + 10}
        return self._graph.invoke(given, config, durability="sync")["total"]

    def count_bytes(self) -> int:
        return count_sqlite_bytes(self._path)

    def close(self) -> None:
        self._connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.durable.peers.langgraph_graph")
    add_arguments(parser)
    parser.add_argument("--tasks", action="store_true", help="use the functional API")
    options = parser.parse_args()
    carry_out(options, lambda folder, watch: LangGraphDriver(folder, watch, has_tasks=options.tasks))


if __name__ == "__main__":
    main()
