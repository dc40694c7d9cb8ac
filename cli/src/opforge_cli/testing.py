"""The command that tests programs against fixtures: `test`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, StoreUrl

if TYPE_CHECKING:
    from opforge_cli.fixture_files import FixtureFile
    from opforge_cli.output import Output
    from opforge_ir.canonical import JsonValue
    from opforge_ir.diagnostics import Diagnostic
    from opforge_runtime import CaseOutcome

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("test")(run_fixtures)


def run_fixtures(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...", help="Fixture files, or folders that hold files *.forge-test.json."
        ),
    ] = None,
    op: Annotated[str | None, typer.Option(help="Run the cases of this op only.")] = None,
    is_updating: Annotated[
        bool, typer.Option("--update", help="Write what is found in place of what is expected.")
    ] = False,
    record: Annotated[
        str | None, typer.Option(metavar="RUN", help="First add this run of the store to PATH as a case.")
    ] = None,
    program: Annotated[
        Path | None, typer.Option(help="The program of a new fixture file, with --record.")
    ] = None,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Run ops from their IR against fixtures of recorded answers, without a network, an endpoint or a key."""
    from opforge_cli.fixture_files import find_fixtures
    from opforge_cli.fixture_view import render_total
    from opforge_cli.output import Output
    from opforge_ir.codes.command import E_FIXTURES_MISSING
    from opforge_ir.diagnostics import DiagnosticError

    out = Output("test", is_json=is_json)
    chosen = paths or [Path()]
    if record is not None:
        _record(out, chosen, record, program, store, config)
    tests = _Tests(out, op, is_updating=is_updating)
    for path in find_fixtures(chosen):
        try:
            tests.run_file(path)
        except DiagnosticError as error:
            tests.diagnostics += error.diagnostics
    if not tests.files and not tests.diagnostics:
        raise E_FIXTURES_MISSING.error(path=str(chosen[0]), problem=f"no case is of the op {op}")
    out.text(render_total(tests.counts["passed"], tests.counts["failed"], tests.counts["updated"]))
    out.finish({"files": tests.files, **tests.counts}, tests.diagnostics)


def _record(
    out: Output,
    paths: list[Path],
    record: str,
    program: Path | None,
    store: str | None,
    config: Path | None,
) -> None:
    from opforge_cli.fixture_files import add_case
    from opforge_cli.opening import configure, open_store
    from opforge_cli.run_lookup import find_run
    from opforge_runtime import record_case

    if len(paths) != 1 or paths[0].is_dir():
        raise typer.BadParameter("--record needs one PATH, the fixture file to write")
    with open_store(configure(config, Path.cwd()), store, is_created=False) as opened:
        case = record_case(opened, find_run(opened, record))
    add_case(paths[0], case, program)
    out.note(f"wrote the case {case['name']} to {paths[0]}")


class _Tests:
    """The cases that were run."""

    def __init__(self, out: Output, op: str | None, *, is_updating: bool) -> None:
        self._out = out
        self._op = op
        self._is_updating = is_updating
        self.files: list[JsonValue] = []
        """As the report has them."""
        self.diagnostics: list[Diagnostic] = []
        self.counts = {"passed": 0, "failed": 0, "updated": 0}

    def run_file(self, path: Path) -> None:
        """Run the cases of a file. Raises DiagnosticError when the file or its program is wrong."""
        from opforge_cli.fixture_files import load_fixture, update_cases
        from opforge_cli.fixture_view import render_case
        from opforge_runtime import find_unused, run_case

        file = load_fixture(path)
        shared = file.fixture.answers
        outcomes: dict[int, CaseOutcome] = {}
        for index, case in enumerate(file.fixture.cases):
            chosen = file.choose_op(index, case)
            if self._op in {None, chosen}:
                outcomes[index] = run_case(file.loaded.canonical, case, chosen, shared)
        if not outcomes:
            return
        updated = {
            index: outcome
            for index, outcome in outcomes.items()
            if self._is_updating and outcome.is_updatable
        }
        if updated:
            update_cases(path, updated)
        self._out.text(str(path))
        cases: list[JsonValue] = []
        for index, outcome in outcomes.items():
            status = "updated" if index in updated else "passed" if outcome.is_passed else "failed"
            self.counts[status] += 1
            self._out.text("\n".join(render_case(outcome, status)))
            self._note(file, outcome, is_updated=index in updated)
            cases.append(_case_json(outcome, status))
        if len(outcomes) == len(file.fixture.cases):
            self.diagnostics += find_unused(shared, list(outcomes.values()))
        self.files.append({"path": str(path), "program": file.fixture.program, "cases": cases})

    def _note(self, file: FixtureFile, outcome: CaseOutcome, *, is_updated: bool) -> None:
        self.diagnostics += [
            file.loaded.locate(each)
            for each in outcome.diagnostics
            if each.code.severity != "error" or not is_updated
        ]


def _case_json(outcome: CaseOutcome, status: str) -> JsonValue:
    return {
        "name": outcome.case,
        "op": outcome.op,
        "outcome": status,
        "differences": [
            {"part": each.part, "expected": each.expected, "found": each.found}
            for each in outcome.differences
        ],
    }
