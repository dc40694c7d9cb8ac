"""From the files of a project to a checked program: all definitions, and the typed bodies of functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from opforge._frontend.caches import check_caches
from opforge._frontend.changes import check_changes
from opforge._frontend.context import Program
from opforge._frontend.declarations import declare_file
from opforge._frontend.problems import Problems
from opforge._frontend.records import refuse_recursive_records
from opforge._frontend.statements import check_function
from opforge._frontend.symbols import (
    ConstantDecl,
    ContractDecl,
    EnumDecl,
    FunctionDecl,
    Module,
    RecordDecl,
)
from opforge._frontend.triggers import check_triggers
from opforge._frontend.workload import WorkloadHead
from opforge_ir.codes.limits import E_PROGRAM_TOO_LARGE
from opforge_ir.codes.source import E_NO_OP, E_NO_WORKLOAD, E_RECURSION, E_WHILE
from opforge_ir.diagnostics import Span
from opforge_ir.networks import WELL_KNOWN_NETWORKS

__all__ = ["MAX_DEFINITIONS", "CheckedProgram", "check_program"]

MAX_DEFINITIONS: Final = 20_000
"""The most functions, records, contracts and constants of a program together."""


@dataclass(eq=False, slots=True)
class CheckedProgram:
    """Everything that the document is made from. It is whole when no problem was found."""

    program: Program
    entry: Module
    workload_id: str
    workload_version: str
    ops: list[FunctionDecl] = field(default_factory=list[FunctionDecl])
    """The ops of the entry file, in its order."""
    functions: list[FunctionDecl] = field(default_factory=list[FunctionDecl])
    """The functions of all files, ops too; those that are called stand before those that call them."""
    records: list[RecordDecl] = field(default_factory=list[RecordDecl])
    enums: list[EnumDecl] = field(default_factory=list[EnumDecl])
    contracts: list[ContractDecl] = field(default_factory=list[ContractDecl])
    constants: list[ConstantDecl] = field(default_factory=list[ConstantDecl])
    iterations: dict[str, int] = field(default_factory=dict[str, int])
    """The most rounds of a `while` without a bound of its own, by the function's key, or 0."""


def check_program(modules: Sequence[Module], entry: Module, problems: Problems) -> CheckedProgram:
    """Check all files; those that are imported stand before those that import them.

    Every problem of every file is added to `problems`, those of functions that nothing calls too.
    """
    program = Program(networks=dict(WELL_KNOWN_NETWORKS))
    checked = CheckedProgram(program, entry, "", "")
    functions: list[FunctionDecl] = []
    head: WorkloadHead | None = None
    for module in modules:
        found = declare_file(program, module)
        functions += found.functions
        checked.records += found.records
        checked.enums += found.enums
        checked.contracts += found.contracts
        checked.constants += found.constants
        head = found.workload or head
    refuse_recursive_records(checked.records)
    start = Span(entry.source.path, 1, 1, 1, 1)
    if head is None:
        problems.add(E_NO_WORKLOAD.at(start), entry.source.line_at(1))
    else:
        checked.workload_id, checked.workload_version = head.id, head.version
        program.networks |= head.networks or {}
        program.declared_networks = tuple(head.networks or ())
        program.declared_hosts = head.hosts
        program.decimal_precision = head.decimal_precision
    checked.ops = [function for function in functions if function.is_op and function.module is entry]
    if not checked.ops:
        problems.add(E_NO_OP.at(start), entry.source.line_at(1))
    count = len(functions) + len(checked.records) + len(checked.contracts) + len(checked.constants)
    if count > MAX_DEFINITIONS:
        too_many = E_PROGRAM_TOO_LARGE.at(start, limit=MAX_DEFINITIONS, what="definitions")
        problems.add(too_many, entry.source.line_at(1))
        return checked
    for function in functions:
        check_triggers(program, function)
        check_function(program, function)
    mark = problems.mark()
    checked.functions = _in_call_order(program, [*functions, *program.nested.values()])
    checked.iterations = _find_iterations(program, checked.functions)
    for function, span in program.unbounded:
        if not checked.iterations[function.key]:
            function.module.report(E_WHILE, span)
    if problems.mark() == mark:
        check_changes(program, checked.functions)
        check_caches(program, checked.functions)
    return checked


def _find_iterations(program: Program, ordered: Sequence[FunctionDecl]) -> dict[str, int]:
    """For each function the largest `max_iterations` of the ops that call it, or of its own."""
    found = {f.key: 0 if f.policy is None else f.policy.max_iterations for f in ordered}
    callers: dict[str, set[str]] = {}
    for caller, callee, _ in program.calls:
        callers.setdefault(callee.key, set()).add(caller.key)
    for function in reversed(ordered):
        called_by = callers.get(function.key, ())
        found[function.key] = max([found[function.key], *(found[key] for key in called_by)])
    return found


def _in_call_order(program: Program, functions: Sequence[FunctionDecl]) -> list[FunctionDecl]:
    """The functions, each after those that it calls; calls that come back are reported."""
    calls: dict[FunctionDecl, dict[FunctionDecl, Span]] = {function: {} for function in functions}
    for caller, callee, span in program.calls:
        calls[caller].setdefault(callee, span)
    ordered: list[FunctionDecl] = []
    done: set[FunctionDecl] = set()
    for function in functions:
        if function in done:
            continue
        path = [function]
        pending = [iter(calls[function].items())]
        done.add(function)
        while pending:
            called = next(pending[-1], None)
            if called is None:
                ordered.append(path.pop())
                pending.pop()
                continue
            callee, span = called
            if callee in path:
                names = " -> ".join(each.syntax.name for each in [*path[path.index(callee) :], callee])
                path[-1].module.report(E_RECURSION, span, cycle=names)
            elif callee not in done:
                done.add(callee)
                path.append(callee)
                pending.append(iter(calls[callee].items()))
    return ordered
