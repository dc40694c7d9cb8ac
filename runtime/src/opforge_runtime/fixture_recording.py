"""A recorded run as a case of a fixture: its facts become answers, by what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.capabilities import VERBS
from opforge_ir.codes import load_registry
from opforge_ir.codes.command import E_RUN_NOT_RECORDED
from opforge_ir.codes.execution import E_NOT_GRANTED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest
from opforge_ir.events import ErrorRecord, Fact, FactRecorded, Manifest, StateFailed
from opforge_ir.fixture import FixtureAnswer
from opforge_ir.fixture_matching import AskedEffect
from opforge_ir.ids import RunId
from opforge_runtime.effect_io.fixture import FixtureIo
from opforge_runtime.engine import Surroundings, begin_run, load_program
from opforge_runtime.fixture_text import is_side_effect, write_ending, write_pattern
from opforge_runtime.history import RecordedEvent, build_history, read_run
from opforge_runtime.journal import SilentObserver
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.memory import MemoryStore
from opforge_runtime.stores.protocol import ArtifactStore, SealedArtifact, Store

__all__ = ["record_case"]

_Place: TypeAlias = tuple[str, str]
"""A state and its instance."""
_Written: TypeAlias = dict[str, JsonValue]
"""A part of a fixture, as it stands there."""


def record_case(store: Store, run: RunId) -> _Written:
    """A case, as it stands in a fixture, that asks the same op the same and expects what came of it.

    Answers are written by what was asked, so the case also holds for a program that asks the same elsewhere.
    Raises DiagnosticError: E_RUN_NOT_RECORDED for a run that has not ended, or that something else than an
    answer ended; and what reading the run raises.
    """
    recorded = read_run(store, run)
    history = build_history(recorded)
    if history.end is None:
        raise E_RUN_NOT_RECORDED.error(run=run, problem="it has not ended")
    replies = _collect_replies(recorded, store)
    manifest = read_artifact(store, history.start.manifest, Manifest)
    program = load_program(store, manifest.ir)
    document = SealedArtifact(Digest(manifest.ir), store.get_artifact(Digest(manifest.ir)))
    answers = [
        FixtureAnswer.model_validate({"state": state, "instance": instance, "in_turn": given})
        for (state, instance), given in replies.items()
    ]
    effect_io = FixtureIo(run, answers, program.codec)
    around = Surroundings(MemoryStore(), effect_io, lambda: 0, SilentObserver())
    try:
        outcome = asyncio.run(begin_run(around, run, manifest, program, document))
    except DiagnosticError as error:
        raise E_RUN_NOT_RECORDED.error(run=run, problem=error.diagnostics[0].message) from error
    case: _Written = {"name": str(run), "op": manifest.op}
    if manifest.inputs:
        case["inputs"] = manifest.inputs
    case["answers"] = _write_answers([each for each in effect_io.asked if _needs_answer(each)], replies)
    case["expect"] = write_ending(outcome.output, outcome.error)
    side_effects = [write_pattern(each) for each in effect_io.asked if is_side_effect(each)]
    if side_effects:
        case["side_effects"] = [*side_effects]
    return case


def _needs_answer(asked: AskedEffect) -> bool:
    """Whether a fixture has to answer a request: nothing comes of lines of the log, events and sleeps."""
    return VERBS[asked.verb].result != "None"


def _collect_replies(
    recorded: Sequence[RecordedEvent], artifacts: ArtifactStore
) -> dict[_Place, list[_Written]]:
    """What each state was answered with in each instance, attempt by attempt."""
    replies: dict[_Place, list[_Written]] = {}
    for item in recorded:
        match item.envelope.event:
            case FactRecorded() as event:
                fact = read_artifact(artifacts, event.fact, Fact)
                replies.setdefault((event.state, event.instance), []).append({"value": fact.value})
            case StateFailed() as event if event.error.code != E_NOT_GRANTED.number:
                replies.setdefault((event.state, event.instance), []).append(_write_error(event.error))
            case _:
                pass
    return replies


def _write_error(error: ErrorRecord) -> _Written:
    return {"error": load_registry()[error.code].name, "fields": dict(error.fields)}


def _write_answers(asked: Sequence[AskedEffect], replies: dict[_Place, list[_Written]]) -> list[JsonValue]:
    """The shortest answers that give each request its replies."""
    answers: list[JsonValue] = []
    for group in _group(asked, has_block=False):
        blocks = {canonical_bytes(each.arguments.get("at")) for each in group}
        parts = [group] if len(blocks) == 1 else _group(group, has_block=True)
        for part in parts:
            answers += _write_group(part, replies, has_block=len(blocks) > 1)
    return answers


def _group(asked: Sequence[AskedEffect], *, has_block: bool) -> list[list[AskedEffect]]:
    """The requests that one pattern means, in the order in which the first of them was asked."""
    groups: dict[bytes, list[AskedEffect]] = {}
    for each in asked:
        groups.setdefault(canonical_bytes(write_pattern(each, has_block=has_block)), []).append(each)
    return list(groups.values())


def _write_group(
    group: Sequence[AskedEffect], replies: dict[_Place, list[_Written]], *, has_block: bool
) -> list[_Written]:
    given = [replies.get((each.state, each.instance), []) for each in group]
    pattern = write_pattern(group[0], has_block=has_block)
    if all(each == given[0] for each in given) and len(given[0]) == 1:
        return [{**pattern, **given[0][0]}]
    if len(group) == 1 or all(len(each) == 1 for each in given):
        return [_write_turns(pattern, [reply for each in given for reply in each])]
    # Who is asked again first, when several are, is not seen in the pattern.
    return [
        _write_turns({"state": each.state, "instance": each.instance, **pattern}, own)
        for each, own in zip(group, given, strict=True)
    ]


def _write_turns(pattern: _Written, replies: Sequence[_Written]) -> _Written:
    return {**pattern, **replies[0]} if len(replies) == 1 else {**pattern, "in_turn": [*replies]}
