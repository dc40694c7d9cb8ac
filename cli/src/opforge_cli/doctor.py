"""`forge doctor`: whether everything that runs need is well, and the command for each thing that is not."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, StoreUrl

if TYPE_CHECKING:
    from opforge_cli.configuration import Configuration
    from opforge_ir.canonical import JsonValue
    from opforge_ir.diagnostics import Diagnostic
    from opforge_runtime import StuckRun

__all__ = ["register"]

_LEAST_FREE_MIB: Final = 512
_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Line:
    """One thing that was looked at."""

    name: str
    text: str
    problems: tuple[Diagnostic, ...] = ()
    stuck: tuple[StuckRun, ...] = ()


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command()(doctor)


def doctor(store: StoreUrl = None, config: ConfigPath = None, is_json: JsonFlag = False) -> None:
    """Look at the configuration, the store, the clock, the disk and the runs, and say what is to be done.

    Nothing is changed, and nothing has to be removed to go on.
    """
    from opforge_cli import clock
    from opforge_cli.condition_view import complete_command, render_condition
    from opforge_cli.output import Output

    out = Output("doctor", is_json=is_json)
    now = clock.now_epoch_ms()
    lines = _examine(store, config, now)
    commands: dict[str, list[str]] = {}
    for line in lines:
        is_well = not line.problems and not line.stuck
        out.text(f"{'ok  ' if is_well else 'look'}  {line.name:<14} {line.text}")
        for stuck in line.stuck:
            commands[stuck.run] = [complete_command(each, store, config) for each in stuck.condition.commands]
            out.text(f"      {stuck.run}: {render_condition(stuck.condition, now)}")
            for command in commands[stuck.run]:
                out.text(f"      next      {command}")
    checks: list[JsonValue] = [
        {
            "name": line.name,
            "well": not line.problems and not line.stuck,
            "text": line.text,
            "codes": [problem.code.number for problem in line.problems],
            "stuck": [
                {
                    "run": stuck.run,
                    "kind": stuck.condition.kind,
                    "since_epoch_ms": stuck.condition.since_epoch_ms,
                    "commands": [*commands[stuck.run]],
                }
                for stuck in line.stuck
            ],
        }
        for line in lines
    ]
    out.finish({"checks": checks}, [problem for line in lines for problem in line.problems])


def _examine(store: str | None, config: Path | None, now_epoch_ms: int) -> list[_Line]:
    from opforge_cli.configuration import Configuration
    from opforge_cli.opening import configure
    from opforge_ir.diagnostics import DiagnosticError

    lines = [_look_at_versions()]
    try:
        configuration = configure(config, Path.cwd())
    except DiagnosticError as error:
        lines.append(_Line("configuration", "cannot be used", tuple(error.diagnostics)))
        if store is None:
            return lines
        configuration = Configuration()
    else:
        lines.append(_look_at_configuration(configuration, config))
    return lines + _look_at_store(store, configuration, now_epoch_ms)


def _look_at_versions() -> _Line:
    import platform
    import sqlite3

    from opforge_ir.report import get_version

    python = platform.python_version()
    return _Line("versions", f"opforge {get_version()}, Python {python}, SQLite {sqlite3.sqlite_version}")


def _look_at_configuration(configuration: Configuration, config: Path | None) -> _Line:
    from opforge_cli.configuration import find_configuration

    path = config or find_configuration(Path.cwd())
    networks = ", ".join(sorted(configuration.endpoints)) or "none"
    named = "no forge.toml; the defaults hold" if path is None else str(path)
    return _Line("configuration", f"{named}; networks with an endpoint: {networks}")


def _look_at_store(store: str | None, configuration: Configuration, now_epoch_ms: int) -> list[_Line]:
    from opforge_cli.opening import open_store
    from opforge_ir.diagnostics import DiagnosticError
    from opforge_runtime import describe_store, examine_store
    from opforge_runtime.stores.sqlite_migrations import SCHEMA_VERSION

    name = describe_store(store or configuration.store)
    path = Path(name)
    is_file = ":" not in name
    if is_file and not path.exists():
        return [_Line("store", f"there is none at {name} yet; `forge run` makes it")]
    lines: list[_Line] = []
    try:
        with open_store(configuration, store, is_created=False) as opened:
            version = f", schema version {SCHEMA_VERSION}" if is_file else ""
            lines.append(_Line("store", f"{name} can be opened{version}"))
            if is_file:
                lines.append(_look_at_disk(path))
            lines += [
                _Line(check.name, check.text, check.problems, check.stuck)
                for check in examine_store(opened, now_epoch_ms)
            ]
    except DiagnosticError as error:
        lines.append(_Line("store", f"{name} cannot be used", tuple(error.diagnostics)))
    return lines


def _look_at_disk(path: Path) -> _Line:
    from opforge_ir.codes.command import E_DISK_LOW

    free_mib = shutil.disk_usage(path.parent).free // _MIB
    size_mib = path.stat().st_size // _MIB
    low = (E_DISK_LOW.at(None, free_mib=free_mib, store=str(path)),) if free_mib < _LEAST_FREE_MIB else ()
    return _Line("disk", f"the store takes {size_mib} MiB, {free_mib} MiB are free", low)
