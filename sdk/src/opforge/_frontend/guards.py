"""The `if` statements that stand at the top of files by custom: for type checkers, and for scripts."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from opforge._frontend.symbols import ImportedName, VocabularySymbol

__all__ = ["is_for_type_checkers", "is_main_guard", "list_imports"]

_FLAG = VocabularySymbol("typing.TYPE_CHECKING")


def is_main_guard(node: ast.If) -> bool:
    """Whether it is `if __name__ == "__main__":`, whose body is no part of a program that is imported."""
    match node.test:
        case ast.Compare(
            left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")]
        ):
            return not node.orelse
        case _:
            return False


def is_for_type_checkers(node: ast.If, imports: Sequence[ImportedName]) -> bool:
    """Whether it is `if TYPE_CHECKING:` with nothing but imports; `imports` are those before it."""
    holds_imports = all(isinstance(each, ast.Import | ast.ImportFrom | ast.Pass) for each in node.body)
    match node.test:
        case ast.Name():
            is_flag = any(each.name == node.test.id and each.target == _FLAG for each in imports)
        case ast.Attribute(value=ast.Name() as owner, attr="TYPE_CHECKING"):
            typing = VocabularySymbol("typing")
            is_flag = any(each.name == owner.id and each.target == typing for each in imports)
        case _:
            is_flag = False
    return is_flag and holds_imports and not node.orelse


def list_imports(
    body: Iterable[ast.stmt], imports: Sequence[ImportedName]
) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements at the top of a file, those for type checkers too; `imports` may grow."""
    for statement in body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            yield statement
        elif isinstance(statement, ast.If) and is_for_type_checkers(statement, imports):
            yield from (each for each in statement.body if isinstance(each, ast.Import | ast.ImportFrom))
