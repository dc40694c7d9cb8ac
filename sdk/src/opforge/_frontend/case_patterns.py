"""The patterns of `match`: whether a value fits, and what it captures.

A pattern becomes a test over the subject, in the order in which Python looks (reference, 8.6.4), and the
captured variables with the part of the subject that each one is. Parts are read again where they are used.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from opforge._frontend.coercion import apply, build_test, convert, has_unknown, show
from opforge._frontend.comparisons import build_equality
from opforge._frontend.context import Context
from opforge._frontend.scope import get_alternatives, read, take_out
from opforge._frontend.symbols import Broken, RecordDecl
from opforge._frontend.tree import BooleanChain, Conditional, Expr, FieldOf, Literal
from opforge_ir.codes.source import E_PATTERN
from opforge_ir.types import BOOL, INT, NONE, Type, optional_of

__all__ = ["ANYTHING", "Capture", "Fit", "Part", "check_case_pattern", "known_part", "list_alternatives"]

Part: TypeAlias = Callable[[], Expr]
"""Gives a part of the subject as a new expression, with the type that it is known to have there."""

_BOUND: Final = optional_of(INT)
_NOTHING: Final = frozenset[str]()
ANYTHING: Final = "anything"
"""Stands for all values of a type that are not told apart one by one."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A variable that a pattern binds."""

    name: str
    part: Part
    node: ast.pattern


@dataclass(frozen=True, slots=True)
class Fit:
    """What a pattern asks of a value."""

    tests: list[Expr] = field(default_factory=list[Expr])
    """All of them, from left to right; none where every value of the type fits."""
    captures: list[Capture] = field(default_factory=list[Capture])
    covers: frozenset[str] = frozenset()
    """Which alternatives of the subject's type fit whatever else they hold (see `list_alternatives`)."""


def list_alternatives(ctx: Context, kind: Type) -> frozenset[str]:
    """The values, or sorts of values, of a type that patterns can tell apart completely."""
    if kind.is_optional:
        return list_alternatives(ctx, kind.args[0]) | {"None"}
    if kind is BOOL:
        return frozenset({"True", "False"})
    if kind is NONE:
        return frozenset({"None"})
    if kind.is_union:
        return frozenset(record.text for record in kind.args)
    if kind.head in ctx.program.records:
        return frozenset({kind.text})
    if (enum := ctx.program.enum_of(kind)) is not None:
        return frozenset(enum.names.values())
    return frozenset({ANYTHING})


def known_part(ctx: Context, build: Part) -> Part:
    """The part as what it is known to be wherever it is used: taken out of its Optional and its Union."""
    return lambda: read(ctx.state, build())


def check_case_pattern(ctx: Context, node: ast.pattern, part: Part) -> Fit | None:
    """What the pattern asks of a part; None where it was refused."""
    kind = part().type
    if has_unknown(kind):
        return None
    match node:
        case ast.MatchAs(pattern=None):
            captures = [] if node.name is None else [Capture(node.name, part, node)]
            return Fit(captures=captures, covers=list_alternatives(ctx, kind))
        case ast.MatchAs():
            assert node.pattern is not None
            inner = check_case_pattern(ctx, node.pattern, part)
            if inner is None or node.name is None:
                return inner
            return Fit(inner.tests, [*inner.captures, Capture(node.name, part, node)], inner.covers)
        case ast.MatchOr():
            return _either(ctx, node, part)
        case ast.MatchValue():
            return _value(ctx, node, part)
        case ast.MatchSingleton():
            return _singleton(ctx, node, part)
        case ast.MatchClass():
            return _record(ctx, node, part)
        case _ if kind.is_optional:
            return _present(ctx, node, part)
        case ast.MatchSequence():
            return _sequence(ctx, node, part)
        case ast.MatchMapping():
            return _mapping(ctx, node, part)
        case _:
            return _refuse(ctx, node, "this pattern")


def _refuse(ctx: Context, node: ast.pattern | ast.expr, what: str) -> Fit | None:
    """Report what cannot stand in the pattern; there is no fit then."""
    ctx.report(E_PATTERN, node, what=what)
    return None


def _all_of(ctx: Context, node: ast.pattern, tests: Sequence[Expr]) -> Expr | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return BooleanChain(BOOL, ctx.span(node), True, list(tests))


def _either(ctx: Context, node: ast.MatchOr, part: Part) -> Fit | None:
    """`a | b`: the first that fits; each binds the same variables."""
    fits = [check_case_pattern(ctx, each, part) for each in node.patterns]
    known = [fit for fit in fits if fit is not None]
    if len(known) < len(fits):
        return None
    names = [[capture.name for capture in fit.captures] for fit in known]
    if any(set(each) != set(names[0]) for each in names):
        return _refuse(ctx, node, "an alternative that captures other variables")
    covers = frozenset[str]().union(*(fit.covers for fit in known))
    alternatives = [_all_of(ctx, node, fit.tests) for fit in known]
    if None in alternatives:
        last = alternatives.index(None)
        known, alternatives = known[: last + 1], alternatives[:last]
    tests = [each for each in alternatives if each is not None]
    captures = [_choose(ctx, node, name, known, tests) for name in names[0]]
    if len(tests) < len(known):
        return Fit(captures=captures, covers=covers)
    whole = tests[0] if len(tests) == 1 else BooleanChain(BOOL, ctx.span(node), False, tests)
    return Fit([whole], captures, covers)


def _choose(ctx: Context, node: ast.MatchOr, name: str, fits: list[Fit], tests: list[Expr]) -> Capture:
    """What a variable is, by the alternative that fits."""
    parts = [next(c.part for c in fit.captures if c.name == name) for fit in fits]

    def build() -> Expr:
        *others, last = parts
        value = last()
        for test, other in zip(reversed(tests[: len(others)]), reversed(others), strict=True):
            first = other()
            if first.type is not value.type:
                _refuse(ctx, node, f"a variable, {name}, of another type in each alternative")
                return ctx.unknown(node)
            value = Conditional(value.type, ctx.span(node), test, first, value)
        return value

    return Capture(name, build if len(parts) > 1 else parts[0], node)


def _value(ctx: Context, node: ast.MatchValue, part: Part) -> Fit | None:
    """A literal, a constant or a member of an enum: equality."""
    subject = part()
    value = ctx.check(node.value, subject.type)
    if has_unknown(value.type):
        return None
    test = build_equality(ctx, node.value, subject, value)
    if has_unknown(test.type):
        return None
    if isinstance(value, Literal) and ctx.program.enum_of(value.type) is not None:
        return Fit([test], covers=frozenset({value.value}))
    return Fit([test])


def _singleton(ctx: Context, node: ast.MatchSingleton, part: Part) -> Fit | None:
    subject = part()
    if node.value is None:
        if subject.type is NONE:
            return Fit(covers=frozenset({"None"}))
        if not subject.type.is_optional:
            return _refuse(ctx, node, f"None, which {show(subject.type)} never is,")
        return Fit([apply("optional.is_none", BOOL, subject)], covers=frozenset({"None"}))
    if subject.type.is_optional and subject.type.args[0] is BOOL:
        return _present(ctx, node, part)
    if subject.type is not BOOL:
        return _refuse(ctx, node, f"{node.value}, which {show(subject.type)} never is,")
    test = subject if node.value else apply("bool.not", BOOL, subject)
    return Fit([test], covers=frozenset({str(node.value)}))


def _present(ctx: Context, node: ast.pattern, part: Part) -> Fit | None:
    """A pattern that None does not fit, on an Optional."""

    def present() -> Expr:
        value = part()
        return apply("optional.value", value.type.args[0], value) if value.type.is_optional else value

    inner = check_case_pattern(ctx, node, present)
    if inner is None:
        return None
    is_set = apply("bool.not", BOOL, apply("optional.is_none", BOOL, part()))
    return Fit([is_set, *inner.tests], inner.captures, inner.covers)


def _record(ctx: Context, node: ast.MatchClass, part: Part) -> Fit | None:
    """`Record(a, name=b)`: positional patterns are the fields in order (dataclass `__match_args__`)."""
    symbol = ctx.resolve(node.cls)
    if isinstance(symbol, Broken):
        return None
    subject = part()
    if not isinstance(symbol, RecordDecl) or symbol.type not in get_alternatives(subject.type):
        return _refuse(ctx, node.cls, f"a class that {show(subject.type)} never is")
    if not symbol.is_complete:
        return None
    record = symbol.type
    is_record = None if subject.type is record else build_test(subject, [record])
    names = [each.name for each in symbol.fields]
    if len(node.patterns) > len(names):
        return _refuse(ctx, node.patterns[len(names)], f"more patterns than {symbol.name} has fields")
    given = [*zip(names, node.patterns, strict=False), *zip(node.kwd_attrs, node.kwd_patterns, strict=True)]
    types = {each.name: each.type for each in symbol.fields}
    tests: list[Expr] = [] if is_record is None else [is_record]
    captures: list[Capture] = []
    seen: set[str] = set()

    def known() -> Expr:
        return take_out(part(), record)

    for name, inner_node in given:
        if name not in types or name in seen:
            what = f"{name}, which is matched twice" if name in seen else f"{name}, which is no field of it"
            return _refuse(ctx, inner_node, what)
        seen.add(name)
        inner = check_case_pattern(ctx, inner_node, _field_of(ctx, known, types[name], name, inner_node))
        if inner is None:
            return None
        tests += inner.tests
        captures += inner.captures
    has_tests = len(tests) > (is_record is not None)
    return Fit(tests, captures, _NOTHING if has_tests else frozenset({record.text}))


def _field_of(ctx: Context, part: Part, kind: Type, name: str, node: ast.pattern) -> Part:
    return known_part(ctx, lambda: FieldOf(kind, ctx.span(node), part(), name))


def _sequence(ctx: Context, node: ast.MatchSequence, part: Part) -> Fit | None:
    """`[a, b]`, `(a, *rest)`: of a list after a look at its length, of a tuple item by item."""
    kind = part().type
    stars = [index for index, each in enumerate(node.patterns) if isinstance(each, ast.MatchStar)]
    if kind.is_tuple:
        if stars or len(node.patterns) != len(kind.args):
            return _refuse(ctx, node, f"a sequence of another length than {show(kind)}")
        parts = [
            _field_of(ctx, part, item, str(index), node.patterns[index])
            for index, item in enumerate(kind.args)
        ]
        return _items(ctx, node, parts, [])
    if not kind.is_list:
        return _refuse(ctx, node, f"a sequence, which {show(kind)} is not,")
    span = ctx.span(node)
    count = len(node.patterns) - len(stars)
    length = apply("list.len", INT, part())
    size = Literal(INT, span, str(count))
    test = apply("int.ge", BOOL, length, size) if stars else apply("value.eq", BOOL, length, size)
    head = stars[0] if stars else count

    def item(index: int) -> Part:
        return lambda: apply("list.get", kind.args[0], part(), Literal(INT, span, str(index)))

    before = [item(index) for index in range(head)]
    after = [item(index - (count - head)) for index in range(count - head)]
    if not stars:
        return _items(ctx, node, before, [test])
    star = node.patterns[head]
    assert isinstance(star, ast.MatchStar)
    tests = [test] if count else []
    fits = _items(ctx, node, [*before, *after], tests, skipped=head)
    if fits is None or star.name is None:
        return fits

    def rest() -> Expr:
        start = apply("optional.some", _BOUND, Literal(INT, span, str(head)))
        none = Literal(_BOUND, span, "None")
        end = none if head == count else apply("optional.some", _BOUND, Literal(INT, span, str(head - count)))
        return apply("list.slice", kind, part(), start, end, none)

    return Fit(fits.tests, [*fits.captures, Capture(star.name, rest, star)], fits.covers)


def _items(
    ctx: Context, node: ast.MatchSequence, parts: list[Part], tests: list[Expr], *, skipped: int | None = None
) -> Fit | None:
    patterns = [each for index, each in enumerate(node.patterns) if index != skipped]
    captures: list[Capture] = []
    for pattern, part in zip(patterns, parts, strict=True):
        inner = check_case_pattern(ctx, pattern, part)
        if inner is None:
            return None
        tests = [*tests, *inner.tests]
        captures += inner.captures
    return Fit(tests, captures, frozenset() if tests else frozenset({ANYTHING}))


def _mapping(ctx: Context, node: ast.MatchMapping, part: Part) -> Fit | None:
    """`{key: pattern}`: the keys are there, and their values fit; other keys may be there too."""
    kind = part().type
    if not kind.is_dict:
        return _refuse(ctx, node, f"a mapping, which {show(kind)} is not,")
    if node.rest is not None:
        return _refuse(ctx, node, "the rest of a mapping")
    tests: list[Expr] = []
    captures: list[Capture] = []
    for key_node, pattern in zip(node.keys, node.patterns, strict=True):
        checked = ctx.check(key_node, kind.args[0])
        key = convert(checked, kind.args[0])
        if key is None or has_unknown(key.type):
            return None if has_unknown(checked.type) else _refuse(ctx, key_node, "a key of another type")

        def item(key: Expr = key) -> Expr:
            return apply("dict.item", kind.args[1], part(), key)

        tests.append(apply("dict.contains", BOOL, part(), key))
        inner = check_case_pattern(ctx, pattern, item)
        if inner is None:
            return None
        tests += inner.tests
        captures += inner.captures
    return Fit(tests, captures, frozenset() if tests else frozenset({ANYTHING}))
