"""What people outside say to a run: a signal that it waits for, or that it is to end.

A message is kept durably in the run's inbox. Whoever drives the run reads it, at its next boundary or while
it waits.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.command import E_REASON_EMPTY, E_SIGNAL_UNKNOWN
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_ir.types import Type
from opforge_runtime.queries.summary import get_record
from opforge_runtime.session import load_program
from opforge_runtime.stores.protocol import Message, Store

__all__ = ["SIGNAL_VERB", "request_cancel", "send_signal"]

SIGNAL_VERB: Final = "signal.wait"


def request_cancel(store: Store, run: RunId, reason: str, message_id: str) -> int:
    """Ask that a run ends at its next boundary; returns the message's position.

    Raises DiagnosticError: E_REASON_EMPTY, E_RUN_UNKNOWN, E_RUN_FINISHED.
    """
    if not reason.strip():
        raise E_REASON_EMPTY.error()
    return store.post_message(run, Message("cancel", "", canonical_bytes(reason), message_id))


def send_signal(store: Store, run: RunId, name: str, value: JsonValue, message_id: str) -> tuple[int, Type]:
    """Send a signal with a value that a person wrote; returns the message's position and the value's type.

    It need not be waited for yet. Raises DiagnosticError: E_RUN_UNKNOWN, E_SIGNAL_UNKNOWN when the program of
    the run waits for no signal of that name, E_VALUE_MISMATCH when the value is not of the type that it waits
    for, E_RUN_FINISHED.
    """
    program = load_program(store, get_record(store, run).opening.ir)
    waits = [site for site in program.sites if site.verb.name == SIGNAL_VERB]
    kinds = [site.type for site in waits if site.static["name"] == name]
    if not kinds:
        known = sorted({site.static["name"] for site in waits})
        raise E_SIGNAL_UNKNOWN.error(run=run, name=name[:80], known=", ".join(known) or "none")
    refusal: DiagnosticError | None = None
    for kind in dict.fromkeys(kinds):
        try:
            stored = program.codec.encode(kind, program.codec.decode(kind, value, "/value", is_input=True))
        except DiagnosticError as error:
            refusal = refusal or error
            continue
        message = Message("signal", name, canonical_bytes(stored), message_id)
        return store.post_message(run, message), kind
    assert refusal is not None
    raise refusal
