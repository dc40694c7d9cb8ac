"""Start a run, and resume one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.command import E_OP_UNKNOWN
from opforge_ir.codes.execution import E_INPUT_MISSING, E_INPUT_UNKNOWN, E_OUTCOME_UNKNOWN
from opforge_ir.codes.store import E_RUN_EXISTS, E_RUN_FINISHED
from opforge_ir.diagnostics import Diagnostic, DiagnosticError, JsonPointer
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import Document
from opforge_ir.events import GENESIS, Manifest, Output, Provenance, RunConfiguration
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_ir.types import parse_type
from opforge_ir.validation import load_document
from opforge_ir.values import Value
from opforge_runtime.driver import Driver
from opforge_runtime.effect_io.port import EffectIo
from opforge_runtime.history import History, StateHistory, build_history, read_run
from opforge_runtime.interpreter import Program, compile_document
from opforge_runtime.journal import Journal, Observer, SilentObserver
from opforge_runtime.stores.artifacts import read_artifact, seal_artifact
from opforge_runtime.stores.protocol import SealedArtifact, Store

__all__ = [
    "DEFAULT_CONFIGURATION",
    "RunOutcome",
    "Surroundings",
    "begin_run",
    "continue_run",
    "load_program",
    "resume_run",
    "start_run",
]

DEFAULT_CONFIGURATION = RunConfiguration(format=2, batch_size=100, profile="normal", skip=[], max_steps=20_000_000, max_events=10_000_000, max_fact_bytes=64 * 1024 * 1024)

Clock = Callable[[], int]
"""Milliseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a session works with and does not own."""

    store: Store
    effect_io: EffectIo
    clock: Clock
    observer: Observer


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended."""

    run: RunId
    outcome: str
    """`completed` or `failed`."""
    output: Output | None
    """What a completed run returned, in stored form."""
    error: Diagnostic | None
    """Why a failed run failed, with the pointer of the node in the document."""
    snapshot: Digest
    """The final snapshot."""
    events: int


async def start_run(
    store: Store,
    effect_io: EffectIo,
    *,
    run: RunId,
    document: bytes,
    op: str,
    inputs: Mapping[str, JsonValue],
    clock: Clock,
    configuration: RunConfiguration = DEFAULT_CONFIGURATION,
    provenance: Provenance,
    observer: Observer | None = None,
) -> RunOutcome:
    """Run an op of a document from its beginning.

    `document` is an IR in any form, `inputs` what a person gave by parameter name. Nothing is recorded
    before all of it is found right.
    Raises DiagnosticError: the document, the op or an input is refused, E_RUN_EXISTS, or what stops a
    session before its end (see `Driver.drive`).
    """
    program = compile_document(load_document(document))
    content = canonical_bytes(read_json(document))
    sealed = SealedArtifact(digest_bytes(content), content)
    stored = _store_inputs(program, op, inputs)
    manifest = Manifest(
        artifact="manifest",
        ir=sealed.digest,
        op=op,
        inputs=stored,
        configuration=configuration,
        provenance=provenance,
    )
    around = Surroundings(store, effect_io, clock, observer or SilentObserver())
    return await begin_run(around, run, manifest, program, sealed)


async def begin_run(
    around: Surroundings, run: RunId, manifest: Manifest, program: Program, document: SealedArtifact
) -> RunOutcome:
    """The first session of a run with this manifest and the document that it names."""
    if around.store.get_head(run) != 0:
        raise E_RUN_EXISTS.error(run=run)
    around.effect_io.begin(program.document, program.ops[manifest.op].op.policy)
    journal = _open_journal(around, run, head=0, previous=GENESIS, snapshot=GENESIS)
    journal.start(manifest.op, seal_artifact(manifest), document)
    journal.commit()
    return await _drive(around, manifest, program, journal, {})


async def resume_run(
    store: Store,
    effect_io: EffectIo,
    run: RunId,
    *,
    clock: Clock,
    observer: Observer | None = None,
    is_repeat_allowed: bool = False,
) -> RunOutcome:
    """Go on with a run that has not ended, under the document it began with.

    What was recorded is not asked again. `is_repeat_allowed` lets a side effect that must not happen twice,
    and whose outcome is not known, be made once more.
    Raises DiagnosticError: E_RUN_UNKNOWN, E_RUN_FINISHED, E_OUTCOME_UNKNOWN, E_EVENT_CORRUPT, a corrupt
    artifact, or what stops a session before its end (see `Driver.drive`).
    """
    history = build_history(read_run(store, run))
    if history.end is not None:
        raise E_RUN_FINISHED.error(run=run, outcome=history.end.outcome)
    manifest = read_artifact(store, history.start.manifest, Manifest)
    program = load_program(store, manifest.ir)
    if not is_repeat_allowed:
        _refuse_unknown_outcomes(program, history)
    around = Surroundings(store, effect_io, clock, observer or SilentObserver())
    return await continue_run(around, history, manifest, program)


async def continue_run(
    around: Surroundings, history: History, manifest: Manifest, program: Program
) -> RunOutcome:
    """A further session of a run."""
    around.effect_io.begin(program.document, program.ops[manifest.op].op.policy)
    journal = _open_journal(
        around, history.run, head=history.head, previous=history.previous, snapshot=history.snapshot
    )
    journal.resume(history.sessions + 1)
    journal.commit()
    return await _drive(around, manifest, program, journal, history.states)


def _open_journal(around: Surroundings, run: RunId, *, head: int, previous: str, snapshot: str) -> Journal:
    return Journal(
        around.store,
        run,
        head=head,
        previous=previous,
        snapshot=snapshot,
        clock=around.clock,
        observer=around.observer,
    )


async def _drive(
    around: Surroundings,
    manifest: Manifest,
    program: Program,
    journal: Journal,
    states: Mapping[tuple[str, str], StateHistory],
) -> RunOutcome:
    driver = Driver(
        program,
        manifest.op,
        states=states,
        artifacts=around.store,
        journal=journal,
        effect_io=around.effect_io,
        batch_size=manifest.configuration.batch_size,
        observer=around.observer,
    )
    ending = await driver.drive(_load_inputs(program, manifest))
    return RunOutcome(
        run=journal.run,
        outcome="completed" if ending.error is None else "failed",
        output=ending.output,
        error=ending.error,
        snapshot=Digest(journal.snapshot),
        events=journal.head,
    )


def load_program(store: Store, digest: str) -> Program:
    """The program that a run began with.

    It was validated then; now its bytes and its shape are checked and its meaning is not, since a validator
    that has become stricter must not strand a run.
    Raises DiagnosticError when its artifact is missing, corrupt, or no document.
    """
    return compile_document(read_artifact(store, digest, Document))


def _store_inputs(program: Program, op: str, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The inputs in stored form. Raises DiagnosticError with all problems of them."""
    if op not in program.ops:
        raise E_OP_UNKNOWN.error(op=op, known=", ".join(program.ops))
    parameters = {p.name: p for p in program.ops[op].op.parameters}
    names = ", ".join(parameters) or "none"
    problems = [
        E_INPUT_UNKNOWN.at(None, op=op, name=name, names=names) for name in inputs if name not in parameters
    ]
    stored: dict[str, JsonValue] = {}
    for name, parameter in parameters.items():
        if name not in inputs:
            if not parameter.default:
                problems.append(E_INPUT_MISSING.at(None, op=op, name=name, type=parameter.type))
            continue
        kind = parse_type(parameter.type)
        try:
            value = program.codec.decode(kind, inputs[name], f"/{name}", is_input=True)
            stored[name] = program.codec.encode(kind, value)
        except DiagnosticError as error:
            problems += error.diagnostics
    if problems:
        raise DiagnosticError(problems)
    return stored


def _load_inputs(program: Program, manifest: Manifest) -> dict[str, Value]:
    parameters = {p.name: parse_type(p.type) for p in program.ops[manifest.op].op.parameters}
    return {
        name: program.codec.decode(parameters[name], stored, JsonPointer(f"/inputs/{name}"))
        for name, stored in manifest.inputs.items()
    }


def _refuse_unknown_outcomes(program: Program, history: History) -> None:
    """Refuse to repeat a side effect that must not happen twice, was begun, and may have happened."""
    verbs = {site.state: site.verb for site in program.sites}
    problems = [
        E_OUTCOME_UNKNOWN.at(None, verb=verb.name, state=state, instance=instance)
        for (state, instance), known in history.states.items()
        for verb in (verbs.get(state),)  # type: ignore[call-overload]
        if verb is not None and not verb.is_idempotent and known.is_open and known.fact is None
    ]
    if problems:
        raise DiagnosticError(problems)
