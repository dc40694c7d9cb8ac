"""Codes for triggers: E1050 to E1054 in the author's source, E0360 to E0368 in a document."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

# --- in the author's source ---------------------------------------------------------------------

E_TRIGGER_ARGUMENT: Final = Code(
    "E1050",
    "E_TRIGGER_ARGUMENT",
    "source",
    "{argument} of @on.{kind} is not right: {reason}",
    "write it as a constant, such as `{example}`",
)
E_TRIGGER_WITHOUT_OP: Final = Code(
    "E1051",
    "E_TRIGGER_WITHOUT_OP",
    "source",
    "@on.{kind} starts nothing: {name} is not an op",
    "put `@op` beside it, or delete it",
)
E_TRIGGER_PARAMETER: Final = Code(
    "E1052",
    "E_TRIGGER_PARAMETER",
    "source",
    "@on.{kind} has nothing for the parameter {name}: {reason}",
    "give the parameter a default, or take what the trigger has: {given}",
)
E_TRIGGER_REPEATED: Final = Code(
    "E1053",
    "E_TRIGGER_REPEATED",
    "source",
    "the op is started by the same trigger on line {line}",
    "delete one of the two",
)

# --- in a document ------------------------------------------------------------------------------

E_CRON_EXPRESSION: Final = Code(
    "E0360",
    "E_CRON_EXPRESSION",
    "document",
    "{expression} is not a cron expression: {reason}",
    "write minute, hour, day of the month, month and day of the week, such as `30 8 * * 1-5`",
)
E_TIME_ZONE: Final = Code(
    "E0361",
    "E_TIME_ZONE",
    "document",
    "{name} is not a name of the IANA time zone database",
    "write a name such as Europe/Berlin, or UTC",
)
E_TRIGGER_CONFIRMATIONS: Final = Code(
    "E0362",
    "E_TRIGGER_CONFIRMATIONS",
    "document",
    "confirmations are counted from the tag {tag}, which needs none",
    "write 0, or the tag latest",
)
E_TRIGGER_ADDRESSES: Final = Code(
    "E0363",
    "E_TRIGGER_ADDRESSES",
    "document",
    "the addresses of the trigger are not in order, repeat one, or hold any beside others",
    "sort the addresses, keep each once, and write any alone or not at all",
)
E_EVENT_TOPIC: Final = Code(
    "E0364",
    "E_EVENT_TOPIC",
    "document",
    "the topic of {signature} is {expected}, not {found}",
    "write {expected}, or correct the inputs",
)
E_EVENT_INPUT: Final = Code(
    "E0365",
    "E_EVENT_INPUT",
    "document",
    "the event {event} cannot have this input: {reason}",
    "write the inputs as the contract's ABI has them",
)
E_TRIGGER_VALUE: Final = Code(
    "E0366",
    "E_TRIGGER_VALUE",
    "document",
    "the trigger cannot pass {value} to {parameter}: {reason}",
    "pass a value to a parameter of its type, or leave it out",
)
E_TRIGGER_INCOMPLETE: Final = Code(
    "E0367",
    "E_TRIGGER_INCOMPLETE",
    "document",
    "the trigger passes nothing to {parameter}, which has no default",
    "pass a value, or give the parameter a default",
)
E_TRIGGER_TWICE: Final = Code(
    "E0368",
    "E_TRIGGER_TWICE",
    "document",
    "this trigger stands in the list twice",
    "remove one of the two",
)
