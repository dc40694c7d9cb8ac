"""The commands that look after a store: `verify`, `gc`, `runs export` and `runs import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, RunArgument, StoreUrl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from opforge_ir.canonical import JsonValue
    from opforge_runtime import Verification

__all__ = ["register", "register_transfer"]

_EXPORT: Final = b'{"artifact":"export",'
"""How an export begins."""


def register(app: typer.Typer) -> None:
    """Add `verify` and `gc` to the program."""
    for command in (verify, gc):
        app.command()(command)


def register_transfer(app: typer.Typer) -> None:
    """Add `export` and `import` to the commands about runs."""
    app.command("export")(export_runs)
    app.command("import")(import_runs)


def verify(
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN]", help="The run's id, or enough of its beginning.")
    ] = None,
    is_all: Annotated[
        bool, typer.Option("--all", help="Look at every run, and at the artifacts that none of them names.")
    ] = False,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Check every digest, link and snapshot of a run, and that its events can stand as they do.

    Nothing is run and nothing is changed. Each violation is named by its code.
    """
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_cli.runs import open_runs
    from opforge_runtime import verify_run, verify_store

    if (run_id is None) is not is_all:
        raise typer.BadParameter("give a RUN, or --all")
    out = Output("verify", is_json=is_json)
    unnamed = 0
    with open_runs(store, config) as opened:
        if run_id is None:
            found = verify_store(opened)
            runs, problems, unnamed = found.runs, found.problems, found.unnamed
        else:
            runs, problems = [verify_run(opened, find_run(opened, run_id))], []
    for each in runs:
        if each.problems or not is_all:
            out.text(_describe(each))
    if is_all:
        events, digests = sum(each.events for each in runs), sum(each.digests for each in runs)
        wrong = sum(bool(each.problems) for each in runs)
        out.text(
            f"{len(runs)} runs with {events} events and {digests} digests; {wrong} of them with problems"
        )
        out.text(f"{unnamed} artifacts that no run names; {len(problems)} of them with problems")
    listed: list[JsonValue] = [
        {
            "run": each.run,
            "events": each.events,
            "digests": each.digests,
            "codes": [problem.code.number for problem in each.problems],
        }
        for each in runs
    ]
    diagnostics = [*(problem for each in runs for problem in each.problems), *problems]
    out.finish({"runs": listed, "unnamed": unnamed, "well": not diagnostics}, diagnostics)


def _describe(verified: Verification) -> str:
    count = len(verified.problems)
    found = f"{count} problems" if count else "all right"
    return f"{verified.run}: {verified.events} events and {verified.digests} digests, {found}"


def gc(
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and remove nothing.")
    ] = False,
    grace_hours: Annotated[
        int, typer.Option(min=1, help="Artifacts in files or S3 that were put since then are left.")
    ] = 24,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Remove the artifacts that no run names. It may run beside drivers."""
    from opforge_cli import clock
    from opforge_cli.output import Output
    from opforge_cli.runs import open_runs
    from opforge_runtime import collect_garbage

    out = Output("gc", is_json=is_json)
    with open_runs(store, config) as opened:
        found = collect_garbage(
            opened, clock=clock.now_epoch_ms, grace_seconds=grace_hours * 3600, is_dry_run=is_dry_run
        )
    for digest in found.removed:
        out.text(digest)
    done = "would be removed" if is_dry_run else "removed"
    out.note(
        f"{len(found.removed)} of {found.artifacts} artifacts {done}, {found.freed_bytes} bytes; "
        f"{found.young} more that no run names are young"
    )
    out.finish(
        {
            "runs": found.runs,
            "artifacts": found.artifacts,
            "removed": [*found.removed],
            "freed_bytes": found.freed_bytes,
            "young": found.young,
            "dry_run": is_dry_run,
        }
    )


def export_runs(
    run_id: RunArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write.", show_default="RUN.forge")
    ] = None,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Write a run, and the runs that it has started, with everything they need as one file."""
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_cli.runs import open_runs
    from opforge_runtime import export_runs as list_lines

    out = Output("runs export", is_json=is_json)
    with open_runs(store, config) as opened:
        run = find_run(opened, run_id)
        path = output if output is not None else Path(f"{run}.forge")
        size = _write(path, list_lines(opened, [run]))
    out.text(f"{run} is in {path}, {size} bytes")
    out.finish({"run": run, "path": str(path), "bytes": size})


def _write(path: Path, lines: Iterable[bytes]) -> int:
    """Write a whole file or none; returns its size. Raises DiagnosticError (E_FILE_UNWRITABLE)."""
    import os
    import tempfile
    from contextlib import suppress

    from opforge_ir.codes.command import E_FILE_UNWRITABLE

    size = 0
    try:
        if not _may_replace(path):
            raise E_FILE_UNWRITABLE.error(path=str(path), reason="there is something that is no export")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            try:
                for line in lines:
                    size += file.write(line)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                with suppress(OSError):
                    Path(file.name).unlink()
                raise
    except OSError as error:
        raise E_FILE_UNWRITABLE.error(path=str(path), reason=error.strerror or "unknown") from error
    return size


def _may_replace(path: Path) -> bool:
    """Whether nothing is there, or an older export: never a store, or a device. Raises OSError."""
    if not path.is_file():
        return not path.exists()
    with path.open("rb") as file:
        return file.read(len(_EXPORT)) in (_EXPORT, b"")


def import_runs(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `forge runs export` wrote.")],
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Store the runs of an exported file.

    All of it is checked first. A run that is there already with the same events is left as it is, one with
    others is refused. A run that is not over waits until somebody resumes it.
    """
    from opforge_cli.condition_view import complete_command
    from opforge_cli.opening import configure, open_store
    from opforge_cli.output import Output
    from opforge_runtime import ENDED, build_owner
    from opforge_runtime import import_runs as store_runs

    out = Output("runs import", is_json=is_json)
    imported: list[JsonValue] = []
    with open_store(configure(config, Path.cwd()), store, is_created=True) as opened:
        for each in store_runs(opened, file, owner=build_owner()):
            record = opened.get_run(each.run)
            is_over = record is None or record.standing.status in ENDED
            commands = [] if is_over else [complete_command(f"forge resume {each.run}", store, config)]
            out.text(f"{each.run}: {each.events} events, {each.stored} of them new")
            for command in commands:
                out.text(f"next      {command}")
            imported.append(
                {"run": each.run, "events": each.events, "stored": each.stored, "commands": [*commands]}
            )
    out.finish({"runs": imported})
