"""The front end: from Python source to the IR, without importing or executing anything of it (ADR 0005).

    source text -> files of the project -> definitions -> typed tree -> nodes -> document

Each phase is a module or a few of them; a problem is reported with its place, and all problems of a
program in one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from opforge._frontend.problems import Problems
from opforge._frontend.project import Project, SourceFiles
from opforge._frontend.source_map import SourceMap, build_source_map
from opforge_ir.diagnostics import Diagnostic

if TYPE_CHECKING:
    from opforge import _ir

__all__ = ["Compilation", "SourceFiles", "SourceMap", "compile_program"]


@dataclass(frozen=True, slots=True)
class Compilation:
    """What a program compiles to."""

    document: _ir.Document | None
    """The document; None when a problem is an error."""
    source_map: SourceMap
    diagnostics: list[Diagnostic]
    """Every problem, by place."""


def compile_program(entry: str, files: SourceFiles) -> Compilation:
    """Compile the op file at `entry` and the files of its project that it imports.

    `entry` is a path from the project's root, with forward slashes. Nothing of the source is executed;
    whatever it holds, the answer is a document or diagnostics. Raises what `files.read` raises.
    """
    from opforge._frontend.assembly import Assembly
    from opforge._frontend.check import check_program
    from opforge_ir.grants import infer_grants

    problems = Problems()
    project = Project(files, problems)
    module = project.load_entry(entry)
    if module is None:
        return Compilation(None, SourceMap(), problems.in_order())
    checked = check_program(project.modules, module, problems)
    if found := problems.in_order():
        return Compilation(None, SourceMap(), found)
    assembly = Assembly(checked)
    document = assembly.build_document()
    inference = infer_grants(document)
    source_map = build_source_map(document, assembly.places, assembly.docs)
    for diagnostic in inference.diagnostics:
        span = source_map.lookup(diagnostic.pointer or "")
        if span is None:
            problems.add(diagnostic)
        else:
            owner = next(m for m in project.modules if m.source.path == span.path)
            problems.add(diagnostic.with_span(span), owner.source.line_at(span.line))
    if found := problems.in_order():
        return Compilation(None, source_map, found)
    document["grants"] = inference.grants  # type: ignore[typeddict-item]
    document["networks"] = {name: document["networks"][name] for name in inference.grants["chain"]}
    return Compilation(document, source_map, [])
