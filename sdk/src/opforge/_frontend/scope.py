"""What is known of a function's variables at one point of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from opforge._frontend.symbols import UNKNOWN
from opforge._frontend.tree import Apply, BooleanChain, Expr, FieldOf, Local
from opforge_ir.types import NONE, Type, optional_of

_NO_PATHS: frozenset[str] = frozenset()

__all__ = ["State", "Unset", "join_states", "join_types", "narrowings", "path_of"]


@dataclass(frozen=True, slots=True)
class Unset:
    """A variable that may have no usable value here."""

    reason: str


@dataclass(slots=True)
class State:
    """The variables, and which Optional values are known not to be None, as dotted paths."""

    variables: dict[str, Type | Unset] = field(default_factory=dict[str, "Type | Unset"])
    narrowed: frozenset[str] = frozenset()
    is_reachable: bool = True

    def copy(self) -> State:
        """A state that can go another way."""
        return State(dict(self.variables), self.narrowed, self.is_reachable)

    def define(self, name: str, kind: Type, *, is_narrowed: bool = False) -> None:
        """A new value for a variable."""
        self.variables[name] = kind
        kept = {path for path in self.narrowed if path != name and not path.startswith(f"{name}.")}
        self.narrowed = frozenset(kept | {name} if is_narrowed else kept)

    def narrow(self, paths: Iterable[str]) -> None:
        """From here on these are known not to be None."""
        self.narrowed |= frozenset(paths)


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
    return None


def join_states(first: State, second: State) -> State:
    """What is known where two ways meet."""
    if not first.is_reachable:
        return second
    if not second.is_reachable:
        return first
    joined: dict[str, Type | Unset] = {}
    for name in dict.fromkeys((*first.variables, *second.variables)):
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
    narrowed = first.narrowed & second.narrowed
    for side, opposite in ((first, second), (second, first)):
        # A value that is not Optional on the other path is not None there either.
        narrowed |= {path for path in side.narrowed if _is_never_none(opposite.variables.get(path))}
    for name, kind in joined.items():
        if isinstance(kind, Type) and kind.is_optional:
            sides = (first.variables[name], second.variables[name])
            if all(
                _is_never_none(side) or name in state.narrowed
                for side, state in zip(sides, (first, second), strict=True)
            ):
                narrowed |= {name}
    return State(joined, narrowed)


def _is_never_none(kind: Type | Unset | None) -> bool:
    return isinstance(kind, Type) and not kind.is_optional and kind is not NONE


def path_of(expression: Expr) -> str | None:
    """The dotted path of a variable or of a record field below one; those can be narrowed."""
    match expression:
        case Local():
            return expression.name
        case FieldOf():
            base = path_of(expression.of)
            return None if base is None else f"{base}.{expression.name}"
        case Apply(op="optional.value"):
            return path_of(expression.args[0])
        case _:
            return None


def narrowings(test: Expr) -> tuple[frozenset[str], frozenset[str]]:
    """Which paths are known not to be None where the test is true, and where it is false."""
    match test:
        case Apply(op="optional.is_none"):
            path = path_of(test.args[0])
            return frozenset(), frozenset() if path is None else frozenset({path})
        case Apply(op="bool.not"):
            yes, no = narrowings(test.args[0])
            return no, yes
        case BooleanChain():
            parts = [narrowings(arg) for arg in test.args]
            if test.is_and:
                return _NO_PATHS.union(*(yes for yes, _ in parts)), frozenset()
            return _NO_PATHS, _NO_PATHS.union(*(no for _, no in parts))
        case _:
            return frozenset(), frozenset()
