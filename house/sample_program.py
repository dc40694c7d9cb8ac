"""A small program that reads, fans out and has side effects, for tests of how runs are driven."""

from __future__ import annotations

from house.documents import (
    Json,
    apply,
    build_document,
    build_op,
    effect,
    lit,
    map_node,
    ref,
    return_node,
    yield_node,
)
from house.scripted_io import RUN
from opforge_ir.codes.transport import E_RPC_TIMEOUT, E_RPC_UNREACHABLE
from opforge_ir.events import Envelope
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import read_run
from opforge_runtime.stores import Store

__all__ = ["TIMEOUT", "UNREACHABLE", "answer", "read_envelopes", "read_types", "squares"]

TIMEOUT = EffectFailure(E_RPC_TIMEOUT, {"network": "devnet", "timeout_ms": 5})
UNREACHABLE = EffectFailure(E_RPC_UNREACHABLE, {"network": "devnet"})


def squares(*, retries: int = 0, log: bool = True, concurrency: int = 0) -> Json:
    """Draws a number for each input at once, says so for each, and returns the sums."""
    body = [effect("drawn", "random.integer", "int", low=lit("int", "0"), high=ref("n"))]
    if log:
        body.append(effect("log-info", "log.info", "None", message=apply("int.str", ref("drawn"))))
    body.append(yield_node(apply("int.mul", ref("drawn"), ref("drawn"))))
    main = build_op(
        "list[int]",
        [
            effect("now", "time.now", "int"),
            map_node("xs", "list[int]", ref("ns"), {"n": "int"}, body),
            return_node(ref("xs")),
        ],
        {"ns": "list[int]"},
        retries=retries,
        concurrency=concurrency,
    )
    return build_document({"main": main})


def answer(attempt: Attempt) -> Answer:
    match attempt.request.site.verb.name:
        case "time.now":
            return 1_700_000_000
        case "random.integer":
            return attempt.request.arguments["high"]
        case _:
            return None


def read_envelopes(store: Store) -> list[Envelope]:
    """The run's events, verified."""
    return [event.envelope for event in read_run(store, RUN)]


def read_types(store: Store) -> list[str]:
    """The types of the run's events."""
    return [envelope.event.type for envelope in read_envelopes(store)]
