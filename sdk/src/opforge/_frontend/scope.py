"""What is known of a function's variables at one point of it.

A value of an Optional or a Union is one of some *alternatives*: None, and one type or several records. What
a test excludes is remembered as pairs of a dotted path and an alternative, and where the path is read the
value is taken out of its Optional and its Union as far as the rest allows (`read`). Whoever compiles another
test of that kind, such as a `match`, needs three functions:

    build_test(value, records)      is this value one of these records?    (`opforge._frontend.coercion`)
    narrowings(test)                what the test excludes where it is true, and where it is false
    State.narrow(excluded)          from here on that is so
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from opforge._frontend.symbols import UNKNOWN, split_contract, split_enum
from opforge._frontend.tree import (
    Apply,
    BooleanChain,
    Conditional,
    Expr,
    FieldOf,
    IsInstance,
    Literal,
    Local,
    Narrow,
    Walrus,
)
from opforge_ir.types import BOOL, NONE, Type, optional_of, union_of

__all__ = [
    "Excluded",
    "State",
    "Unset",
    "exclude_others",
    "get_alternatives",
    "get_declared",
    "join_states",
    "join_types",
    "narrowings",
    "path_of",
    "read",
    "take_out",
]


class Excluded(NamedTuple):
    """What is read at a dotted path is not of this alternative of its type."""

    path: str
    alternative: Type


Facts: TypeAlias = frozenset[Excluded]

_NOTHING: Facts = frozenset()


@dataclass(frozen=True, slots=True)
class Unset:
    """A variable that may have no usable value here."""

    reason: str


@dataclass(slots=True)
class State:
    """The variables, and which alternatives of their values are excluded."""

    variables: dict[str, Type | Unset] = field(default_factory=dict[str, "Type | Unset"])
    narrowed: Facts = _NOTHING
    is_reachable: bool = True

    def copy(self) -> State:
        """A state that can go another way."""
        return State(dict(self.variables), self.narrowed, self.is_reachable)

    def define(self, name: str, kind: Type, *, known: Type | None = None) -> None:
        """A new value for a variable; `known` is its own type where the variable's is wider."""
        self.variables[name] = kind
        kept = {each for each in self.narrowed if each.path != name and not each.path.startswith(f"{name}.")}
        self.narrowed = frozenset(kept)
        if known is not None:
            self.narrow(exclude_others(name, kind, get_alternatives(known)))

    def narrow(self, excluded: Iterable[Excluded]) -> None:
        """From here on these alternatives are excluded."""
        self.narrowed |= frozenset(excluded)


def get_alternatives(kind: Type) -> tuple[Type, ...]:
    """What a value of this type may be: None, one type, records."""
    if kind.is_optional:
        return (NONE, *get_alternatives(kind.args[0]))
    return kind.args if kind.is_union else (kind,)


def exclude_others(path: str, kind: Type, kept: Iterable[Type]) -> Facts:
    """What is excluded where the value of this type at a path is known to be of the alternatives `kept`."""
    left = set(kept)
    return frozenset(Excluded(path, each) for each in get_alternatives(kind) if each not in left)


def read(state: State, value: Expr) -> Expr:
    """The value as what it is known to be here: taken out of its Optional, and of its Union."""
    path = path_of(value) if value.type.is_optional or value.type.is_union else None
    if path is None:
        return value
    left = [each for each in get_alternatives(value.type) if Excluded(path, each) not in state.narrowed]
    if not left:
        # Tests that contradict each other: nothing comes here, so that what the value is does not matter.
        left = [each for each in get_alternatives(value.type) if each is not NONE]
    if NONE in left:
        return value
    if value.type.is_optional:
        value = Apply(value.type.args[0], value.span, "optional.value", [value])
    known = union_of(*left) if value.type.is_union else value.type
    return value if known is value.type else Narrow(known, value.span, value)


def take_out(value: Expr, kind: Type) -> Expr:
    """A value of an Optional or Union that is known to be of this narrower type, as one of it."""
    actual = value.type
    if actual is kind:
        return value
    if kind is NONE:
        return Literal(NONE, value.span, "None")
    if not actual.is_optional:
        return Narrow(kind, value.span, value)
    known = Apply(actual.args[0], value.span, "optional.value", [value])
    if not kind.is_optional:
        return take_out(known, kind)
    is_none = Apply(BOOL, value.span, "optional.is_none", [value])
    some = Apply(kind, value.span, "optional.some", [take_out(known, kind.args[0])])
    return Conditional(kind, value.span, is_none, Literal(kind, value.span, "None"), some)


def get_declared(value: Expr) -> Expr:
    """The value that `read` has taken this one out of; the value itself where it was not taken out."""
    match value:
        case Narrow():
            return get_declared(value.value)
        case Apply(op="optional.value"):
            return get_declared(value.args[0])
        case _:
            return value


def join_types(first: Type, second: Type) -> Type | None:
    """The type of a variable that has either type, or None when there is none."""
    if first is second or second is UNKNOWN:
        return first
    if first is UNKNOWN:
        return second
    if first is NONE:
        return optional_of(second)
    if second is NONE:
        return optional_of(first)
    if first.is_optional and first.args[0] is second:
        return first
    if second.is_optional and second.args[0] is first:
        return second
    if first.is_optional or second.is_optional:
        inner = join_types(*(each.args[0] if each.is_optional else each for each in (first, second)))
        return None if inner is None else optional_of(inner)
    if _is_of_records(first) and _is_of_records(second):
        return union_of(first, second)
    return None


def _is_of_records(kind: Type) -> bool:
    is_other = split_contract(kind) is not None or split_enum(kind) is not None
    return kind.is_union or (kind.is_named and not is_other)


def join_states(first: State, second: State) -> State:
    """What is known where two ways meet."""
    if not first.is_reachable:
        return second
    if not second.is_reachable:
        return first
    joined = first.variables | second.variables
    # Most variables are what they were before the ways parted.
    differing = [n for n in joined if first.variables.get(n) is not second.variables.get(n)]
    for name in differing:
        one, other = first.variables.get(name), second.variables.get(name)
        if one is None or other is None:
            joined[name] = Unset("it is given a value on one path only")
        elif isinstance(one, Unset):
            joined[name] = one
        elif isinstance(other, Unset):
            joined[name] = other
        else:
            both = join_types(one, other)
            joined[name] = both or Unset(f"it is {one} on one path and {other} on the other")
    narrowed = set(first.narrowed & second.narrowed)
    for name in differing:
        kind = joined[name]
        if isinstance(kind, Type) and (kind.is_optional or kind.is_union):
            for each in get_alternatives(kind):
                if all(_excludes(state, name, each) for state in (first, second)):
                    narrowed.add(Excluded(name, each))
    return State(joined, frozenset(narrowed))


def _excludes(state: State, name: str, alternative: Type) -> bool:
    kind = state.variables[name]
    is_possible = isinstance(kind, Type) and alternative in get_alternatives(kind)
    return not is_possible or Excluded(name, alternative) in state.narrowed


def path_of(expression: Expr) -> str | None:
    """The dotted path of a variable or of a record field below one; those can be narrowed."""
    match expression:
        case Local() | Walrus():
            return expression.name
        case FieldOf():
            base = path_of(expression.of)
            return None if base is None else f"{base}.{expression.name}"
        case Apply(op="optional.value"):
            return path_of(expression.args[0])
        case Narrow():
            return path_of(expression.value)
        case _:
            return None


def narrowings(test: Expr) -> tuple[Facts, Facts]:
    """What is excluded where the test is true, and where it is false."""
    match test:
        case Apply(op="optional.is_none"):
            return _split(get_declared(test.args[0]), [NONE])
        case IsInstance():
            return _split(get_declared(test.value), get_alternatives(test.record))
        case Apply(op="bool.not"):
            yes, no = narrowings(test.args[0])
            return no, yes
        case BooleanChain():
            parts = [narrowings(arg) for arg in test.args]
            all_yes, all_no = [part[0] for part in parts], [part[1] for part in parts]
            if test.is_and:
                return _NOTHING.union(*all_yes), all_no[0].intersection(*all_no)
            return all_yes[0].intersection(*all_yes), _NOTHING.union(*all_no)
        case _:
            return _NOTHING, _NOTHING


def _split(value: Expr, tested: Iterable[Type]) -> tuple[Facts, Facts]:
    """What is excluded where a value is one of some alternatives, and where it is none of them."""
    path = path_of(value)
    if path is None:
        return _NOTHING, _NOTHING
    return (
        exclude_others(path, value.type, tested),
        frozenset(Excluded(path, each) for each in tested),
    )
