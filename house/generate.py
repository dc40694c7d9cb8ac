"""Write the generated files, or check that the committed ones are current.

    python -m house.generate            write schema/, docs/reference/ and the lower layer of the SDK
    python -m house.generate --check    name each file that would change; exit status 1 if there is one

The lower layer, `sdk/src/opforge/_ir.py`, is made by datamodel-code-generator from the schema of the
document, so the front end can build nothing that the schema has no word for.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from house.pins import ROOT
from house.reference import build_reference
from opforge_ir.canonical import JsonValue
from opforge_ir.schema import build_schemas

__all__ = ["build_files"]

DOCUMENT_SCHEMA = "workload-ir.schema.json"
LOWER_LAYER = "sdk/src/opforge/_ir.py"

_OPTIONS = (
    "--input-file-type=jsonschema",
    "--output-model-type=typing.TypedDict",
    "--disable-timestamp",
    "--target-python-version=3.11",
    "--use-standard-collections",
    "--use-union-operator",
    "--use-schema-description",
    "--formatters=ruff-format",
)
_HEADER = (
    '"""The lower layer: the IR as typed dictionaries, generated from schema/ by `just generate`."""\n\n'
)


def build_files() -> dict[str, str]:
    """The text of every generated file, by its path from the root of the repository."""
    schemas = build_schemas()
    files = {f"schema/{name}": _json_text(schema) for name, schema in schemas.items()}
    files[LOWER_LAYER] = _lower_layer(schemas[DOCUMENT_SCHEMA])
    return files | build_reference()


def _json_text(schema: JsonValue) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _lower_layer(schema: JsonValue) -> str:
    generator = Path(sys.executable).parent / "datamodel-codegen"
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, DOCUMENT_SCHEMA), Path(folder, "_ir.py")
        source.write_text(_json_text(schema), encoding="utf-8")
        command = [str(generator), f"--input={source}", f"--output={target}", *_OPTIONS]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, encoding="utf-8")
        if done.returncode:
            raise SystemExit(done.stderr)
        body = target.read_text(encoding="utf-8")
    return _HEADER + body


def main(arguments: list[str]) -> int:
    """Write or check; returns the exit status."""
    stale = [
        name
        for name, text in build_files().items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        print("\n".join(f"{name} is not what the models give now" for name in stale) or "all are current")
        return 1 if stale else 0
    files = build_files()
    for name in stale:
        (ROOT / name).write_text(files[name], encoding="utf-8", newline="\n")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
