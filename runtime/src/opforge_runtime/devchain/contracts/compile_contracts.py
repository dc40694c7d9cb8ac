"""Compile the sample contracts: `python -m opforge_runtime.devchain.contracts.compile_contracts`.

Writes `compiled.json`, one entry per `*.vy` file beside this program:

    {"compiler": "0.4.3+commit...", "contracts": {NAME: {"bytecode": "0x..", "source_sha256": ".."}}}

`bytecode` is the creation code without constructor arguments. The sources name the EVM version, and
the compiler's own metadata is left out, so the same source and compiler give the same bytes.
Needs the `vyper` command on PATH (dependency group `contracts`).
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import orjson

__all__ = ["COMPILED", "build_compiled_json", "hash_source"]

_FOLDER = Path(__file__).parent
COMPILED = _FOLDER / "compiled.json"
"""The committed result."""


def hash_source(name: str) -> str:
    """The SHA-256 of a contract's source text, in hex; line ends count as LF on every system."""
    return hashlib.sha256((_FOLDER / f"{name}.vy").read_text(encoding="utf-8").encode()).hexdigest()


def build_compiled_json(vyper: str) -> bytes:
    """The bytes of `compiled.json`, made by the `vyper` executable at this path.

    Raises subprocess.CalledProcessError when the compiler refuses a source.
    """
    names = sorted(path.stem for path in _FOLDER.glob("*.vy"))
    contracts = {
        name: {"bytecode": _compile(vyper, name), "source_sha256": hash_source(name)} for name in names
    }
    document = {"compiler": _run(vyper, "--version"), "contracts": contracts}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _compile(vyper: str, name: str) -> str:
    return _run(vyper, "--no-bytecode-metadata", "-f", "bytecode", str(_FOLDER / f"{name}.vy"))


def _run(vyper: str, *arguments: str) -> str:
    return subprocess.run([vyper, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def main() -> None:
    """Write `compiled.json`, or leave with a sentence when there is no compiler."""
    vyper = shutil.which("vyper")
    if vyper is None:
        sys.exit("the vyper command is not on PATH; install the dependency group `contracts`")
    COMPILED.write_bytes(build_compiled_json(vyper))


if __name__ == "__main__":
    main()
