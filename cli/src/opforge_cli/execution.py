"""The commands that run a program: `run`, `resume` and `replay`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from opforge_cli.output import Output
    from opforge_cli.progress import Progress
    from opforge_cli.session import Session
    from opforge_ir.diagnostics import Diagnostic
    from opforge_runtime import RunOutcome

__all__ = ["ConfigPath", "JsonFlag", "RunArgument", "StoreUrl", "register"]

JsonFlag = Annotated[bool, typer.Option("--json", help="Answer with one JSON document.")]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="The store of the runs: a SQLite file, or an address such as memory:.",
        show_default=".opforge/runs.db",
    ),
]
ConfigPath = Annotated[
    Path | None,
    typer.Option("--config", help="Which forge.toml to use.", show_default="the nearest one upward"),
]
DevFlag = Annotated[
    bool, typer.Option("--dev", help="Start a development chain for networks of chain id 31337.")
]
DetachFlag = Annotated[
    bool,
    typer.Option("--detach", help="Leave a run that waits for something, instead of waiting with it."),
]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id, or enough of its beginning.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (run, resume, replay):
        app.command()(command)


def run(
    *,
    path: Annotated[Path, typer.Argument(metavar="PROGRAM", help="An op file (.py) or an IR document.")],
    op: Annotated[str | None, typer.Option(help="Which op; needed when there are several.")] = None,
    input_text: Annotated[
        str, typer.Option("--input", help="The parameters as a JSON object, or @FILE that holds one.")
    ] = "{}",
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_dev: DevFlag = False,
    skip: Annotated[
        list[str] | None,
        typer.Option(
            "--skip",
            metavar="TAG",
            help="Do not make effects with this tag; `apply_side_effect` means all that change something.",
        ),
    ] = None,
    is_queued: Annotated[
        bool, typer.Option("--queue", help="Only record the run, for a worker or `forge resume` to drive.")
    ] = False,
    is_detached: DetachFlag = False,
    is_json: JsonFlag = False,
) -> None:
    """Run an op to its end, and record it."""
    from opforge_cli.condition_view import complete_command
    from opforge_cli.opening import configure, open_store
    from opforge_cli.output import Output
    from opforge_cli.programs import choose_op, load_program_file, read_inputs
    from opforge_cli.progress import Progress
    from opforge_cli.session import Session
    from opforge_runtime import describe_store

    out = Output("run", is_json=is_json)
    loaded = load_program_file(path)
    chosen = choose_op(loaded.document, op)
    inputs = read_inputs(input_text)
    configuration = configure(config, path.parent)
    with (
        open_store(configuration, store, is_created=True) as opened,
        Progress(out, opened, partial(complete_command, store=store, config=config)) as progress,
    ):
        session = Session(out, configuration, opened, progress, is_dev, is_attended=not is_detached)
        if is_queued:
            queued = session.submit(
                loaded.canonical, loaded.document, chosen, inputs, path.parent, skip or []
            )
            progress.close()
            command = complete_command(f"forge resume {queued}", store, config)
            out.note("queued; a worker drives it, or")
            out.note(f"next      {command}")
            place = describe_store(store or configuration.store)
            out.finish({"run": queued, "outcome": "queued", "store": place, "commands": [command]})
        outcome = session.start(loaded.canonical, loaded.document, chosen, inputs, path.parent, skip or [])
        progress.close()
        errors = [] if outcome.error is None else [loaded.locate(outcome.error)]
        _finish(out, session, outcome, progress, describe_store(store or configuration.store), errors)


def resume(
    run_id: RunArgument,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_dev: DevFlag = False,
    is_detached: DetachFlag = False,
    is_json: JsonFlag = False,
) -> None:
    """Go on with a run that was interrupted; what it recorded is not asked for again."""
    from opforge_cli.condition_view import complete_command
    from opforge_cli.opening import configure, open_store
    from opforge_cli.output import Output
    from opforge_cli.progress import Progress
    from opforge_cli.run_lookup import find_run
    from opforge_cli.session import Session
    from opforge_runtime import describe_store

    out = Output("resume", is_json=is_json)
    configuration = configure(config, Path.cwd())
    with (
        open_store(configuration, store, is_created=False) as opened,
        Progress(out, opened, partial(complete_command, store=store, config=config)) as progress,
    ):
        session = Session(out, configuration, opened, progress, is_dev, is_attended=not is_detached)
        outcome = session.resume(find_run(opened, run_id))
        progress.close()
        errors = [] if outcome.error is None else [outcome.error]
        _finish(out, session, outcome, progress, describe_store(store or configuration.store), errors)


def replay(
    run_id: RunArgument, store: StoreUrl = None, config: ConfigPath = None, is_json: JsonFlag = False
) -> None:
    """Derive every event and artifact of a run again from its facts, without a network, and compare."""
    from opforge_cli.opening import configure, open_store
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_runtime import replay_run

    out = Output("replay", is_json=is_json)
    with open_store(configure(config, Path.cwd()), store, is_created=False) as opened:
        report = replay_run(opened, find_run(opened, run_id))
    ending = "" if report.is_finished else "; the run has not ended yet"
    forked = f"; {report.taken_over} events are those of the run that it was forked from"
    out.text(
        f"{report.run}: {report.events - report.taken_over} events and {report.artifacts} artifacts derived "
        f"again, all equal{forked if report.taken_over else ''}{ending}"
    )
    out.finish(
        {
            "run": report.run,
            "equal": True,
            "events": report.events,
            "artifacts": report.artifacts,
            "sessions": report.sessions,
            "finished": report.is_finished,
        }
    )


def _finish(
    out: Output,
    session: Session,
    outcome: RunOutcome,
    progress: Progress,
    store: str,
    errors: list[Diagnostic],
) -> NoReturn:
    from opforge_cli import clock
    from opforge_cli.run_view import render_output, render_timeline
    from opforge_ir.canonical import JsonValue
    from opforge_runtime import describe_run, get_record, get_timeline

    output: JsonValue = None
    if outcome.output is not None:
        output = {"type": outcome.output.type, "value": outcome.output.value}
        out.text(render_output(outcome.output))
    timeline = get_timeline(session.store, outcome.run)
    if timeline:
        out.note("\n".join(render_timeline(timeline)))
    out.note(f"{outcome.outcome}; {outcome.events} events of run {outcome.run} are in {store}")
    record = get_record(session.store, outcome.run)
    condition = describe_run(record, outcome.outcome, timeline, clock.now_epoch_ms())
    commands = [progress.complete(command) for command in condition.commands]
    for command in commands:
        out.note(f"next      {command}")
    out.finish(
        {
            "run": outcome.run,
            "outcome": outcome.outcome,
            "output": output,
            "snapshot": outcome.snapshot,
            "events": outcome.events,
            "store": store,
            "commands": [*commands],
        },
        errors,
    )
