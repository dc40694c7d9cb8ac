"""Rules on who calls whom: no recursion, and what expressions may call."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

from opforge_ir.codes.document import E_CALL_NEEDS_NODE, E_OWNER_NAME, E_RECURSIVE_FUNCTION
from opforge_ir.codes.flow import E_RECURSIVE_OP
from opforge_ir.codes.waits import E_OWNER_NAMES
from opforge_ir.problems import JsonObject, Part, Problems
from opforge_ir.validation.bodies import OwnerFacts

__all__ = ["check_calls", "check_function_names", "find_cycles", "get_callees"]

_Name = TypeVar("_Name", bound=Hashable)


def get_callees(facts: OwnerFacts) -> list[Part]:
    """The functions and ops that a body calls, and the op that undoes it."""
    return [*(("functions", name) for name in facts.calls), *(("ops", name) for name in facts.invokes)]


def _get_entered(facts: OwnerFacts) -> list[Part]:
    """The same, and the ops that run as children: a body does not end before they do either."""
    return [*get_callees(facts), *(("ops", name) for name in facts.children)]


def check_calls(
    document: JsonObject, owners: Mapping[Part, OwnerFacts], problems: Problems
) -> list[Part] | None:
    """Check the calls of all bodies; the functions and ops, each after those that it calls.

    None when one calls itself, directly or through others.
    """
    _check_owner_names(document, problems)
    order, cycles = find_cycles({part: _get_entered(facts) for part, facts in owners.items()})
    for cycle in cycles:
        _note_cycle(cycle, owners, problems)
    if cycles:
        return None
    effectful: set[str] = set()
    for table, name in order:
        facts = owners[table, name]
        if table == "functions" and (facts.has_effects or not effectful.isdisjoint(facts.calls)):
            effectful.add(name)
    if effectful:
        for part, facts in owners.items():
            problems.part = part
            for call in facts.value_calls:
                if call["function"] in effectful:
                    problems.add(E_CALL_NEEDS_NODE, call, function=call["function"], reason="has effects")
    return order


def _note_cycle(cycle: list[Part], owners: Mapping[Part, OwnerFacts], problems: Problems) -> None:
    """Note a cycle at the call that leads on from an op of it, or from a function when no op is in it."""
    ops = [part for part in cycle if part[0] == "ops"]
    first = cycle.index(min(ops, default=cycle[0]))
    cycle = [*cycle[first:], *cycle[:first]]
    (table, name), (next_table, next_name) = cycle[0], cycle[1 % len(cycle)]
    facts = owners[table, name]
    call = (
        facts.calls[next_name]
        if next_table == "functions"
        else facts.invokes.get(next_name) or facts.children[next_name]
    )
    path = " > ".join(each for _, each in (*cycle, cycle[0]))
    problems.part = (table, name)
    if table == "ops":
        problems.add(E_RECURSIVE_OP, call, op=name, path=path)
    else:
        problems.add(E_RECURSIVE_FUNCTION, call, function=name, path=path)


def _check_owner_names(document: JsonObject, problems: Problems) -> None:
    """A state id starts with workload and owner, so the names of two owners must not run into each other."""
    problems.part = ()
    for function in document["functions"]:
        op = function.partition(".")[0]
        if op in document["ops"]:
            problems.add(E_OWNER_NAME, document["functions"], function, function=function, op=op)


def check_function_names(document: JsonObject, problems: Problems) -> None:
    """The same for functions. Earlier documents may have such names: instances tell their states apart."""
    problems.part = ()
    functions = document["functions"]
    for function in functions:
        parts = function.split(".")
        for count in range(1, len(parts)):
            other = ".".join(parts[:count])
            if other in functions:
                problems.add(E_OWNER_NAMES, functions, function, function=function, other=other)


def find_cycles(graph: Mapping[_Name, list[_Name]]) -> tuple[list[_Name], list[list[_Name]]]:
    """The names of a graph, each after those it leads to, and cycles: one for each name that closes any.

    Edges to names outside the graph are passed over. Does not recurse, whatever the graph.
    """
    order: list[_Name] = []
    cycles: list[list[_Name]] = []
    done: set[_Name] = set()
    closing: set[_Name] = set()
    for start in graph:
        if start in done:
            continue
        path: dict[_Name, Iterator[_Name]] = {start: iter(graph[start])}
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
