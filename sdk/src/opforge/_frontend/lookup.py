"""What a dotted name of the source stands for, as far as its file and its imports say."""

from __future__ import annotations

import ast

from opforge._frontend.symbols import Broken, Module, ModuleSymbol, Symbol, VocabularySymbol
from opforge._frontend.vocabulary import NAMESPACES

__all__ = ["resolve_dotted"]


def resolve_dotted(module: Module, node: ast.expr) -> Symbol | None:
    """The symbol of `name`, `module.name` or `library.part.name`; None when there is none."""
    match node:
        case ast.Name():
            return module.symbols.get(node.id)
        case ast.Attribute():
            base = resolve_dotted(module, node.value)
            match base:
                case ModuleSymbol():
                    return base.module.symbols.get(node.attr)
                case VocabularySymbol() if node.attr in NAMESPACES.get(base.full, ()):
                    return VocabularySymbol(f"{base.full}.{node.attr}")
                case Broken():
                    return base
                case _:
                    return None
        case _:
            return None
