"""What the bytes of the corpus do not show: places in the source, and one process compiling all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from opforge._frontend import Compilation, compile_program
from opforge_ir.canonical import JsonValue, canonical_bytes

CORPUS = Path(__file__).parents[2] / "corpus"
ENTRIES = sorted(
    path.parent for pattern in ("*/app.py", "realistic/*/app.py") for path in CORPUS.glob(pattern)
)


class Folder:
    """The files below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        file = self._root / path
        return file.read_bytes() if file.is_file() else None


def compile_entry(entry: Path) -> Compilation:
    compilation = compile_program("app.py", Folder(entry))
    assert [(d.span, d.message) for d in compilation.diagnostics] == []
    return compilation


def find_nodes(body: list[dict[str, Any]], pointer: str) -> Iterator[str]:
    """The pointers of all nodes of a body, those of inner regions too."""
    for index, node in enumerate(body):
        yield f"{pointer}/{index}"
        for region in ("then", "otherwise", "body"):
            yield from find_nodes(node.get(region, []), f"{pointer}/{index}/{region}")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_every_node_has_its_place_in_the_source(entry: Path) -> None:
    compilation = compile_entry(entry)
    document = cast("dict[str, Any]", compilation.document)
    for table in ("ops", "functions"):
        for name, owner in document[table].items():
            for pointer in find_nodes(owner["body"], f"/{table}/{name}/body"):
                span = compilation.source_map.lookup(pointer)
                assert span is not None, pointer
                lines = (entry / span.path).read_text(encoding="utf-8").splitlines()
                assert lines[span.line - 1][span.column - 1 :].strip(), pointer


def test_compiling_again_in_one_process_gives_the_same_bytes() -> None:
    def compile_all(entries: list[Path]) -> list[bytes]:
        return [canonical_bytes(cast("JsonValue", compile_entry(entry).document)) for entry in entries]

    assert compile_all(ENTRIES[::-1]) == compile_all(ENTRIES)[::-1]
