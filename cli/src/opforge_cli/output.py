"""The one way in which a command answers: results on standard output, diagnostics on standard error.

With `--json` there is one document on standard output instead (`schema/command-report.schema.json`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from opforge_cli.exit_codes import ExitCode, exit_code_for
from opforge_cli.rendering import render_diagnostic
from opforge_ir.canonical import JsonValue, review_bytes
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.report import build_report

__all__ = ["Output"]


class Output:
    """What one command prints."""

    def __init__(self, command: str, *, is_json: bool) -> None:
        self._command = command
        self._is_json = is_json

    @property
    def is_json(self) -> bool:
        """Whether the answer is one JSON document."""
        return self._is_json

    def text(self, text: str) -> None:
        """A line of the result for people; nothing with `--json`."""
        if not self._is_json:
            # Before what is said on standard error next, also where both are one file.
            print(text, flush=True)

    def raw(self, data: bytes) -> None:
        """Exact bytes of a result; nothing with `--json`."""
        if not self._is_json:
            sys.stdout.flush()
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def note(self, text: str) -> None:
        """A line about progress, on standard error; nothing with `--json`."""
        if not self._is_json:
            print(text, file=sys.stderr)

    def finish(
        self, result: JsonValue, diagnostics: Sequence[Diagnostic] = (), *, code: ExitCode | None = None
    ) -> NoReturn:
        """Print the diagnostics, with `--json` the whole report, and exit."""
        status = exit_code_for(diagnostics) if code is None else code
        if self._is_json:
            report = build_report(self._command, int(status), result, [d.to_json() for d in diagnostics])
            sys.stdout.buffer.write(review_bytes(report))
            sys.stdout.buffer.flush()
        else:
            is_coloured = sys.stderr.isatty() and "NO_COLOR" not in os.environ
            for diagnostic in diagnostics:
                print(render_diagnostic(diagnostic, is_coloured=is_coloured), file=sys.stderr)
        raise typer.Exit(int(status))
