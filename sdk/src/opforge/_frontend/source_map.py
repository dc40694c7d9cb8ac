"""The source map: where in the source each part of a document came from. A sidecar, outside the digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

from opforge._frontend.lowering_context import Places
from opforge_ir.canonical import MAX_POINTER_LENGTH, JsonValue, extend_pointer
from opforge_ir.diagnostics import Span

__all__ = ["SourceMap", "build_source_map"]


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Places by JSON Pointer (RFC 6901) into the document."""

    entries: Mapping[str, Span] = field(default_factory=dict[str, Span])
    docs: Mapping[str, str] = field(default_factory=dict[str, str])
    """Docstrings of ops, functions, records and contracts, by pointer."""

    def lookup(self, pointer: str) -> Span | None:
        """The place of a part of the document, or of the nearest part around it that has one."""
        while pointer:
            if pointer in self.entries:
                return self.entries[pointer]
            pointer = pointer.rpartition("/")[0]
        return None

    def to_json(self) -> JsonValue:
        """The stored form: each place is its file's index, line, column, end line and end column."""
        files = sorted({span.path for span in self.entries.values()})
        index = {path: number for number, path in enumerate(files)}
        return {
            "artifact": "source-map",
            "files": files,
            "entries": {
                pointer: [index[s.path], s.line, s.column, s.end_line, s.end_column]
                for pointer, s in self.entries.items()
            },
            "docs": dict(self.docs),
        }


def build_source_map(document: object, places: Places, docs: Mapping[str, str]) -> SourceMap:
    """The map of a document whose dictionaries have their places."""
    entries: dict[str, Span] = {}
    waiting: list[tuple[object, str]] = [(document, "")]
    while waiting:
        value, pointer = waiting.pop()
        if isinstance(value, dict):
            span = places.get(cast("object", value))
            if span is not None and len(pointer) <= MAX_POINTER_LENGTH:
                entries[pointer] = span
            for key, member in cast("dict[str, object]", value).items():
                if type(member) is not str:
                    waiting.append((member, extend_pointer(pointer, key)))
        elif isinstance(value, list):
            items = cast("list[object]", value)
            waiting += [(item, f"{pointer}/{index}") for index, item in enumerate(items)]
    return SourceMap(dict(sorted(entries.items())), dict(docs))
