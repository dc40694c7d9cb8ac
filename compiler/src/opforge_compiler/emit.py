"""From an op file to its IR: bytes, digest and source map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from opforge_compiler.sources import DiskSources, read_document_bytes
from opforge_ir.canonical import JsonValue, canonical_bytes, review_bytes
from opforge_ir.codes.command import E_FILE_UNREADABLE, E_IR_STALE
from opforge_ir.collection import collection_paused
from opforge_ir.diagnostics import Diagnostic, DiagnosticError, JsonPointer, Span
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.jsontext import read_json

if TYPE_CHECKING:
    from opforge._frontend import SourceMap

__all__ = ["Emission", "check_committed", "emit_file"]


@dataclass(frozen=True, slots=True)
class Emission:
    """What one op file compiles to."""

    document: JsonValue
    canonical: bytes
    digest: Digest
    source_map: SourceMap
    warnings: list[Diagnostic]
    sources: DiskSources
    """The files that it was compiled from."""

    @property
    def review(self) -> bytes:
        """The review form: what is committed."""
        return review_bytes(self.document)

    def locate(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic about a place of the document, with the author's line where that is known."""
        return _locate(diagnostic, self.source_map, self.sources)

    def quote(self, pointer: JsonPointer) -> tuple[Span, str | None] | None:
        """Where a part of the document came from, with the line that the place starts on; None if unknown."""
        return _quote(pointer, self.source_map, self.sources)


def _locate(diagnostic: Diagnostic, source_map: SourceMap, sources: DiskSources) -> Diagnostic:
    if diagnostic.span is not None or diagnostic.pointer is None:
        return diagnostic
    found = _quote(diagnostic.pointer, source_map, sources)
    return diagnostic if found is None else diagnostic.with_span(*found)


def _quote(
    pointer: JsonPointer, source_map: SourceMap, sources: DiskSources
) -> tuple[Span, str | None] | None:
    span = source_map.lookup(pointer)
    if span is None:
        return None
    source = sources.read(span.path)
    lines = [] if source is None else source.decode("utf-8-sig").splitlines()
    return span, lines[span.line - 1] if span.line <= len(lines) else None


def emit_file(path: Path) -> Emission:
    """Compile an op file; imports are resolved below the folder that it stands in.

    Raises DiagnosticError with every problem found. Reads files, runs nothing of them.
    """
    from opforge._frontend import compile_program

    if not path.is_file():
        raise E_FILE_UNREADABLE.error(path=str(path), reason="there is no such file")
    sources = DiskSources(path.parent)
    with collection_paused():
        compilation = compile_program(path.name, sources)
        if compilation.document is None:
            raise DiagnosticError(compilation.diagnostics)
        document = cast(JsonValue, compilation.document)
        try:
            canonical = canonical_bytes(document)
        except DiagnosticError as error:
            # A document can nest deeper than the source that it was made from.
            found = [_locate(each, compilation.source_map, sources) for each in error.diagnostics]
            raise DiagnosticError(found) from error
    return Emission(
        document,
        canonical,
        digest_bytes(canonical),
        compilation.source_map,
        list(compilation.diagnostics),
        sources,
    )


def check_committed(emission: Emission, committed: Path) -> None:
    """Refuse a committed IR that is not what the op file compiles to now.

    Only the meaning is compared, so any spelling of the same document passes. Raises
    DiagnosticError with E_IR_STALE, or with what is wrong with the file.
    """
    found = digest_bytes(canonical_bytes(read_json(read_document_bytes(committed))))
    if found != emission.digest:
        raise E_IR_STALE.error(path=str(committed), committed=found, emitted=emission.digest)
