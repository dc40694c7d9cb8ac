"""What a dotted name of the source stands for, as far as its file and its imports say."""

from __future__ import annotations

import ast

from opforge._frontend.symbols import Broken, Module, ModuleSymbol, Symbol, TypeOnly, VocabularySymbol
from opforge._frontend.vocabulary import NAMESPACES

__all__ = ["resolve_dotted"]


def resolve_dotted(module: Module, node: ast.expr) -> Symbol | None:
    """The symbol of `name`, `module.name` or `library.part.name`; None when there is none."""
    match node:
        case ast.Name():
            return module.symbols.get(node.id)
        case ast.Attribute():
            return _get_member(resolve_dotted(module, node.value), node.attr)
        case _:
            return None


def _get_member(base: Symbol | None, name: str) -> Symbol | None:
    match base:
        case ModuleSymbol():
            return base.module.symbols.get(name)
        case VocabularySymbol() if name in NAMESPACES.get(base.full, ()):
            return VocabularySymbol(f"{base.full}.{name}")
        case TypeOnly():
            member = _get_member(base.symbol, name)
            return None if member is None else TypeOnly(member)
        case Broken():
            return base
        case _:
            return None
