"""The commands that look at runs: `runs list`, `runs show` and `runs events`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, RunArgument, StorePath

if TYPE_CHECKING:
    from opforge_ir.canonical import JsonValue
    from opforge_runtime import RunSummary, SqliteStore

__all__ = ["app"]

app = typer.Typer(help="Look at the runs of a store.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_all(store: StorePath = None, config: ConfigPath = None, is_json: JsonFlag = False) -> None:
    """List the runs of a store, the oldest first."""
    from opforge_cli.output import Output
    from opforge_cli.run_view import render_list
    from opforge_runtime import list_runs

    out = Output("runs list", is_json=is_json)
    with _open(store, config) as opened:
        summaries = list_runs(opened)
    out.text("\n".join(render_list(summaries)))
    out.finish({"runs": [_summary_json(summary) for summary in summaries]})


@app.command()
def show(
    run_id: RunArgument, store: StorePath = None, config: ConfigPath = None, is_json: JsonFlag = False
) -> None:
    """Show one run: how it ended, and its timeline."""
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_cli.run_view import render_output, render_summary, render_timeline
    from opforge_runtime import get_run, get_timeline

    out = Output("runs show", is_json=is_json)
    with _open(store, config) as opened:
        run = find_run(opened, run_id)
        summary, timeline = get_run(opened, run), get_timeline(opened, run)
    out.text("\n".join([*render_summary(summary), "", *render_timeline(timeline)]))
    if summary.output is not None:
        out.text(f"\n{render_output(summary.output)}")
    states: list[JsonValue] = [
        {
            "state": entry.state,
            "instance": entry.instance,
            "attempt": entry.attempt,
            "session": entry.session,
            "status": entry.status,
            "entered_at_epoch_ms": entry.entered_at_epoch_ms,
            "duration_ms": entry.duration_ms,
            "value": entry.value,
            "error": None if entry.error is None else entry.error.code.number,
        }
        for entry in timeline
    ]
    out.finish({**_summary_json(summary), "states": states})


@app.command()
def events(
    run_id: RunArgument, store: StorePath = None, config: ConfigPath = None, is_json: JsonFlag = False
) -> None:
    """Print the events of a run as they are stored, one canonical line each."""
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_ir.canonical import canonical_bytes
    from opforge_runtime import read_events

    out = Output("runs events", is_json=is_json)
    with _open(store, config) as opened:
        run = find_run(opened, run_id)
        recorded = read_events(opened, run)
    for envelope, _ in recorded:
        out.raw(canonical_bytes(envelope.model_dump(mode="json")) + b"\n")
    out.finish(
        {
            "run": run,
            "events": [
                {"recorded_at_epoch_ms": at, "envelope": envelope.model_dump(mode="json")}
                for envelope, at in recorded
            ],
        }
    )


def _open(store: Path | None, config: Path | None) -> SqliteStore:
    from opforge_cli.session import configure, open_store

    return open_store(configure(config, Path.cwd()), store, is_created=False)


def _summary_json(summary: RunSummary) -> dict[str, JsonValue]:
    return {
        "run": summary.run,
        "workload": summary.workload,
        "version": summary.version,
        "op": summary.op,
        "status": summary.status,
        "started_at_epoch_ms": summary.started_at_epoch_ms,
        "last_event_at_epoch_ms": summary.last_event_at_epoch_ms,
        "events": summary.events,
        "sessions": summary.sessions,
        "ir": summary.ir,
        "inputs": summary.inputs,
        "output": None
        if summary.output is None
        else {"type": summary.output.type, "value": summary.output.value},
        "error": None if summary.error is None else summary.error.code.number,
    }
