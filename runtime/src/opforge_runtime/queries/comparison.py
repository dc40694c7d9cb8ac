"""Two runs side by side: what they were given, what each state came to, and where they part first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.digest import digest_bytes
from opforge_ir.events import Fact, FactRecorded, StateFailed
from opforge_ir.ids import RunId
from opforge_runtime.failures import build_diagnostic
from opforge_runtime.history import RecordedEvent, read_run
from opforge_runtime.queries.shortening import shorten_value
from opforge_runtime.queries.summary import RunSummary, get_record, summarize
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import Store

__all__ = ["DifferenceKind", "RunComparison", "StateDifference", "compare_runs"]

DifferenceKind = Literal["missing", "asked", "answered"]
"""`missing`: only one run has an answer. `asked`: they asked for something else. `answered`: the same
question had another answer."""


@dataclass(frozen=True, slots=True)
class StateDifference:
    """One state of which the runs have different answers; an empty text is no answer."""

    kind: DifferenceKind
    state: str
    instance: str
    left: str
    """The stored value as JSON, or the code of the failure; shortened."""
    right: str


@dataclass(frozen=True, slots=True)
class RunComparison:
    """What two runs have and do not have in common."""

    left: RunSummary
    right: RunSummary
    is_same_program: bool
    is_same_op: bool
    inputs: tuple[tuple[str, str, str], ...]
    """Parameters that differ: name, both stored values as JSON, shortened, empty where it was not given."""
    equal_states: int
    """How many states have the same answer to the same question in both."""
    states: tuple[StateDifference, ...]
    """The others: in the order of the left run, then those that only the right one has. The first is where
    they part."""
    is_same_ending: bool
    """Whether both stand the same, with equal outputs or the same error."""


@dataclass(frozen=True, slots=True)
class _Answer:
    request: str
    """Its digest; empty for a failure."""
    value: str
    """What is compared: a digest, or the failure."""
    shown: str


def compare_runs(store: Store, left: RunId, right: RunId) -> RunComparison:
    """Compare two runs of a store, of one program or of two.

    Answers are matched by state and instance. Raises DiagnosticError (E_RUN_UNKNOWN), and what a corrupt
    event or artifact raises.
    """
    sides = [(read_run(store, run), get_record(store, run)) for run in (left, right)]
    one, two = (summarize(store, record, events) for events, record in sides)
    ours, theirs = (_collect_answers(store, events) for events, _ in sides)
    states = [
        StateDifference(
            kind=_name_difference(ours.get(key), theirs.get(key)),
            state=key[0],
            instance=key[1],
            left=_show(ours.get(key)),
            right=_show(theirs.get(key)),
        )
        for key in (*ours, *(key for key in theirs if key not in ours))
        if not _are_equal(ours.get(key), theirs.get(key))
    ]
    return RunComparison(
        left=one,
        right=two,
        is_same_program=one.record.opening.ir == two.record.opening.ir,
        is_same_op=one.record.opening.op == two.record.opening.op,
        inputs=_compare_inputs(one.inputs, two.inputs),
        equal_states=len(ours.keys() | theirs.keys()) - len(states),
        states=tuple(states),
        is_same_ending=(one.status, one.output, one.error) == (two.status, two.output, two.error),
    )


def _collect_answers(store: Store, events: Sequence[RecordedEvent]) -> dict[tuple[str, str], _Answer]:
    """The fact of each state, and of those without one the last failure; in the order in which they came."""
    answers: dict[tuple[str, str], _Answer] = {}
    for recorded in events:
        event = recorded.envelope.event
        match event:
            case FactRecorded():
                key = event.state, event.instance
                if key not in answers or not answers[key].request:
                    fact = read_artifact(store, event.fact, Fact, recorded.sealed.attachment)
                    value = shorten_value(fact.value)
                    answers[key] = _Answer(fact.request, digest_bytes(canonical_bytes(fact.value)), value)
            case StateFailed():
                key = event.state, event.instance
                if key not in answers or not answers[key].request:
                    problem = build_diagnostic(event.error)
                    shown = f"failed: {problem.code.number} {problem.message}"
                    answers[key] = _Answer("", shown, shown)
            case _:
                pass
    return answers


def _are_equal(left: _Answer | None, right: _Answer | None) -> bool:
    return (
        left is not None and right is not None and (left.request, left.value) == (right.request, right.value)
    )


def _name_difference(left: _Answer | None, right: _Answer | None) -> DifferenceKind:
    if left is None or right is None:
        return "missing"
    return "asked" if left.request and right.request and left.request != right.request else "answered"


def _show(answer: _Answer | None) -> str:
    return "" if answer is None else answer.shown


def _compare_inputs(
    left: dict[str, JsonValue], right: dict[str, JsonValue]
) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, _show_input(left, name), _show_input(right, name))
        for name in (*left, *(name for name in right if name not in left))
        if name not in left or name not in right or left[name] != right[name]
    )


def _show_input(inputs: dict[str, JsonValue], name: str) -> str:
    return shorten_value(inputs[name]) if name in inputs else ""
