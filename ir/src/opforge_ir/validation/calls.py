"""Rules on who calls whom: no recursion, and what expressions may call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from opforge_ir.codes.document import E_CALL_NEEDS_NODE, E_OWNER_NAME, E_RECURSIVE_FUNCTION
from opforge_ir.problems import JsonObject, Part, Problems
from opforge_ir.validation.bodies import OwnerFacts

__all__ = ["check_calls", "find_cycles"]


def check_calls(
    document: JsonObject, owners: Mapping[Part, OwnerFacts], problems: Problems
) -> list[str] | None:
    """Check the calls of all bodies; the functions, each after those that it calls.

    None when a function calls itself, directly or through others.
    """
    _check_owner_names(document, problems)
    graph = {name: list(facts.calls) for (table, name), facts in owners.items() if table == "functions"}
    order, cycles = find_cycles(graph)
    for cycle in cycles:
        problems.part = ("functions", cycle[0])
        problems.add(
            E_RECURSIVE_FUNCTION,
            owners["functions", cycle[0]].calls[cycle[1 % len(cycle)]],
            function=cycle[0],
            path=" > ".join((*cycle, cycle[0])),
        )
    if cycles:
        return None
    effectful: set[str] = set()
    for name in order:
        facts = owners["functions", name]
        if facts.has_effects or not effectful.isdisjoint(facts.calls):
            effectful.add(name)
    if effectful:
        for part, facts in owners.items():
            problems.part = part
            for call in facts.value_calls:
                if call["function"] in effectful:
                    problems.add(E_CALL_NEEDS_NODE, call, function=call["function"], reason="has effects")
    return order


def _check_owner_names(document: JsonObject, problems: Problems) -> None:
    """A state id starts with workload and owner, so the names of two owners must not run into each other."""
    problems.part = ()
    for function in document["functions"]:
        op = function.partition(".")[0]
        if op in document["ops"]:
            problems.add(E_OWNER_NAME, document["functions"], function, function=function, op=op)


def find_cycles(graph: Mapping[str, list[str]]) -> tuple[list[str], list[list[str]]]:
    """The names of a graph, each after those it leads to, and cycles: one for each name that closes any.

    Edges to names outside the graph are passed over. Does not recurse, whatever the graph.
    """
    order: list[str] = []
    cycles: list[list[str]] = []
    done: set[str] = set()
    closing: set[str] = set()
    for start in graph:
        if start in done:
            continue
        path: dict[str, Iterator[str]] = {start: iter(graph[start])}
        while path:
            name, edges = next(reversed(path.items()))
            for edge in edges:
                if edge in path:
                    if name not in closing:
                        closing.add(name)
                        names = list(path)
                        cycles.append(names[names.index(edge) :])
                elif edge in graph and edge not in done:
                    path[edge] = iter(graph[edge])
                    break
            else:
                del path[name]
                done.add(name)
                order.append(name)
    return order, cycles
