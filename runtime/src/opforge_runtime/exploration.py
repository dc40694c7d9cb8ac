"""What a run asks where it stands: its program runs again with the recorded answers, and nothing is asked."""

from __future__ import annotations

from opforge_ir.canonical import JsonValue
from opforge_ir.codes import load_registry
from opforge_ir.codes.driving import E_RUN_CANCELLED
from opforge_ir.events import Fact, Manifest
from opforge_ir.ids import RunId
from opforge_ir.values import Value
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import History, StateHistory, read_history
from opforge_runtime.interpreter import EffectRequest, Execution, Program, ProgramError
from opforge_runtime.limits import build_limits
from opforge_runtime.recall import NOT_SETTLED
from opforge_runtime.session import load_inputs, load_program
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import ArtifactStore, Store

__all__ = ["find_request", "get_arguments"]


def get_arguments(store: Store, run: RunId, state: str, instance: str) -> dict[str, JsonValue] | None:
    """What a state of a run asks with, as stored values by name; None when the run does not get there.

    Raises DiagnosticError: E_RUN_UNKNOWN, and what a corrupt event or artifact raises.
    """
    history = read_history(store, run)
    manifest = read_artifact(store, history.start.manifest, Manifest)
    program = load_program(store, manifest.ir)
    request = find_request(store, program, manifest, history, state, instance)
    return None if request is None else request.encode_arguments(program.codec)


def find_request(
    store: ArtifactStore, program: Program, manifest: Manifest, history: History, state: str, instance: str
) -> EffectRequest | None:
    """The request that a state of a run makes, with its arguments; None when the run does not get there.

    Raises DiagnosticError when an artifact is missing or corrupt.
    """
    limits = build_limits(manifest.configuration)
    execution = Execution(program, manifest.op, load_inputs(program, manifest), max_steps=limits.max_steps)
    cancellation = history.cancellation
    try:
        requests = execution.start()
        while requests:
            for request in requests:
                if (request.site.state, request.instance) == (state, instance):
                    return request
            answers = [_recall(store, program, request, history) for request in requests]
            if all(answer is not None for answer in answers):
                requests = execution.resume([answer for (answer,) in filter(None, answers)])
            elif cancellation is not None:
                # It took hold here: what follows undoes the run.
                requests = execution.cancel(E_RUN_CANCELLED, reason=cancellation)
                cancellation = None
            else:
                return None
    except ProgramError:
        pass
    return None


def _recall(
    store: ArtifactStore, program: Program, request: EffectRequest, history: History
) -> tuple[Value | EffectFailure] | None:
    """What the history answers. The run went on, so a failure that it holds last was settled."""
    known = history.states.get((request.site.state, request.instance), StateHistory())
    if known.fact is not None:
        fact = read_artifact(store, known.fact, Fact, known.content)
        return (program.codec.decode(request.site.type, fact.value),)
    if known.error is not None and known.error.code not in NOT_SETTLED:
        return (EffectFailure(load_registry()[known.error.code], dict(known.error.fields)),)
    return None
