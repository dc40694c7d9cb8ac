"""Which variables are still needed: what a join or a loop has to hand on.

A variable is live at a point when a value that it has there may still be read. `jumps` are the variables that
are live where a `break` or `continue` of the innermost loop goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from opforge._frontend.tree import (
    Assign,
    Break,
    Clause,
    Comprehension,
    Continue,
    FailStatement,
    ForStatement,
    IfStatement,
    Local,
    Pattern,
    Quantified,
    Rethrow,
    ReturnStatement,
    Statement,
    TryStatement,
    Walrus,
    WhileStatement,
)
from opforge._frontend.walk import Part, get_parts, walk
from opforge_ir.types import Type

__all__ = [
    "ends",
    "find_assigned",
    "find_before",
    "find_given",
    "find_live",
    "find_needed",
    "find_needed_by_handlers",
    "leaves_loop",
]

Names = frozenset[str]
_NONE: Names = frozenset()


def ends(block: Sequence[Statement]) -> bool:
    """Whether control never comes to the end of a block."""
    return any(_ends(statement) for statement in block)


def _ends(statement: Statement) -> bool:
    match statement:
        case ReturnStatement() | FailStatement() | Break() | Continue() | Rethrow():
            return True
        case IfStatement():
            return ends(statement.then) and ends(statement.otherwise)
        case WhileStatement():
            return statement.is_endless and not leaves_loop(statement.body)
        case TryStatement():
            if ends(statement.always):
                return True
            is_body_over = ends(statement.body) or ends(statement.otherwise)
            return is_body_over and all(ends(handler.body) for handler in statement.handlers)
        case _:
            return False


def leaves_loop(block: Sequence[Statement]) -> bool:
    """Whether a `break` in the body of a loop leaves that loop."""
    for statement in block:
        match statement:
            case Break():
                return True
            case IfStatement():
                if leaves_loop(statement.then) or leaves_loop(statement.otherwise):
                    return True
            case TryStatement():
                if any(map(leaves_loop, _blocks_of(statement))):
                    return True
            case _:
                pass
    return False


def _blocks_of(statement: TryStatement) -> list[Sequence[Statement]]:
    handlers = [handler.body for handler in statement.handlers]
    return [statement.body, *handlers, statement.otherwise, statement.always]


def find_assigned(block: Iterable[Statement]) -> list[str]:
    """The variables that a block gives a value, in order of their first one."""
    found: dict[str, None] = {}
    for statement in block:
        match statement:
            case Assign():
                found |= dict.fromkeys((*statement.walrus, *statement.pattern.names()))
                continue
            case IfStatement():
                inner = [*find_assigned(statement.then), *find_assigned(statement.otherwise)]
            case ForStatement():
                inner = [*statement.pattern.names(), *find_assigned(statement.body)]
            case WhileStatement():
                inner = find_assigned(statement.body)
            case TryStatement():
                inner = [name for each in _blocks_of(statement) for name in find_assigned(each)]
            case _:
                inner = []
        found |= dict.fromkeys((*statement.walrus, *inner))
    return list(found)


def find_given(block: Iterable[Statement]) -> Iterator[tuple[str, Type]]:
    """The variables that a block gives values, each time with the type."""
    for statement in block:
        for part in walk(statement):
            match part:
                case Assign() | ForStatement():
                    yield from _names_of(part.pattern)
                case Walrus():
                    yield part.name, part.type
                case _:
                    pass


def _names_of(pattern: Pattern) -> Iterator[tuple[str, Type]]:
    if pattern.name is not None:
        yield pattern.name, pattern.type
    for item in pattern.items:
        yield from _names_of(item)


def find_live(block: Sequence[Statement], after: Names, jumps: Names) -> list[Names]:
    """For each statement of a block, what may be read after it; `after` is that of the whole block."""
    live: list[Names] = []
    for statement in reversed(block):
        live.append(after)
        after = _before(statement, after, jumps)
    return live[::-1]


def find_needed(loop: ForStatement | WhileStatement) -> Names:
    """The variables that a round of a loop may read from before it."""
    inner = find_before(loop.body, _NONE, _NONE)
    if isinstance(loop, ForStatement):
        return inner - frozenset(loop.pattern.names())
    return inner | _reads(loop.test)


def find_needed_by_handlers(statement: TryStatement, after: Names, jumps: Names) -> Names:
    """What may be read where control comes in by an error, or on its way out through `finally`."""
    always = find_before(statement.always, after, jumps)
    if statement.always:
        always |= after | jumps
    return always.union(*(find_before(each.body, always, jumps) for each in statement.handlers))


def _before(statement: Statement, after: Names, jumps: Names) -> Names:
    """What may be read from before a statement on."""
    match statement:
        case Assign():
            if statement.is_retyping and after.isdisjoint(statement.pattern.names()):
                return after
            return (after - frozenset(statement.pattern.names())) | _reads(statement.value)
        case IfStatement():
            then = find_before(statement.then, after, jumps)
            return then | find_before(statement.otherwise, after, jumps) | _reads(statement.test)
        case ForStatement():
            return after | find_needed(statement) | _reads(statement.items)
        case WhileStatement():
            needed = after | find_needed(statement)
            return needed if statement.limit is None else needed | _reads(statement.limit)
        case TryStatement():
            caught = find_needed_by_handlers(statement, after, jumps)
            end = find_before(statement.always, after, jumps)
            return caught | find_before(statement.body, find_before(statement.otherwise, end, jumps), jumps)
        case Break() | Continue():
            return jumps
        case ReturnStatement() | FailStatement() | Rethrow():
            return _NONE.union(*(_reads(part) for part in get_parts(statement)))
        case _:
            return after | _NONE.union(*(_reads(part) for part in get_parts(statement)))


def find_before(block: Sequence[Statement], after: Names, jumps: Names) -> Names:
    """What may be read from before a block on."""
    for statement in reversed(block):
        after = _before(statement, after, jumps)
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
