"""The definitions of a document as tables that bodies are checked against.

A definition whose shape is wrong stays in its table under its name, with `None` for what is not known, so
that using it is not a second problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from opforge_ir.builtin_records import BUILTIN_RECORDS
from opforge_ir.codes.document import E_DICT_KEY_TYPE, E_TYPE_NOT_DEFINED, E_TYPE_SYNTAX, E_UNKNOWN_RECORD
from opforge_ir.enums import EnumTable
from opforge_ir.problems import JsonObject, Problems
from opforge_ir.types import KEY_TYPES, MAX_TYPE_LENGTH, Type, TypeSyntaxError, parse_type

__all__ = ["UNKNOWN", "ContractSignature", "Definitions", "ShapeMismatch", "Signature", "is_known"]

UNKNOWN: Final = Type("?", (), "?")
"""The type of what has a problem already. It may be a part of other types."""


class ShapeMismatch(Exception):
    """A check met a value that the models refuse; `opforge_ir.validation.shape` says where and why."""


def is_known(*types: Type) -> bool:
    """Whether no part of any of the types is UNKNOWN."""
    return all("?" not in each.text for each in types)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a caller of a function or op needs to know."""

    parameters: tuple[Type, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class ContractSignature:
    """What an effect `chain.call` needs to know of a contract function."""

    arguments: Type
    """The tuple of the types of the inputs; without inputs one that no document can state."""
    result: Type


_BUILTIN_FIELDS: Final[dict[str, dict[str, Type]]] = {
    shape.name: {field.name: parse_type(field.type) for field in shape.fields}
    for shape in BUILTIN_RECORDS.values()
}


class Definitions:
    """The tables of one document, and which of their entries were used."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self.types: dict[str, Type] = {}
        """Every type that occurs, by its text; those with a problem are absent."""
        self.fields: dict[str, dict[str, Type] | None] = {**_BUILTIN_FIELDS}
        """The fields of each record, in order."""
        self.own_records: frozenset[str] = frozenset()
        """The records that the document defines."""
        self.enums: dict[str, EnumTable | None] = {}
        self.constants: dict[str, Type] = {}
        self.functions: dict[str, Signature | None] = {}
        self.ops: dict[str, Signature | None] = {}
        self.contracts: dict[str, dict[str, ContractSignature | None] | None] = {}
        self.used_records: set[str] = set()
        """Records that are made; those that types name are found in `types`."""
        self.used_enums: set[str] = set()
        """Enums that are looked into; those that types name are found in `types`."""
        self.used_constants: set[str] = set()
        self.used_contract_functions: set[tuple[str, str]] = set()

    def resolve(self, container: JsonObject, key: str = "type") -> Type:
        """The type that the member `key` spells, or UNKNOWN after noting what is wrong with it."""
        text = container[key]
        found = self.types.get(text)
        if found is not None:
            return found
        if type(text) is not str or len(text) > MAX_TYPE_LENGTH:
            raise ShapeMismatch
        try:
            parsed = parse_type(text)
        except TypeSyntaxError:
            self._problems.add(E_TYPE_SYNTAX, container, key, type=text)
            return UNKNOWN
        if not self._check(parsed, parsed, container, key):
            return UNKNOWN
        self.types[text] = parsed
        return parsed

    def _check(self, whole: Type, part: Type, container: JsonObject, key: str) -> bool:
        if part.is_named:
            if part.head in self.fields or part.head in self.enums:
                return True
            self._problems.add(E_TYPE_NOT_DEFINED, container, key, type=whole.text, name=part.head)
            return False
        if (part.is_dict or part.is_set) and not self.is_key(part.args[0]):
            self._problems.add(E_DICT_KEY_TYPE, container, key, type=whole.text, key=part.args[0].text)
            return False
        # Every part is looked at, so that two unknown names in one type are two problems.
        are_right = [self._check(whole, arg, container, key) for arg in part.args]
        if part.is_union:
            for record in part.args:
                if record.head in self.enums:
                    self._problems.add(E_UNKNOWN_RECORD, container, key, name=record.head)
                    are_right.append(False)
        return all(are_right)

    def is_key(self, kind: Type) -> bool:
        """Whether a dict may be keyed by values of this type, and a set hold them."""
        return kind in KEY_TYPES or kind.head in self.enums or not is_known(kind)
