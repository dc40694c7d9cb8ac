"""Fixture files of `forge test`: which there are, what is in them, and writing into them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opforge_cli.programs import Loaded, load_program_file
from opforge_compiler.sources import read_document_bytes
from opforge_ir.canonical import JsonValue, build_pointer, layout_bytes
from opforge_ir.codes.command import (
    E_FILE_UNWRITABLE,
    E_FIXTURE_INVALID,
    E_FIXTURE_PROGRAM,
    E_FIXTURES_MISSING,
)
from opforge_ir.fixture import FIXTURE_SUFFIX, Fixture, FixtureCase
from opforge_ir.fixture_reading import read_fixture
from opforge_runtime import CaseOutcome

__all__ = ["FixtureFile", "add_case", "find_fixtures", "load_fixture", "update_cases"]


@dataclass(frozen=True, slots=True)
class FixtureFile:
    """A fixture and the program that it tests."""

    path: Path
    fixture: Fixture
    loaded: Loaded

    def choose_op(self, index: int, case: FixtureCase) -> str:
        """The op of a case. Raises DiagnosticError (E_FIXTURE_INVALID) when the program has none such."""
        known = sorted(self.loaded.document.ops)
        name = case.op or self.fixture.op or (known[0] if len(known) == 1 else "")
        if name in known:
            return name
        problem = f"the program has no op {name}" if name else "it does not say which op is meant"
        raise E_FIXTURE_INVALID.error(
            build_pointer(("cases", index) if case.op or not self.fixture.op else ("op",)),
            path=str(self.path),
            problem=f"{problem}; there are: {', '.join(known) or 'none'}",
        )


def find_fixtures(paths: Sequence[Path]) -> Iterator[Path]:
    """The fixture files that paths name: files as they are, of folders all that are below, in order of name.

    Raises DiagnosticError (E_FIXTURES_MISSING) for a folder without any.
    """
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(path.rglob(f"*{FIXTURE_SUFFIX}"))
        if not found:
            raise E_FIXTURES_MISSING.error(path=str(path), problem=f"no file *{FIXTURE_SUFFIX} is below it")
        yield from found


def load_fixture(path: Path) -> FixtureFile:
    """A fixture file with its program. Raises DiagnosticError with every problem of either."""
    fixture = read_fixture(str(path), read_document_bytes(path))
    return FixtureFile(path, fixture, load_program_file(path.parent / fixture.program))


def update_cases(path: Path, outcomes: dict[int, CaseOutcome]) -> None:
    """Write what was found in place of what was expected, by the index of the case."""
    written = _read(path)
    for index, outcome in outcomes.items():
        case = written["cases"][index]
        for difference in outcome.differences:
            match difference.part:
                case "ending":
                    case["expect"] = difference.found
                case "output":
                    case["expect"]["output"] = difference.found
                case part:
                    case[part] = difference.found
    _write(path, written)


def add_case(path: Path, case: dict[str, JsonValue], program: Path | None) -> None:
    """Add a case to a fixture file, which is begun where there is none; one of the same name is replaced.

    A new file tests `program`, or else the file beside it that has its name. Raises DiagnosticError: the file
    is no fixture, E_FIXTURE_PROGRAM, E_FILE_UNWRITABLE.
    """
    written: Any
    if path.exists():
        read_fixture(str(path), read_document_bytes(path))
        written = _read(path)
        written["cases"] = [each for each in written["cases"] if each["name"] != case["name"]]
    else:
        written = {"artifact": "forge-test", "program": _name_program(path, program), "cases": []}
    written["cases"].append(case)
    _write(path, written)


def _name_program(path: Path, program: Path | None) -> str:
    """The program of a new fixture file, from the folder of that file."""
    if program is not None:
        return Path(os.path.relpath(program, path.parent)).as_posix()
    stem = path.name.removesuffix(FIXTURE_SUFFIX)
    for name in (f"{stem}.py", f"{stem}.ir.json"):
        if (path.parent / name).is_file():
            return name
    raise E_FIXTURE_PROGRAM.error(path=str(path), suffix=FIXTURE_SUFFIX)


def _read(path: Path) -> Any:
    """The file as it stands, in the order in which it was written."""
    return json.loads(path.read_bytes())


def _write(path: Path, written: Any) -> None:
    try:
        path.write_bytes(layout_bytes(written))
    except OSError as error:
        raise E_FILE_UNWRITABLE.error(path=str(path), reason=error.strerror or "unknown") from error
