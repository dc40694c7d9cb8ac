"""The front end: from Python source to the IR, without importing or executing anything of it (ADR 0005).

    source text -> files of the project -> definitions -> typed tree -> nodes -> document -> validation

Each phase is a module or a few of them; a problem is reported with its place, and all problems of a
program in one run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from opforge._frontend.problems import Problems
from opforge._frontend.project import Project, SourceFiles
from opforge._frontend.source_map import SourceMap
from opforge._frontend.syntax_walk import MAX_DEPTH
from opforge_ir.canonical import JsonValue
from opforge_ir.codes.document import E_CHANGE_IN_MAP, E_CHANGE_OF_CONSTANT, E_TOO_MANY_NODES
from opforge_ir.codes.limits import E_PROGRAM_TOO_LARGE
from opforge_ir.codes.reader import E_VALUE_TOO_DEEP
from opforge_ir.codes.source import E_CONSTANT_CHANGED, E_FAN_OUT_CHANGE, E_SOURCE_TOO_DEEP
from opforge_ir.diagnostics import Code, Diagnostic, Span

if TYPE_CHECKING:
    from opforge import _ir
    from opforge_ir.problems import JsonObject

__all__ = ["Compilation", "SourceFiles", "SourceMap", "compile_program"]


_SOURCE_CODES: Final[dict[str, Code]] = {
    E_CHANGE_IN_MAP.number: E_FAN_OUT_CHANGE,
    E_CHANGE_OF_CONSTANT.number: E_CONSTANT_CHANGED,
}
"""Rules of the document that programs can break: what they are called in the author's terms."""


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
    problems = Problems()
    project = Project(files, problems)
    try:
        return _compile(entry, project, problems)
    except RecursionError:
        # Nesting is bounded, so that only a caller who has used up most of Python's stack comes here.
        problems.add(E_SOURCE_TOO_DEEP.at(Span(entry, 1, 1, 1, 1), limit=MAX_DEPTH))
        return Compilation(None, SourceMap(), problems.in_order())
    finally:
        project.forget_symbols()


def _compile(entry: str, project: Project, problems: Problems) -> Compilation:
    from opforge._frontend.aliasing import find_changing
    from opforge._frontend.assembly import Assembly
    from opforge._frontend.check import check_program
    from opforge_ir.grants import infer_grants
    from opforge_ir.validation import validate_document
    from opforge_ir.validation.triggers import find_trigger_networks

    module = project.load_entry(entry)
    if module is None:
        return Compilation(None, SourceMap(), problems.in_order())
    checked = check_program(project.modules, module, problems)
    if found := problems.in_order():
        return Compilation(None, SourceMap(), found)
    changing = find_changing(checked)
    if found := problems.in_order():
        return Compilation(None, SourceMap(), found)
    assembly = Assembly(checked, changing)
    document = assembly.build_document()
    inference = infer_grants(document, checked.program.declared_hosts)
    document["grants"] = inference.grants  # type: ignore[typeddict-item]
    networks = sorted({*inference.grants["chain"], *find_trigger_networks(cast("JsonObject", document))})
    document["networks"] = {name: document["networks"][name] for name in networks}
    source_map = SourceMap(document, assembly.places, assembly.docs)
    diagnostics = inference.diagnostics or validate_document(cast("JsonValue", document))
    lines = {module.source.path: module.source for module in project.modules}
    for diagnostic in diagnostics:
        span = source_map.lookup(diagnostic.pointer or "")
        code = _SOURCE_CODES.get(diagnostic.code.number)
        if span is None:
            whole = _describe_whole(diagnostic, Span(entry, 1, 1, 1, 1))
            problems.add(whole, None if whole.span is None else module.source.line_at(1))
        elif code is None:
            problems.add(diagnostic.with_span(span), lines[span.path].line_at(span.line))
        else:
            problems.add(code.at(span), lines[span.path].line_at(span.line))
    if found := problems.in_order():
        return Compilation(None, source_map, found)
    return Compilation(document, source_map, [])


def _describe_whole(diagnostic: Diagnostic, place: Span) -> Diagnostic:
    """What a problem of the whole document is called in the author's terms."""
    if diagnostic.code is E_TOO_MANY_NODES:
        return E_PROGRAM_TOO_LARGE.at(place, limit=diagnostic.values["limit"], what="nodes")
    if diagnostic.code is E_VALUE_TOO_DEEP:
        return E_SOURCE_TOO_DEEP.at(place, limit=MAX_DEPTH)
    return diagnostic
