"""Runs the cases of a fixture: the engine itself, with the fixture's answers and a store in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from opforge_ir.alignment import align
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.command import E_ANSWER_UNUSED, E_TEST_DIFFERS
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.errors import find_error, get_classes
from opforge_ir.events import Output, Provenance
from opforge_ir.excerpt import excerpt
from opforge_ir.fixture import Expectation, FixtureAnswer, FixtureCase, FixturePattern
from opforge_ir.fixture_matching import AskedEffect, is_meant
from opforge_ir.ids import RunId
from opforge_ir.types import parse_type
from opforge_ir.validation import load_document
from opforge_ir.values import ValueCodec
from opforge_runtime.effect_io.fixture import FixtureIo
from opforge_runtime.effect_io.scripted_waits import ScriptedWaits
from opforge_runtime.engine import Engine
from opforge_runtime.fixture_text import (
    describe_pattern,
    is_side_effect,
    write_ending,
    write_expectation,
    write_pattern,
    write_stated,
    write_stated_pattern,
)
from opforge_runtime.interpreter import compile_document
from opforge_runtime.stores.memory import MemoryStore

__all__ = ["CaseOutcome", "Difference", "Part", "Sign", "find_unused", "run_case"]

Part: TypeAlias = Literal["ending", "output", "effects", "side_effects"]
"""What of a run is compared: how it ended, or what it returned where that is all that differs."""

Sign: TypeAlias = Literal[" ", "-", "+"]
"""In both lists, expected only, or found only."""

_RUN: Final = RunId("forge-test")
_SHOWN: Final = 60
_NOWHERE: Final = Provenance(opforge_version="", git_commit="")


@dataclass(frozen=True, slots=True)
class Difference:
    """A part of a run that is not what the case expects."""

    part: Part
    expected: JsonValue
    """As the fixture has it, in stored form; null where it has nothing."""
    found: JsonValue
    """As the fixture would have it."""
    rows: list[tuple[Sign, JsonValue]] = field(default_factory=list[tuple[Sign, JsonValue]])
    """Of effects: both lists side by side, requests that are expected and asked as they were asked."""

    @property
    def is_open(self) -> bool:
        """Whether the case does not say yet how it ends."""
        return self.part == "ending" and self.expected is None


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What one case came to."""

    case: str
    op: str
    differences: list[Difference]
    diagnostics: list[Diagnostic]
    """E_TEST_DIFFERS for each difference, or why there is no run to compare; answers that were not used."""
    shared: list[FixtureAnswer]
    """The answers of the whole file that the case used."""

    @property
    def is_passed(self) -> bool:
        """Whether the case holds."""
        return all(each.code.severity != "error" for each in self.diagnostics)

    @property
    def is_updatable(self) -> bool:
        """Whether the case would hold if it expected what was found."""
        return bool(self.differences)


def run_case(
    document: bytes, case: FixtureCase, op: str, shared: Sequence[FixtureAnswer] = ()
) -> CaseOutcome:
    """Run an op of a valid document with the inputs and answers of a case, and compare what comes of it.

    `shared` are answers that come after those of the case. Nothing is raised for a case that does not hold.
    """
    program = compile_document(load_document(document))
    effect_io = FixtureIo(case.name, [*case.answers, *shared], program.codec)
    differences: list[Difference] = []
    diagnostics: list[Diagnostic] = []
    try:
        outcome = asyncio.run(
            Engine(MemoryStore(), effect_io, clock=lambda: 0, waits=ScriptedWaits).start(
                _RUN, document, op, case.inputs, provenance=_NOWHERE
            )
        )
    except DiagnosticError as error:
        diagnostics += error.diagnostics
    else:
        differences = [
            *_compare_ending(case.expect, outcome.output, outcome.error, program.codec),
            *_compare_effects("effects", case.effects, effect_io.asked),
            *_compare_effects(
                "side_effects", case.side_effects, list(filter(is_side_effect, effect_io.asked))
            ),
        ]
        diagnostics += [_report(case.name, difference) for difference in differences]
        diagnostics += [
            E_ANSWER_UNUSED.at(None, holder=f'the case "{case.name}"', answer=describe_pattern(answer))
            for answer in effect_io.unused
            if not _is_among(answer, shared)
        ]
    used = [answer for answer in shared if not _is_among(answer, effect_io.unused)]
    return CaseOutcome(case.name, op, differences, diagnostics, used)


def find_unused(shared: Sequence[FixtureAnswer], outcomes: Sequence[CaseOutcome]) -> list[Diagnostic]:
    """E_ANSWER_UNUSED for each answer of a whole file that none of its cases used."""
    used = [answer for outcome in outcomes for answer in outcome.shared]
    return [
        E_ANSWER_UNUSED.at(None, holder="any case", answer=describe_pattern(answer))
        for answer in shared
        if not _is_among(answer, used)
    ]


def _is_among(answer: FixtureAnswer, answers: Sequence[FixtureAnswer]) -> bool:
    """Whether it is one of these, and not only equal to one."""
    return any(answer is each for each in answers)


def _report(case: str, difference: Difference) -> Diagnostic:
    return E_TEST_DIFFERS.at(
        None,
        case=case,
        part=difference.part.replace("_", " "),
        expected="nothing yet" if difference.is_open else _shorten(difference.expected),
        found=_shorten(difference.found),
    )


def _shorten(value: JsonValue) -> str:
    return excerpt(canonical_bytes(value).decode(), _SHOWN)


def _compare_ending(
    expect: Expectation | None, output: Output | None, error: Diagnostic | None, codec: ValueCodec
) -> list[Difference]:
    found = write_ending(output, error)
    if expect is None:
        return [Difference("ending", None, found)]
    if "error" in expect.model_fields_set:
        is_held = error is not None and _is_expected_error(expect, error)
        return [] if is_held else [Difference("ending", write_expectation(expect), found)]
    if output is None:
        return [Difference("ending", write_expectation(expect), found)]
    expected = write_stated(codec, parse_type(output.type), expect.output)
    return [] if expected == output.value else [Difference("output", expected, output.value)]


def _is_expected_error(expect: Expectation, error: Diagnostic) -> bool:
    """Whether a failure is the error, or one of the class, that is expected."""
    kind = find_error(error.code, error.values)
    classes = get_classes(kind) if kind is not None else frozenset[str]()
    return (expect.error == error.code.name or expect.error in classes) and all(
        error.values.get(name) == value for name, value in expect.fields.items()
    )


def _compare_effects(
    part: Part, expected: Sequence[FixturePattern] | None, asked: Sequence[AskedEffect]
) -> list[Difference]:
    if expected is None or (len(expected) == len(asked) and all(map(is_meant, expected, asked))):
        return []
    rows: list[tuple[Sign, JsonValue]] = []
    for wanted, found in align(expected, asked, is_meant):
        if found is not None:
            rows.append((" " if wanted else "+", write_pattern(found[0])))
        elif wanted is not None:
            rows.append(("-", write_stated_pattern(wanted[0])))
    written: list[JsonValue] = [write_stated_pattern(each) for each in expected]
    return [Difference(part, written, [write_pattern(each) for each in asked], rows)]
