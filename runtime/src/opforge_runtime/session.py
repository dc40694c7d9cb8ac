"""One session of a run, whoever drives it: a live engine, a replay, or a test with a fixture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.command import E_OP_UNKNOWN
from opforge_ir.codes.execution import E_INPUT_MISSING, E_INPUT_UNKNOWN
from opforge_ir.diagnostics import Diagnostic, DiagnosticError, JsonPointer
from opforge_ir.digest import Digest
from opforge_ir.document import Document
from opforge_ir.events import Manifest, Output
from opforge_ir.ids import RunId
from opforge_ir.types import parse_type
from opforge_ir.values import Value
from opforge_runtime.driver import Driver, Durability
from opforge_runtime.effect_io.port import EffectSession
from opforge_runtime.history import History
from opforge_runtime.interpreter import Program, compile_document
from opforge_runtime.journal import Journal, Observer, SilentObserver
from opforge_runtime.leases import LeaseKeeper
from opforge_runtime.limits import build_limits
from opforge_runtime.memory_guard import MemoryGuard
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import ArtifactStore
from opforge_runtime.waits import WaitIo

__all__ = ["RunOutcome", "Session", "drive_session", "load_inputs", "load_program", "store_inputs"]


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a session left its run."""

    run: RunId
    outcome: Literal["completed", "failed", "cancelled", "queued", "sleeping", "waiting", "needs_resolution"]
    """The last four are not the end of the run."""
    output: Output | None
    """What a completed run returned, in stored form."""
    error: Diagnostic | None
    """Why a failed or cancelled run ended, with the pointer of its node, or what needs a person."""
    snapshot: Digest
    """The last snapshot."""
    events: int
    due_at_epoch_ms: int | None = None
    """When a sleeping or waiting run is due at the latest."""


@dataclass(frozen=True, slots=True)
class Session:
    """What a session is driven with; nothing of it is owned by the session."""

    program: Program
    manifest: Manifest
    journal: Journal
    artifacts: ArtifactStore
    effects: EffectSession
    waits: WaitIo
    history: History | None = None
    """What earlier sessions recorded; None for the first one."""
    keeper: LeaseKeeper | None = None
    guard: MemoryGuard | None = None
    durability: Durability = "strict"
    observer: Observer = field(default_factory=SilentObserver)


async def drive_session(session: Session) -> RunOutcome:
    """Drive a run to its end, or to a wait. Raises DiagnosticError as `Driver.drive` does."""
    history, journal = session.history, session.journal
    driver = Driver(
        session.program,
        session.manifest.op,
        states=history.states if history else {},
        cancellation=history.cancellation if history else None,
        artifacts=session.artifacts,
        journal=journal,
        effect_io=session.effects,
        wait_io=session.waits,
        keeper=session.keeper,
        limits=build_limits(session.manifest.configuration),
        durability=session.durability,
        guard=session.guard,
        observer=session.observer,
    )
    ending = await driver.drive(load_inputs(session.program, session.manifest))
    return RunOutcome(
        run=journal.run,
        outcome=ending.status,
        output=ending.output,
        error=ending.error,
        snapshot=Digest(journal.snapshot),
        events=journal.head,
        due_at_epoch_ms=ending.due_at_epoch_ms,
    )


def load_program(store: ArtifactStore, digest: str) -> Program:
    """The program that a run began with.

    It was validated then; now its bytes and its shape are checked and its meaning is not, since a validator
    that has become stricter must not strand a run.
    Raises DiagnosticError when its artifact is missing, corrupt, or no document.
    """
    return compile_document(read_artifact(store, digest, Document))


def store_inputs(program: Program, op: str, inputs: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The inputs that a person gave, in stored form. Raises DiagnosticError with all problems of them."""
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


def load_inputs(program: Program, manifest: Manifest) -> dict[str, Value]:
    """The inputs of a run as values. Raises DiagnosticError when one is not of its parameter's type."""
    parameters = {p.name: parse_type(p.type) for p in program.ops[manifest.op].op.parameters}
    return {
        name: program.codec.decode(parameters[name], stored, JsonPointer(f"/inputs/{name}"))
        for name, stored in manifest.inputs.items()
    }
