"""Validating an op file or an IR document: every problem in one run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from opforge_compiler.emit import Emission, emit_file
from opforge_compiler.sources import read_document_bytes
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.collection import collection_paused
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.jsontext import read_json

__all__ = ["Validation", "validate_file"]


@dataclass(frozen=True, slots=True)
class Validation:
    """What is known of a file after validating it."""

    source: Literal["program", "document"]
    digest: Digest | None
    """The IR's digest, when the file could be read as one."""
    document: JsonValue
    """The document, or None when there is none."""
    diagnostics: list[Diagnostic]
    emission: Emission | None = None
    """What the program compiled to, when it is one and did."""

    @property
    def is_valid(self) -> bool:
        """Whether nothing was found that is an error."""
        return all(d.code.severity != "error" for d in self.diagnostics)


def validate_file(path: Path) -> Validation:
    """Validate an op file (`.py`) or an IR document (any other name)."""
    if path.suffix == ".py":
        return _validate_program(path)
    from opforge_ir.validation import validate_document

    with collection_paused():
        try:
            document = read_json(read_document_bytes(path))
            digest = digest_bytes(canonical_bytes(document))
        except DiagnosticError as error:
            return Validation("document", None, None, error.diagnostics)
        return Validation("document", digest, document, validate_document(document))


def _validate_program(path: Path) -> Validation:
    # The front end validates what it emits.
    try:
        emission = emit_file(path)
    except DiagnosticError as error:
        return Validation("program", None, None, error.diagnostics)
    return Validation("program", emission.digest, emission.document, emission.warnings, emission)
