"""What starts an op, as lines that stand above it."""

from __future__ import annotations

from opforge_ir.document import BlockTrigger, CronTrigger, LogTrigger, ManualTrigger, MessageTrigger, Trigger

__all__ = ["render_trigger"]


def render_trigger(trigger: Trigger) -> str:
    """The trigger as one line."""
    match trigger:
        case BlockTrigger():
            which = "every block" if trigger.every == 1 else f"every {trigger.every}th block"
            said = f"{which} of {trigger.network}, {_finality(trigger)}, missed: {trigger.missed}"
        case LogTrigger():
            said = f"{_event(trigger)}, {_finality(trigger)}, missed: {trigger.missed}"
        case CronTrigger():
            said = f'cron "{trigger.expression}" {trigger.timezone}, missed: {trigger.missed}'
        case MessageTrigger():
            said = f"message {trigger.topic}"
        case ManualTrigger():
            return "on manual"
    passes = ", ".join(f"{name}={value}" for name, value in sorted(trigger.passes.items()))
    return f"on {said}{f' -> {passes}' if passes else ''}"


def _finality(trigger: BlockTrigger | LogTrigger) -> str:
    return f"{trigger.confirmations} confirmations" if trigger.confirmations else trigger.tag


def _event(trigger: LogTrigger) -> str:
    inputs = ",".join(f"{i.abi} indexed" if i.place == "topic" else i.abi for i in trigger.inputs)
    source = "any contract" if trigger.addresses == ["any"] else " ".join(trigger.addresses)
    return f"log {trigger.event}({inputs}) [{trigger.topic}] of {source} on {trigger.network}"
