"""How names and types of the source are spelled in the IR."""

from __future__ import annotations

from collections.abc import Mapping

from opforge._frontend.symbols import Declaration, erase_contract, key_of
from opforge_ir.types import Type, dict_of, list_of, named, optional_of, set_of, tuple_of, union_of

__all__ = ["Spelling"]


class Spelling:
    """The names of the definitions that go into one document."""

    def __init__(self, names: Mapping[str, str]) -> None:
        """`names` gives the IR's name for the key of each definition."""
        self._names = names
        self._types: dict[Type, Type] = {}
        self.used: dict[str, None] = {}
        """The keys of the definitions that were named so far."""
        self.used_functions: dict[tuple[str, str], None] = {}
        """Of contracts: the key, and the function."""

    def name(self, declaration: Declaration) -> str:
        """The IR's name for a definition."""
        self.used.setdefault(declaration.key)
        return self._names[declaration.key]

    def contract_function(self, contract: Declaration, function: str) -> str:
        """The IR's name for a contract, of which this function is called."""
        self.used_functions.setdefault((contract.key, function))
        return self.name(contract)

    def type(self, kind: Type) -> str:
        """The IR's spelling of a type; a contract is its address."""
        return self._type(kind).text

    def _type(self, kind: Type) -> Type:
        known = self._types.get(kind)
        if known is None:
            known = self._types[kind] = self._build(erase_contract(kind))
        return known

    def _build(self, kind: Type) -> Type:
        args = tuple(self._type(arg) for arg in kind.args)
        match kind.head:
            case "list":
                return list_of(args[0])
            case "set" | "frozenset":
                return set_of(args[0])
            case "dict":
                return dict_of(args[0], args[1])
            case "tuple":
                return tuple_of(*args)
            case "Optional":
                return optional_of(args[0])
            case "Union":
                return union_of(*args)
            case _ if (key := key_of(kind)) in self._names:
                self.used.setdefault(key)
                return named(self._names[key])
            case _:
                return kind
