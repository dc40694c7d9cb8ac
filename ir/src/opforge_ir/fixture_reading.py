"""A fixture file, read and checked: its shape, and that the names in it are known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from opforge_ir.canonical import build_pointer
from opforge_ir.capabilities import VERBS
from opforge_ir.codes.command import E_FIXTURE_INVALID
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.effect_failures import get_failure_code
from opforge_ir.fixture import Fixture, FixtureAnswer, FixtureCase, FixturePattern
from opforge_ir.jsontext import read_json

__all__ = ["read_fixture"]


def read_fixture(path: str, data: bytes) -> Fixture:
    """The fixture in these bytes; `path` is what messages name.

    Raises DiagnosticError: the JSON is refused, or E_FIXTURE_INVALID for each place that is wrong.
    """
    value = read_json(data)
    try:
        fixture = Fixture.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise DiagnosticError(
            [_refuse(path, *each["loc"], problem=_describe(each["msg"])) for each in found]
        ) from None
    problems = list(_check_fixture(path, fixture))
    if problems:
        raise DiagnosticError(problems)
    return fixture


def _describe(message: str) -> str:
    """What pydantic found, in the form of our texts."""
    message = message.removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _refuse(path: str, *place: int | str, problem: str) -> Diagnostic:
    return E_FIXTURE_INVALID.at(build_pointer(place), path=path, problem=problem)


def _check_fixture(path: str, fixture: Fixture) -> Iterator[Diagnostic]:
    names: set[str] = set()
    yield from _check_patterns(path, fixture, "answers")
    for index, case in enumerate(fixture.cases):
        place = ("cases", index)
        if case.name in names:
            yield _refuse(path, *place, "name", problem=f"two cases are called {case.name}")
        names.add(case.name)
        for member in ("answers", "effects", "side_effects"):
            yield from _check_patterns(path, case, member, *place)


def _check_patterns(
    path: str, holder: Fixture | FixtureCase, member: str, *place: int | str
) -> Iterator[Diagnostic]:
    patterns: list[FixturePattern] = getattr(holder, member) or []
    for index, pattern in enumerate(patterns):
        for *inner, problem in _check_pattern(pattern):
            yield _refuse(path, *place, member, index, *inner, problem=problem)


def _check_pattern(pattern: FixturePattern) -> Iterator[tuple[Any, ...]]:
    """The problems of one pattern, each after its place within it."""
    verb = VERBS.get(pattern.verb)
    if verb is None:
        if pattern.verb:
            yield "verb", f"there is no verb {pattern.verb}; there are: {', '.join(VERBS)}"
        return
    for member, known in (
        ("static", [each.name for each in verb.statics]),
        ("arguments", [each.name for each in verb.parameters]),
    ):
        for name in getattr(pattern, member):
            if name not in known:
                problem = f"{pattern.verb} has no {name} there; it has: {', '.join(known) or 'nothing'}"
                yield member, name, problem
    if isinstance(pattern, FixtureAnswer):
        yield from _check_error(verb.name, pattern.error)
        for index, reply in enumerate(pattern.in_turn):
            yield from _check_error(verb.name, reply.error, "in_turn", index)


def _check_error(verb: str, error: str, *place: Any) -> Iterator[tuple[Any, ...]]:
    if not error:
        return
    try:
        get_failure_code(verb, error)
    except ValueError as problem:
        yield *place, "error", str(problem)
