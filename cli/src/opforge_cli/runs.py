"""The commands that look at runs: `runs list`, `show`, `events`, `tree` and `diff`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, RunArgument, StoreUrl

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opforge_ir.canonical import JsonValue
    from opforge_runtime import RunFilter, Store

__all__ = ["app", "open_runs"]

app = typer.Typer(help="Look at the runs of a store.", no_args_is_help=True, rich_markup_mode=None)

_FOLLOW_SECONDS = 0.25


class Status(StrEnum):
    """How a run can stand."""

    QUEUED = "queued"
    RUNNING = "running"
    SLEEPING = "sleeping"
    WAITING = "waiting"
    NEEDS_RESOLUTION = "needs_resolution"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


@app.command("list")
def list_all(
    *,
    statuses: Annotated[
        list[Status] | None, typer.Option("--status", help="Only runs that stand so; may be given again.")
    ] = None,
    workload: Annotated[str | None, typer.Option(help="Only runs of this workload.")] = None,
    op: Annotated[str | None, typer.Option(help="Only runs of this op.")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only runs begun since then: 90m, 12h, 7d, or a date or time in UTC.")
    ] = None,
    parent: Annotated[
        str | None, typer.Option(metavar="RUN", help="Only runs that this run has started.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the newest.")] = 100,
    is_watched: Annotated[bool, typer.Option("--watch", help="Show them again while they change.")] = False,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """List the runs of a store, the oldest first, with what each waits for and for how long."""
    from opforge_cli import clock
    from opforge_cli.output import Output
    from opforge_cli.run_json import record_json
    from opforge_cli.run_view import render_list
    from opforge_cli.watching import watch

    if is_watched and is_json:
        raise typer.BadParameter("--watch has no end, and --json is one document at the end")
    out = Output("runs list", is_json=is_json)
    with open_runs(store, config) as opened:
        which = _build_filter(opened, statuses or [], workload, op, since, parent, limit)
        if is_watched:
            watch(lambda: render_list(opened.list_runs(which), clock.now_epoch_ms()))
            out.finish(None)
        records = opened.list_runs(which)
    now = clock.now_epoch_ms()
    out.text("\n".join(render_list(records, now)))
    if len(records) == limit:
        out.note(f"the newest {limit} of them; --limit shows more")
    out.finish({"runs": [record_json(record, now) for record in records]})


@app.command()
def show(
    run_id: RunArgument,
    program: Annotated[
        Path | None,
        typer.Option(help="The op file, for the author's lines.", show_default="one near here that fits"),
    ] = None,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Show one run: how it stands, what it waits for, the command that moves it, and its timeline."""
    from opforge_cli import clock
    from opforge_cli.condition_view import complete_command
    from opforge_cli.output import Output
    from opforge_cli.run_json import summary_json, timeline_json
    from opforge_cli.run_lookup import find_run
    from opforge_cli.run_view import render_output, render_summary, render_timeline
    from opforge_cli.source_lines import find_source
    from opforge_runtime import describe_run, get_arguments, get_run, get_timeline, locate_error

    out = Output("runs show", is_json=is_json)
    now = clock.now_epoch_ms()
    with open_runs(store, config) as opened:
        run = find_run(opened, run_id)
        summary, timeline = get_run(opened, run), get_timeline(opened, run)
        if summary.error is not None:
            summary = replace(summary, error=locate_error(summary.error, timeline))
        condition = describe_run(summary.record, summary.status, timeline, now)
        asked = {
            (wait.state, wait.instance): get_arguments(opened, run, wait.state, wait.instance)
            for wait in condition.waits
            if wait.kind == "person"
        }
    opening = summary.record.opening
    lines = find_source(opening.workload, opening.ir, program, Path.cwd())
    commands = [complete_command(command, store, config) for command in condition.commands]
    out.text("\n".join(render_summary(summary, condition, now, lines, commands, asked)))
    if timeline:
        out.text("\n" + "\n".join(render_timeline(timeline, lines)))
    if summary.output is not None:
        out.text(f"\n{render_output(summary.output)}")
    states = timeline_json(timeline, lines)
    out.finish(summary_json(summary, condition, lines, now, asked) | {"states": states}, lines.warnings)


@app.command()
def events(
    run_id: RunArgument,
    is_followed: Annotated[
        bool, typer.Option("--follow", "-f", help="Print further events as they come, until the run is over.")
    ] = False,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Print the events of a run as they are stored, one canonical line each."""
    from opforge_cli import clock
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_ir.canonical import canonical_bytes
    from opforge_runtime import follow_events, read_events

    out = Output("runs events", is_json=is_json)
    recorded: list[JsonValue] = []
    with open_runs(store, config) as opened:
        run = find_run(opened, run_id)
        found = (
            follow_events(opened, run, lambda: clock.pause(_FOLLOW_SECONDS))
            if is_followed
            else read_events(opened, run)
        )
        with suppress(KeyboardInterrupt):
            for envelope, at in found:
                content = envelope.model_dump(mode="json")
                out.raw(canonical_bytes(content) + b"\n")
                if is_json:
                    recorded.append({"recorded_at_epoch_ms": at, "envelope": content})
    out.finish({"run": run, "events": recorded})


@app.command()
def tree(
    run_id: RunArgument, store: StoreUrl = None, config: ConfigPath = None, is_json: JsonFlag = False
) -> None:
    """Show a run with the runs that it has started, and those that they have started."""
    from opforge_cli import clock
    from opforge_cli.output import Output
    from opforge_cli.relation_view import render_tree
    from opforge_cli.run_json import tree_json
    from opforge_cli.run_lookup import find_run
    from opforge_runtime import get_tree

    out = Output("runs tree", is_json=is_json)
    with open_runs(store, config) as opened:
        found = get_tree(opened, find_run(opened, run_id))
    now = clock.now_epoch_ms()
    out.text("\n".join(render_tree(found, now)))
    if found.record.opening.parent is not None:
        out.note(f"it was started by {found.record.opening.parent}")
    out.finish(tree_json(found, now))


@app.command()
def diff(
    left: Annotated[str, typer.Argument(metavar="RUN", help="One run.")],
    right: Annotated[str, typer.Argument(metavar="RUN", help="The other.")],
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Compare two runs: their inputs, what each state came to, how they ended, and where they part first."""
    from opforge_cli.output import Output
    from opforge_cli.relation_view import render_comparison
    from opforge_cli.run_json import comparison_json
    from opforge_cli.run_lookup import find_run
    from opforge_runtime import compare_runs

    out = Output("runs diff", is_json=is_json)
    with open_runs(store, config) as opened:
        comparison = compare_runs(opened, find_run(opened, left), find_run(opened, right))
    out.text("\n".join(render_comparison(comparison)))
    out.finish(comparison_json(comparison))


def open_runs(store: str | None, config: Path | None) -> AbstractContextManager[Store]:
    """The store that a command about existing runs is given."""
    from opforge_cli.opening import configure, open_store

    return open_store(configure(config, Path.cwd()), store, is_created=False)


def _build_filter(
    store: Store,
    statuses: list[Status],
    workload: str | None,
    op: str | None,
    since: str | None,
    parent: str | None,
    limit: int,
) -> RunFilter:
    from opforge_cli import clock
    from opforge_cli.run_lookup import find_run
    from opforge_cli.times import parse_moment
    from opforge_runtime import RunFilter

    return RunFilter(
        statuses=frozenset(status.value for status in statuses),
        workload=workload,
        op=op,
        parent=None if parent is None else find_run(store, parent),
        started_from_epoch_ms=None if since is None else parse_moment(since, clock.now_epoch_ms()),
        limit=limit,
    )
