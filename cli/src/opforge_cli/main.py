"""The `forge` program: its commands, and the one place where an error becomes an exit status."""

from __future__ import annotations

import io
import os
import sys
from typing import Annotated

import typer

from opforge_cli import doctor, execution, operating, program, runs, testing, upkeep, worker

__all__ = ["app", "main"]

app = typer.Typer(
    name="forge",
    help="Compile decorated Python operations to a canonical IR; validate, show, run and replay it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        from opforge_ir.report import get_version

        print(f"opforge {get_version()}")
        raise typer.Exit


@app.callback()
def _root(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the stack trace of a fault of opforge itself.")
    ] = False,
    version: Annotated[  # noqa: ARG001
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if debug:
        os.environ["OPFORGE_DEBUG"] = "1"


program.register(app)
execution.register(app)
operating.register(app)
worker.register(app)
doctor.register(app)
upkeep.register(app)
testing.register(app)
operating.register_cancel(runs.app)
upkeep.register_transfer(runs.app)
app.add_typer(runs.app, name="runs")


def main() -> None:
    """Run the command line; exits with a documented status, and shows no stack trace without `--debug`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except Exception as error:
        if os.environ.get("OPFORGE_DEBUG"):
            raise
        sys.exit(_report_failure(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)


def _report_failure(error: Exception) -> int:
    from opforge_cli.output import Output
    from opforge_ir.codes.command import E_INTERNAL
    from opforge_ir.diagnostics import DiagnosticError

    diagnostics = (
        error.diagnostics
        if isinstance(error, DiagnosticError)
        else [E_INTERNAL.at(kind=type(error).__name__)]
    )
    # typer's own parse errors were handled before; the command's name is the first word that is no option
    command = next((word for word in sys.argv[1:] if not word.startswith("-")), "forge")
    try:
        Output(command, is_json="--json" in sys.argv).finish(None, diagnostics)
    except typer.Exit as done:
        return done.exit_code
