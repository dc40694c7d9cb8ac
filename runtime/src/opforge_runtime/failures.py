"""The failure of an effect, as a value: what a transport returns in place of an answer."""

from __future__ import annotations

from dataclasses import dataclass

from opforge_ir.codes import load_registry
from opforge_ir.diagnostics import Code, Diagnostic, FieldValue, JsonPointer
from opforge_ir.events import ErrorRecord

__all__ = ["EffectFailure", "build_diagnostic"]


@dataclass(frozen=True, slots=True)
class EffectFailure:
    """Why an effect has no answer: a registered code and the values of its fields.

    It is recorded and printed, so its fields hold no secret: no endpoint's URL, no key, no header.
    """

    code: Code
    fields: dict[str, FieldValue]

    def diagnostic(self) -> Diagnostic:
        """The failure as a diagnostic without a place.

        Raises ValueError when the fields are not exactly those of the code: a mistake of ours.
        """
        return self.code.at(None, **self.fields)


def build_diagnostic(record: ErrorRecord, pointer: JsonPointer | None = None) -> Diagnostic:
    """A recorded error as it is shown."""
    return Diagnostic(load_registry()[record.code], dict(record.fields), pointer=pointer)
