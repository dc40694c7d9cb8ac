"""The commands by which an operator moves a run: `signal`, `resolve`, `fork` and `runs cancel`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, RunArgument, StoreUrl

if TYPE_CHECKING:
    from opforge_cli.output import Output
    from opforge_ir.ids import RunId
    from opforge_runtime import Store

__all__ = ["register", "register_cancel"]

Reason = Annotated[str, typer.Option("--because", help="Why; it is kept in the history of the run.")]
MessageId = Annotated[
    str | None,
    typer.Option(
        "--id",
        help="What tells this message from others: sent again with the same id, it is the same message.",
        show_default="a new one",
    ),
]


class Finding(StrEnum):
    """What became of a side effect."""

    DONE = "done"
    RETRY = "retry"
    FAILED = "failed"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    for command in (signal, resolve, fork):
        app.command()(command)


def register_cancel(app: typer.Typer) -> None:
    """Add `cancel` to the commands about runs."""
    app.command()(cancel)


def signal(
    *,
    run_id: RunArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The signal's name.")],
    value: Annotated[
        str,
        typer.Option("--value", help="Its value in JSON, or @FILE; checked against the type."),
    ] = "null",
    message_id: MessageId = None,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Give a run the signal that it waits for, or will wait for."""
    from opforge_cli.output import Output
    from opforge_cli.programs import read_value
    from opforge_cli.run_lookup import find_run
    from opforge_cli.runs import open_runs
    from opforge_runtime import send_signal

    out = Output("signal", is_json=is_json)
    given = read_value(value)
    with open_runs(store, config) as opened:
        run = find_run(opened, run_id)
        chosen = message_id or _build_message_id()
        position, kind = send_signal(opened, run, name, given, chosen)
        out.text(f"the signal {name} is message {position} of {run}, with a value of type {kind.text}")
        _finish_message(out, opened, run, chosen, position, store, config)


def cancel(
    *,
    run_id: RunArgument,
    reason: Reason,
    message_id: MessageId = None,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Ask that a run ends at its next boundary; what it has to undo is undone first."""
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_cli.runs import open_runs
    from opforge_runtime import get_record, request_cancel

    out = Output("runs cancel", is_json=is_json)
    with open_runs(store, config) as opened:
        run = find_run(opened, run_id)
        chosen = message_id or _build_message_id()
        position = request_cancel(opened, run, reason, chosen)
        out.text(f"the wish to cancel is message {position} of {run}")
        if get_record(opened, run).standing.status == "needs_resolution":
            out.text("what became of a side effect of it is not known: find that out first, since")
            out.text(f"a cancelled run takes no decision; `forge runs show {run}` shows the command")
        _finish_message(out, opened, run, chosen, position, store, config)


def resolve(
    *,
    run_id: RunArgument,
    place: Annotated[
        str, typer.Argument(metavar="STATE[@INSTANCE]", help="The state, as `forge runs show` prints it.")
    ],
    finding: Annotated[
        Finding,
        typer.Option("--as", help="done: it took effect; retry: make it again; failed: it failed."),
    ],
    reason: Reason,
    value: Annotated[
        str | None,
        typer.Option("--value", help="With done: what it answered, in JSON, or @FILE."),
    ] = None,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Say what became of a side effect whose outcome was not recorded, so that the run can go on."""
    from opforge_cli import clock
    from opforge_cli.condition_view import complete_command
    from opforge_cli.output import Output
    from opforge_cli.programs import read_value
    from opforge_cli.run_lookup import find_run
    from opforge_cli.runs import open_runs
    from opforge_runtime import build_owner, resolve_attempt

    out = Output("resolve", is_json=is_json)
    state, _, instance = place.partition("@")
    with open_runs(store, config) as opened:
        run = find_run(opened, run_id)
        resolve_attempt(
            opened,
            run,
            state,
            instance,
            finding.value,
            reason,
            answer=None if value is None else read_value(value),
            clock=clock.now_epoch_ms,
            owner=build_owner(),
        )
    command = complete_command(f"forge resume {run}", store, config)
    out.text(f"{place} of {run} is recorded as {finding.value}")
    out.text(f"next      {command}")
    out.finish(
        {"run": run, "state": state, "instance": instance, "decision": finding.value, "commands": [command]}
    )


def fork(
    *,
    run_id: RunArgument,
    seq: Annotated[int, typer.Option("--from", help="The number of the last event that is taken over.")],
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Begin a new run with what another one had brought to an end by one of its events."""
    import secrets

    from opforge_cli import clock
    from opforge_cli.condition_view import complete_command
    from opforge_cli.output import Output
    from opforge_cli.run_lookup import find_run
    from opforge_cli.runs import open_runs
    from opforge_runtime import build_owner, build_run_id, fork_run, get_record

    out = Output("fork", is_json=is_json)
    with open_runs(store, config) as opened:
        origin = find_run(opened, run_id)
        workload = get_record(opened, origin).opening.workload
        run = build_run_id(workload, clock.now_epoch_ms(), secrets.randbelow)
        states = fork_run(opened, origin, seq, run, clock=clock.now_epoch_ms, owner=build_owner())
    command = complete_command(f"forge resume {run}", store, config)
    out.text(f"{run} begins with {states} state(s) of {origin}, up to its event {seq}")
    out.text(f"what {origin} did after that event, {run} does again: side effects too")
    out.text(f"next      {command}")
    out.finish({"run": run, "origin": origin, "seq": seq, "states": states, "commands": [command]})


def _finish_message(
    out: Output,
    opened: Store,
    run: RunId,
    message_id: str,
    position: int,
    store: str | None,
    config: Path | None,
) -> None:
    """Say who will read a message."""
    from opforge_cli import clock
    from opforge_cli.condition_view import complete_command
    from opforge_cli.rendering import printable
    from opforge_runtime import describe_record, get_record

    condition = describe_record(get_record(opened, run), clock.now_epoch_ms())
    commands: list[str] = []
    if condition.kind == "driven":
        out.text(f"{printable(condition.holder)} drives the run, and sees it at its next boundary")
    else:
        commands = [complete_command(f"forge resume {run}", store, config)]
        out.text("nobody drives the run: a worker takes it up, or")
        out.text(f"next      {commands[0]}")
    out.finish(
        {
            "run": run,
            "id": message_id,
            "position": position,
            "holder": condition.holder,
            "commands": [*commands],
        }
    )


def _build_message_id() -> str:
    import secrets

    return secrets.token_hex(8)
