"""The source map: where in the source each part of a document came from. A sidecar, outside the digest."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import cast

from opforge._frontend.lowering_context import Places
from opforge_ir.canonical import MAX_POINTER_LENGTH, JsonValue, extend_pointer
from opforge_ir.diagnostics import Span

__all__ = ["SourceMap"]


class SourceMap:
    """Places by JSON Pointer (RFC 6901) into a document, which must not change any more."""

    def __init__(
        self, document: object = None, places: Places | None = None, docs: Mapping[str, str] | None = None
    ) -> None:
        """`places` knows the dictionaries of the document; `docs` are its docstrings by pointer."""
        self._document = document
        self._places = Places() if places is None else places
        self.docs: Mapping[str, str] = {} if docs is None else docs
        """Docstrings of ops, functions, records and contracts, by pointer."""

    @cached_property
    def entries(self) -> Mapping[str, Span]:
        """The places, by pointer; put together when they are asked for: most emissions never do."""
        entries: dict[str, Span] = {}
        waiting: list[tuple[object, str]] = [(self._document, "")]
        while waiting:
            value, pointer = waiting.pop()
            if isinstance(value, dict):
                span = self._places.get(cast("object", value))
                if span is not None and len(pointer) <= MAX_POINTER_LENGTH:
                    entries[pointer] = span
                for key, member in cast("dict[str, object]", value).items():
                    if type(member) is not str:
                        waiting.append((member, extend_pointer(pointer, key)))
            elif isinstance(value, list):
                items = cast("list[object]", value)
                waiting += [(item, f"{pointer}/{index}") for index, item in enumerate(items)]
        return dict(sorted(entries.items()))

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
