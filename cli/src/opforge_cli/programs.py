"""What `run` and `resume` are given: a program, an op of it, and inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from opforge_compiler.check import validate_file
from opforge_compiler.emit import Emission
from opforge_compiler.sources import read_document_bytes
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.command import E_INPUT_NOT_OBJECT, E_OP_AMBIGUOUS, E_OP_UNKNOWN
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.document import Document
from opforge_ir.jsontext import read_json

__all__ = ["Loaded", "choose_op", "load_program_file", "read_inputs", "read_value"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid program: its canonical bytes and its document."""

    canonical: bytes
    document: Document
    emission: Emission | None
    """What it was compiled from, when it is an op file."""

    def locate(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic about a place of the document, with the author's line where that is known."""
        return diagnostic if self.emission is None else self.emission.locate(diagnostic)


def load_program_file(path: Path) -> Loaded:
    """Compile an op file or read an IR. Raises DiagnosticError with every problem found."""
    validation = validate_file(path)
    if not validation.is_valid:
        raise DiagnosticError(validation.diagnostics)
    canonical = canonical_bytes(validation.document)
    return Loaded(canonical, Document.model_validate(validation.document), validation.emission)


def choose_op(document: Document, name: str | None) -> str:
    """The op that is meant; without a name, the only one. Raises DiagnosticError."""
    known = ", ".join(sorted(document.ops))
    if name is None:
        if len(document.ops) != 1:
            raise E_OP_AMBIGUOUS.error(known=known or "none")
        return next(iter(document.ops))
    if name not in document.ops:
        raise E_OP_UNKNOWN.error(op=name[:80], known=known or "none")
    return name


def read_inputs(text: str) -> dict[str, JsonValue]:
    """The inputs that `--input` gives: a JSON object, or `@` and the path of a file with one.

    Raises DiagnosticError: the file cannot be read, the JSON is refused, or it is no object.
    """
    value = read_value(text)
    if not isinstance(value, dict):
        raise E_INPUT_NOT_OBJECT.error()
    return dict(value)


def read_value(text: str) -> JsonValue:
    """The JSON that an option gives: the text itself, or `@` and the path of a file that holds it.

    Raises DiagnosticError: the file cannot be read, or the JSON is refused.
    """
    data = (
        read_document_bytes(Path(text[1:])) if text.startswith("@") else text.encode("utf-8", "surrogatepass")
    )
    return read_json(data)
