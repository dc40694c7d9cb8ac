"""What every refusal of Opforge is made of: a registered code, typed fields, and a place.

A `Code` is permanent: its number, name, severity, category and field names never change within a
major version, so other people's CI may depend on them. The message text is presentation and may
change. A `Diagnostic` is one use of a code; `DiagnosticError` carries one or more of them through
our own layers, and only the command line turns it into text and an exit status.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, NewType, TypedDict

__all__ = [
    "Category",
    "Code",
    "Diagnostic",
    "DiagnosticError",
    "DiagnosticJson",
    "Edit",
    "FieldValue",
    "JsonPointer",
    "Severity",
    "Span",
    "SpanJson",
]

Severity = Literal["error", "warning", "note"]
Category = Literal["reader", "document", "source", "execution", "store", "command", "internal"]
FieldValue = str | int
JsonPointer = NewType("JsonPointer", str)
"""A JSON Pointer (RFC 6901); the empty string names the whole document."""

_FIELD = re.compile(r"\{([a-z_]+)\}")


class Span(NamedTuple):
    """A range of the author's source.

    `path` is relative to the project root, with forward slashes. Lines count from 1; columns count
    Unicode code points from 1; `end_column` is exclusive. Each part of a program has one, and a tuple
    is the record that is made fastest.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the error-code registry."""

    number: str
    """`E` and four digits; permanent."""
    name: str
    """`E_` and words in upper case; permanent, names what is wrong."""
    category: Category
    template: str
    """The message, with `{field}` for each field it shows."""
    fix: str
    """What the reader should do; may use the same fields."""
    severity: Severity = "error"

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that a diagnostic of this code carries, in order of first use."""
        return tuple(dict.fromkeys(_FIELD.findall(self.template + " " + self.fix)))

    def at(self, place: Span | JsonPointer | None = None, /, **fields: FieldValue) -> Diagnostic:
        """Build a diagnostic of this code at a place of the source or of a document.

        Raises ValueError when the fields are not exactly those of the code: a mistake of ours.
        """
        if set(fields) != set(self.fields):
            raise ValueError(f"{self.name} takes the fields {self.fields}, got {tuple(fields)}")
        span = place if isinstance(place, Span) else None
        pointer = place if isinstance(place, str) else None
        return Diagnostic(
            code=self, values=fields, span=span, pointer=JsonPointer(pointer) if pointer is not None else None
        )

    def error(self, place: Span | JsonPointer | None = None, /, **fields: FieldValue) -> DiagnosticError:
        """Build an exception that carries one diagnostic of this code."""
        return DiagnosticError([self.at(place, **fields)])


class Edit(NamedTuple):
    """A change of the author's source that mends a problem with certainty."""

    span: Span
    """What is replaced; empty where something is inserted."""
    text: str


class SpanJson(TypedDict):
    """The JSON form of a `Span`."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int


class EditJson(TypedDict):
    """The JSON form of an `Edit`."""

    span: SpanJson
    text: str


class DiagnosticJson(TypedDict, total=False):
    """The JSON form of a diagnostic; `schema/diagnostic.schema.json` is its published schema."""

    code: str
    name: str
    severity: Severity
    category: Category
    message: str
    fix: str
    fields: dict[str, FieldValue]
    span: SpanJson
    pointer: str
    source_line: str
    edits: list[EditJson]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem: a code, the values of its fields, and where it is."""

    code: Code
    values: dict[str, FieldValue] = field(default_factory=dict[str, FieldValue])
    span: Span | None = None
    pointer: JsonPointer | None = None
    source_line: str | None = None
    """The author's line that `span` starts on, without its line end, when it is known."""
    edits: tuple[Edit, ...] = ()
    """What mends it, where that is certain; `forge validate --fix` makes these changes."""

    @property
    def message(self) -> str:
        """The code's template with this diagnostic's values."""
        return self._fill(self.code.template)

    @property
    def fix(self) -> str:
        """The code's advice with this diagnostic's values."""
        return self._fill(self.code.fix)

    def with_span(self, span: Span, source_line: str | None = None) -> Diagnostic:
        """The same diagnostic, tied to a place in the author's source."""
        return replace(self, span=span, source_line=source_line)

    def to_json(self) -> DiagnosticJson:
        """The published JSON form (`schema/diagnostic.schema.json`)."""
        out: DiagnosticJson = {
            "code": self.code.number,
            "name": self.code.name,
            "severity": self.code.severity,
            "category": self.code.category,
            "message": _escape(self.message),
            "fix": _escape(self.fix),
            "fields": {
                name: _escape(value) if isinstance(value, str) else value
                for name, value in self.values.items()
            },
        }
        if self.span is not None:
            out["span"] = _span_json(self.span)
        if self.pointer is not None:
            out["pointer"] = self.pointer
        if self.source_line is not None:
            out["source_line"] = self.source_line
        if self.edits:
            out["edits"] = [EditJson(span=_span_json(edit.span), text=edit.text) for edit in self.edits]
        return out

    def _fill(self, template: str) -> str:
        return _FIELD.sub(lambda match: str(self.values[match.group(1)]), template)


def _escape(text: str) -> str:
    """A text that UTF-8 can express: what a command line or file name holds need not be one."""
    return text if text.isascii() else text.encode(errors="backslashreplace").decode()


def _span_json(span: Span) -> SpanJson:
    return SpanJson(
        path=span.path,
        line=span.line,
        column=span.column,
        end_line=span.end_line,
        end_column=span.end_column,
    )


class DiagnosticError(Exception):
    """The input, the state or the environment was refused, for one or more stated reasons."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        if not diagnostics:
            raise ValueError("a DiagnosticError needs at least one diagnostic")
        super().__init__("; ".join(f"{d.code.name}: {d.message}" for d in diagnostics))
        self.diagnostics = diagnostics
