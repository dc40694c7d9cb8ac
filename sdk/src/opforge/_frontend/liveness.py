"""Which variables are still needed: what a join or a loop has to hand on.

A variable is live at a point when a value that it has there may still be read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from opforge._frontend.tree import (
    Assign,
    Clause,
    Comprehension,
    FailStatement,
    ForStatement,
    IfStatement,
    Local,
    Quantified,
    ReturnStatement,
    Statement,
)
from opforge._frontend.walk import Part, get_parts

__all__ = ["ends", "find_assigned", "find_live", "find_needed"]

Names = frozenset[str]
_NONE: Names = frozenset()


def ends(block: Sequence[Statement]) -> bool:
    """Whether control never comes to the end of a block."""
    return any(_ends(statement) for statement in block)


def _ends(statement: Statement) -> bool:
    match statement:
        case ReturnStatement() | FailStatement():
            return True
        case IfStatement():
            return ends(statement.then) and ends(statement.otherwise)
        case _:
            return False


def find_assigned(block: Iterable[Statement]) -> list[str]:
    """The variables that a block gives a value, in order of their first one."""
    found: dict[str, None] = {}
    for statement in block:
        match statement:
            case Assign():
                found |= dict.fromkeys(statement.pattern.names())
            case IfStatement():
                found |= dict.fromkeys((*find_assigned(statement.then), *find_assigned(statement.otherwise)))
            case ForStatement():
                found |= dict.fromkeys((*statement.pattern.names(), *find_assigned(statement.body)))
            case _:
                pass
    return list(found)


def find_live(block: Sequence[Statement], after: Names) -> list[Names]:
    """For each statement of a block, what may be read after it; `after` is that of the whole block."""
    live: list[Names] = []
    for statement in reversed(block):
        live.append(after)
        after = _before(statement, after)
    return live[::-1]


def find_needed(loop: ForStatement) -> Names:
    """The variables that a round of a loop may read from before it."""
    return _before_block(loop.body, _NONE) - frozenset(loop.pattern.names())


def _before(statement: Statement, after: Names) -> Names:
    """What may be read from before a statement on."""
    match statement:
        case Assign():
            return (after - frozenset(statement.pattern.names())) | _reads(statement.value)
        case IfStatement():
            then, otherwise = _before_block(statement.then, after), _before_block(statement.otherwise, after)
            return then | otherwise | _reads(statement.test)
        case ForStatement():
            return after | find_needed(statement) | _reads(statement.items)
        case ReturnStatement() | FailStatement():
            return _NONE.union(*(_reads(part) for part in get_parts(statement)))
        case _:
            return after | _NONE.union(*(_reads(part) for part in get_parts(statement)))


def _before_block(block: Sequence[Statement], after: Names) -> Names:
    for statement in reversed(block):
        after = _before(statement, after)
    return after


def _reads(whole: Part) -> Names:
    """The variables of the function that an expression reads; those of a comprehension are its own."""
    match whole:
        case Local():
            return frozenset({whole.name})
        case Comprehension() | Quantified():
            return _reads_of_clauses(whole.clauses, _reads(whole.element))
        case _:
            return _NONE.union(*(_reads(part) for part in get_parts(whole)))


def _reads_of_clauses(clauses: Sequence[Clause], inner: Names) -> Names:
    for clause in reversed(clauses):
        conditions = frozenset[str]().union(*(_reads(condition) for condition in clause.conditions))
        inner = ((inner | conditions) - frozenset(clause.pattern.names())) | _reads(clause.items)
    return inner
