"""The commands about a program: `emit`, `validate`, `show`, `fmt`, `explain` and `schema`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from opforge_cli.output import Output
    from opforge_ir.canonical import JsonValue

__all__ = ["register"]

JsonFlag = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
ProgramPath = Annotated[Path, typer.Argument(metavar="PROGRAM", help="An op file (.py) or an IR document.")]
OutputPath = Annotated[
    Path | None, typer.Option("-o", "--output", help="Write the review form to this file.")
]


_MAX_ROUNDS = 5


class Form(StrEnum):
    """How a document is written out."""

    CANONICAL = "canonical"
    REVIEW = "review"
    TEXT = "text"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (emit, validate, show, fmt, explain, schema):
        app.command()(command)


def emit(
    path: Annotated[Path, typer.Argument(metavar="PROGRAM", help="An op file (.py).")],
    form: Annotated[Form, typer.Option(help="What to print.")] = Form.CANONICAL,
    output: OutputPath = None,
    check: Annotated[Path | None, typer.Option(help="Fail when this committed IR is stale.")] = None,
    is_json: JsonFlag = False,
) -> None:
    """Compile an op file to its IR. Nothing of the file is imported or run."""
    from opforge_cli.output import Output
    from opforge_compiler.emit import check_committed, emit_file

    out = Output("emit", is_json=is_json)
    emission = emit_file(path)
    if check is not None:
        check_committed(emission, check)
        out.note(f"{check} is what {path} compiles to ({emission.digest})")
    elif output is not None:
        _write(output, emission.review)
        out.note(f"wrote {output} ({emission.digest})")
    else:
        out.raw(_in_form(form, emission.canonical, emission.document))
    result: JsonValue = None
    if is_json:
        source_map = emission.source_map.to_json()
        result = {"digest": emission.digest, "document": emission.document, "source_map": source_map}
    out.finish(result, emission.warnings)


def validate(
    path: ProgramPath,
    fix: Annotated[
        bool, typer.Option("--fix", help="First mend what can be mended with certainty, in the files.")
    ] = False,
    is_json: JsonFlag = False,
) -> None:
    """Check an op file or an IR document, and report every problem in one run."""
    from opforge_cli.output import Output
    from opforge_compiler.check import validate_file

    out = Output("validate", is_json=is_json)
    if fix:
        _mend(path, out)
    validation = validate_file(path)
    if validation.is_valid and validation.digest is not None:
        out.text(f"{path} is valid: {validation.digest}")
    else:
        out.note(f"{path}: {len(validation.diagnostics)} problem(s)")
    out.finish(
        {"source": validation.source, "valid": validation.is_valid, "digest": validation.digest},
        validation.diagnostics,
    )


def _mend(path: Path, out: Output) -> None:
    """Make the changes that are certain; one may show another problem, and two may want the same place."""
    from opforge_compiler.repair import find_repairs

    for _ in range(_MAX_ROUNDS):
        repairs = find_repairs(path)
        for repair in repairs:
            _write(repair.path, repair.data)
            out.note(f"{repair.path}: mended {len(repair.mended)} problem(s)")
        if not repairs:
            return


def show(
    path: ProgramPath,
    form: Annotated[Form, typer.Option(help="What to print.")] = Form.TEXT,
    is_json: JsonFlag = False,
) -> None:
    """Print a program as text that reads like its source, with everything it may do first."""
    from opforge_cli.output import Output
    from opforge_compiler.check import validate_file
    from opforge_ir.canonical import canonical_bytes

    out = Output("show", is_json=is_json)
    validation = validate_file(path)
    if not validation.is_valid:
        out.finish(None, validation.diagnostics)
    canonical = canonical_bytes(validation.document)
    shown = _in_form(form, canonical, validation.document)
    out.raw(shown)
    out.finish({"digest": validation.digest, "text": shown.decode()}, validation.diagnostics)


def fmt(
    path: Annotated[
        Path, typer.Argument(metavar="DOCUMENT", help="A JSON document, or - for standard input.")
    ],
    output: OutputPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Write any spelling of a JSON document in the review form."""
    from opforge_cli.output import Output
    from opforge_compiler.sources import read_document_bytes
    from opforge_ir.canonical import canonical_bytes, review_bytes
    from opforge_ir.digest import digest_bytes
    from opforge_ir.jsontext import DEFAULT_LIMITS, read_json

    out = Output("fmt", is_json=is_json)
    if str(path) == "-":
        data = sys.stdin.buffer.read(DEFAULT_LIMITS.max_bytes + 1)
    else:
        data = read_document_bytes(path)
    document = read_json(data)
    review = review_bytes(document)
    if output is not None:
        _write(output, review)
    else:
        out.raw(review)
    out.finish({"digest": digest_bytes(canonical_bytes(document)), "document": document})


def explain(
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A number (E0103) or a name (E_DUPLICATE_KEY).")
    ],
    is_json: JsonFlag = False,
) -> None:
    """Say what a code means, show an example, and how to mend it."""
    from opforge_cli.output import Output
    from opforge_compiler.explain import explain_code

    out = Output("explain", is_json=is_json)
    entry, page = explain_code(code)
    out.text(page.rstrip())
    out.finish({"code": entry.number, "name": entry.name, "severity": entry.severity, "page": page})


def schema(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Which one; without it, their names.")
    ] = None,
    is_json: JsonFlag = False,
) -> None:
    """Print a published schema: of the IR, of events, of diagnostics, of `--json` answers."""
    from opforge_cli.output import Output
    from opforge_ir.canonical import review_bytes
    from opforge_ir.codes.command import E_SCHEMA_UNKNOWN
    from opforge_ir.schema import build_schemas

    out = Output("schema", is_json=is_json)
    schemas = build_schemas()
    if name is None:
        out.text("\n".join(schemas))
        out.finish({"schemas": list(schemas)})
    if name not in schemas:
        raise E_SCHEMA_UNKNOWN.error(name=name[:80], known=", ".join(schemas))
    out.raw(review_bytes(schemas[name]))
    out.finish(schemas[name])


def _in_form(form: Form, canonical: bytes, document: JsonValue) -> bytes:
    if form is Form.CANONICAL:
        return canonical
    if form is Form.REVIEW:
        from opforge_ir.canonical import review_bytes

        return review_bytes(document)
    from opforge_compiler.text import render_text
    from opforge_ir.validation import load_document

    return render_text(load_document(canonical)).encode()


def _write(path: Path, data: bytes) -> None:
    from opforge_ir.codes.command import E_FILE_UNWRITABLE

    try:
        path.write_bytes(data)
    except OSError as error:
        raise E_FILE_UNWRITABLE.error(path=str(path), reason=error.strerror or "unknown") from error
