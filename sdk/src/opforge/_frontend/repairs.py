"""Changes of the author's source that mend a problem with certainty: what `forge validate --fix` makes.

A repair is certain where there is one thing that the author can have meant, and the language has one spelling
for it. Two spellings, or a name that is only likely, are advice and no repair.
"""

from __future__ import annotations

import ast

from opforge._frontend.source import Located
from opforge._frontend.symbols import Module, VocabularySymbol
from opforge_ir.diagnostics import Edit, Span

__all__ = ["repair_none_test", "repair_with_name", "replace_node"]


def replace_node(module: Module, node: Located, text: str) -> Edit:
    """The source of a node becomes `text`."""
    return Edit(module.span_of(node), text)


def repair_with_name(module: Module, node: Located, library: str, name: str, rest: str = "") -> list[Edit]:
    """A node becomes `name` of a library, and `rest` behind it; the name is imported where it is not yet.

    There is no repair where the file uses the name for something else.
    """
    spelled = _spelling(module, library, name)
    if spelled is not None:
        return [replace_node(module, node, spelled + rest)]
    if name in module.symbols:
        return []
    return [_import(module, library, name), replace_node(module, node, name + rest)]


def repair_none_test(module: Module, node: ast.Compare) -> list[Edit]:
    """`x == None` becomes `x is None`, and `x != None` becomes `x is not None`."""
    right = node.comparators[0]
    if len(node.ops) > 1 or not (isinstance(right, ast.Constant) and right.value is None):
        return []
    left, last = module.span_of(node.left), module.span_of(right)
    word = "is" if isinstance(node.ops[0], ast.Eq) else "is not"
    between = Span(left.path, left.end_line, left.end_column, last.line, last.column)
    line = module.source.line_at(left.end_line) or ""
    if left.end_line != last.line or line[left.end_column - 1 : last.column - 1].strip() not in ("==", "!="):
        return []
    return [Edit(between, f" {word} ")]


def _spelling(module: Module, library: str, name: str) -> str | None:
    """How the file can write the name already."""
    for known, symbol in module.symbols.items():
        if symbol == VocabularySymbol(f"{library}.{name}"):
            return known
        if symbol == VocabularySymbol(library):
            return f"{known}.{name}"
    return None


def _import(module: Module, library: str, name: str) -> Edit:
    """An import of the name, below the other imports or the docstring."""
    line = 1
    for statement in module.source.tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if isinstance(statement, ast.Import | ast.ImportFrom) or (is_text and line == 1):
            line = (statement.end_lineno or statement.lineno) + 1
    at = Span(module.source.path, line, 1, line, 1)
    return Edit(at, f"from {library} import {name}\n")
