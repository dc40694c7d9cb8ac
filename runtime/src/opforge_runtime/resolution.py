"""Saying what became of a side effect that must not happen twice and whose outcome was not recorded.

A person has looked at the other side. What they found is an event like any other, written under the run's
lease, so that nobody drives the run meanwhile; the next session goes on from it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.command import E_NOT_IN_DOUBT, E_REASON_EMPTY, E_RESOLUTION_VALUE
from opforge_ir.codes.store import E_RUN_FINISHED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.events import AttemptResolved, Fact, Manifest
from opforge_ir.ids import RunId
from opforge_runtime.exploration import find_request
from opforge_runtime.history import History, read_history
from opforge_runtime.interpreter import EffectRequest, Program
from opforge_runtime.journal import MAX_ATTACHMENT_BYTES
from opforge_runtime.leases import DEFAULT_LEASE_MS, take_lease
from opforge_runtime.queries.summary import get_record
from opforge_runtime.sealing import seal_event
from opforge_runtime.session import load_program
from opforge_runtime.stores.artifacts import read_artifact, seal_artifact
from opforge_runtime.stores.protocol import Append, Lease, SealedArtifact, Standing, Store

__all__ = ["Decision", "resolve_attempt"]

Decision = Literal["done", "retry", "failed"]


def resolve_attempt(
    store: Store,
    run: RunId,
    state: str,
    instance: str,
    decision: Decision,
    reason: str,
    *,
    answer: JsonValue | None = None,
    clock: Callable[[], int],
    owner: str,
) -> None:
    """Record a decision about the last attempt of a state; the run is queued then.

    `done` takes the `answer` that the side effect gave, as a person writes it; the others take none.
    Raises DiagnosticError: E_REASON_EMPTY, E_RESOLUTION_VALUE, E_NOT_IN_DOUBT with what holds instead,
    E_VALUE_MISMATCH, E_RUN_UNKNOWN, E_RUN_FINISHED, E_RUN_LEASED while somebody drives the run, and what a
    corrupt event or artifact raises.
    """
    if not reason.strip():
        raise E_REASON_EMPTY.error()
    lease = take_lease(store, run, owner, DEFAULT_LEASE_MS)
    try:
        history = read_history(store, run)
        if history.end is not None:
            raise E_RUN_FINISHED.error(run=run, outcome=history.end.outcome)
        manifest = read_artifact(store, history.start.manifest, Manifest)
        program = load_program(store, manifest.ir)
        _check_doubt(program, history, state, instance)
        request = find_request(store, program, manifest, history, state, instance)
        if request is None:
            problem = "the program does not get there with the answers that were recorded"
        elif request.is_repeatable:
            problem = f"this {request.site.verb.name} may be made again, so a resume makes it again"
        else:
            problem = ""
        if request is None or problem:
            raise _build_refusal(run, state, instance, problem)
        fact = _build_fact(program, request, decision, answer)
        event = AttemptResolved(
            type="attempt_resolved",
            state=state,
            instance=instance,
            attempt=history.states[state, instance].attempts,
            decision=decision,
            reason=reason,
            fact=[each.digest for each in fact],
        )
        _append(store, lease, history, event, fact, clock())
    except BaseException:
        store.release_lease(lease)
        raise


def _check_doubt(program: Program, history: History, state: str, instance: str) -> None:
    """Refuse an attempt whose outcome is known, or does not matter.

    Raises DiagnosticError (E_NOT_IN_DOUBT).
    """
    site = next((site for site in program.sites if site.state == state), None)
    known = history.states.get((state, instance))
    if site is None:
        problem = "the program has no such state"
    elif known is None:
        problem = "the run has not entered it"
    elif known.is_completed or known.fact is not None:
        problem = "its answer was recorded"
    elif not known.is_open:
        problem = "its last attempt has failed"
    elif site.verb.effect != "side_effect":
        problem = f"{site.verb.name} changes nothing outside, so a resume makes it again"
    elif known.is_retry_allowed:
        problem = "it was resolved as retry already"
    else:
        return
    raise _build_refusal(history.run, state, instance, problem)


def _build_refusal(run: RunId, state: str, instance: str, problem: str) -> DiagnosticError:
    return E_NOT_IN_DOUBT.error(run=run, state=state[:200], instance=instance[:200], problem=problem)


def _build_fact(
    program: Program, request: EffectRequest, decision: Decision, answer: JsonValue | None
) -> list[SealedArtifact]:
    """The fact of what was done; none for another decision. Raises DiagnosticError."""
    if decision != "done":
        if answer is not None:
            raise E_RESOLUTION_VALUE.error(decision=decision, problem="takes no value")
        return []
    site = request.site
    if answer is None and site.type.text != "None":
        problem = f"needs the answer, a value of type {site.type.text}"
        raise E_RESOLUTION_VALUE.error(decision=decision, problem=problem)
    codec = program.codec
    stored = codec.encode(site.type, codec.decode(site.type, answer, "/value", is_input=True))
    return [
        seal_artifact(
            Fact(
                artifact="fact",
                state=site.state,
                instance=request.instance,
                request=request.digest(codec),
                value=stored,
            )
        )
    ]


def _append(
    store: Store,
    lease: Lease,
    history: History,
    event: AttemptResolved,
    fact: list[SealedArtifact],
    now_epoch_ms: int,
) -> None:
    attached = [each.content for each in fact if len(each.content) <= MAX_ATTACHMENT_BYTES]
    sealed = seal_event(
        history.run, history.head + 1, history.previous, event, attached[0] if attached else b""
    )
    append = Append(
        lease=lease,
        expected_head=history.head,
        events=[sealed],
        artifacts=[] if attached else fact,
        standing=Standing("queued", messages_read=get_record(store, history.run).standing.messages_read),
        recorded_at_epoch_ms=now_epoch_ms,
    )
    (refusal,) = store.append([append])
    if refusal is not None:
        raise refusal
