"""Rules on definitions as a whole: none is unused, no record contains itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from opforge_ir.codes.document import (
    E_RECURSIVE_RECORD,
    E_TYPE_NOT_DEFINED,
    E_UNKNOWN_CONSTANT,
    E_UNKNOWN_CONTRACT,
    E_UNKNOWN_CONTRACT_FUNCTION,
    E_UNKNOWN_FUNCTION,
    E_UNKNOWN_RECORD,
    E_UNUSED_DEFINITION,
)
from opforge_ir.codes.types import E_UNKNOWN_ENUM
from opforge_ir.problems import JsonObject, Part, Problems
from opforge_ir.types import Type
from opforge_ir.validation.bodies import OwnerFacts
from opforge_ir.validation.calls import find_cycles
from opforge_ir.validation.definitions import Definitions

__all__ = ["check_record_cycles", "check_usage"]


def check_usage(
    document: JsonObject, definitions: Definitions, owners: Mapping[Part, OwnerFacts], problems: Problems
) -> None:
    """Note the definitions that nothing uses.

    One that only another unused one needs is not noted: without recursion there is one that nothing uses.
    Where a name is unknown, unused definitions of that sort are not noted either; one misspelling
    would be two problems.
    """
    problems.part = ()
    if not problems.has(E_UNKNOWN_FUNCTION):
        called = {name for facts in owners.values() for name in facts.calls}
        _note(document, "functions", "function", document["functions"].keys() - called, problems)
    if not problems.has(E_UNKNOWN_CONSTANT):
        unused = document["constants"].keys() - definitions.used_constants
        _note(document, "constants", "constant", unused, problems)
    if not problems.has(E_TYPE_NOT_DEFINED, E_UNKNOWN_RECORD, E_UNKNOWN_ENUM):
        named = set[str]().union(*map(_get_names, definitions.types.values()))
        unused = document["records"].keys() - named - definitions.used_records
        _note(document, "records", "record", unused, problems)
        unused = document["enums"].keys() - named - definitions.used_enums
        _note(document, "enums", "enum", unused, problems)
    if not problems.has(E_UNKNOWN_CONTRACT, E_UNKNOWN_CONTRACT_FUNCTION):
        _check_contracts(document, definitions, problems)


def _check_contracts(document: JsonObject, definitions: Definitions, problems: Problems) -> None:
    used = definitions.used_contract_functions
    for name, contract in document["contracts"].items():
        unused = [function for function in contract["functions"] if (name, function) not in used]
        if len(unused) == len(contract["functions"]):
            _note(document, "contracts", "contract", (name,), problems)
            continue
        for function in unused:
            problems.add(
                E_UNUSED_DEFINITION,
                contract["functions"],
                function,
                kind="contract function",
                name=f"{name}.{function}",
            )


def _note(document: JsonObject, table: str, kind: str, names: Iterable[str], problems: Problems) -> None:
    for name in sorted(names):
        problems.add(E_UNUSED_DEFINITION, document[table], name, kind=kind, name=name)


def _get_names(kind: Type) -> Iterator[str]:
    if kind.is_named:
        yield kind.head
    for arg in kind.args:
        yield from _get_names(arg)


def check_record_cycles(document: JsonObject, definitions: Definitions, problems: Problems) -> bool:
    """Whether no record contains itself; if one does, that is noted."""
    graph = {
        name: [inner for kind in (fields or {}).values() for inner in _get_names(kind)]
        for name, fields in definitions.fields.items()
    }
    _, cycles = find_cycles(graph)
    for cycle in cycles:
        problems.part = ("records", cycle[0])
        problems.add(
            E_RECURSIVE_RECORD,
            document["records"],
            cycle[0],
            record=cycle[0],
            path=" > ".join((*cycle, cycle[0])),
        )
    return not cycles
