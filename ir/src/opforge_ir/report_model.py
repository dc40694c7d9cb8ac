"""The shape of what every command answers with `--json`: `schema/command-report.schema.json`."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from opforge_ir.diagnostics import Category, FieldValue, Severity

__all__ = ["CommandReport", "DiagnosticModel", "SpanModel"]


class SpanModel(BaseModel):
    """A range of the author's source; lines and columns count from 1, `end_column` is exclusive."""

    model_config = ConfigDict(extra="forbid", strict=True)

    path: str
    line: int = Field(ge=1)
    column: int = Field(ge=1)
    end_line: int = Field(ge=1)
    end_column: int = Field(ge=1)


class EditModel(BaseModel):
    """A change of the author's source that mends the problem: the text in `span` becomes `text`."""

    model_config = ConfigDict(extra="forbid", strict=True)

    span: SpanModel
    text: str


class DiagnosticModel(BaseModel):
    """One problem. Code, name, severity, category and the names of fields are stable; texts are not."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: str = Field(pattern=r"^E[0-9]{4}$")
    name: str = Field(pattern=r"^E_[A-Z0-9_]+$")
    severity: Severity
    category: Category
    message: str
    fix: str
    fields: dict[str, FieldValue]
    span: SpanModel | None = None
    """Where in the author's source; absent when unknown."""
    pointer: str | None = None
    """Where in the document (RFC 6901); absent when unknown."""
    source_line: str | None = None
    """The line that the span starts on; absent when unknown."""
    edits: list[EditModel] | None = None
    """What mends it, where that is certain; absent otherwise."""


class CommandReport(BaseModel):
    """The answer of one command."""

    model_config = ConfigDict(extra="forbid", strict=True)

    artifact: Literal["command-report"]
    opforge: str
    """The version of the program that answered."""
    command: str
    ok: bool
    exit_code: int = Field(ge=0, le=255)
    result: JsonValue
    """What the command found; null when it found nothing but problems."""
    diagnostics: list[DiagnosticModel]
