"""The one envelope that every command answers with `--json`; `report_model` is its shape."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import cast

from opforge_ir.canonical import JsonValue
from opforge_ir.diagnostics import DiagnosticJson

__all__ = ["build_report", "get_version"]


def get_version() -> str:
    """The version of the installed distribution."""
    return version("opforge")


def build_report(
    command: str, exit_code: int, result: JsonValue, diagnostics: Sequence[DiagnosticJson]
) -> JsonValue:
    """The JSON form of a command's answer."""
    return {
        "artifact": "command-report",
        "opforge": get_version(),
        "command": command,
        "ok": exit_code == 0,
        "exit_code": exit_code,
        "result": result,
        "diagnostics": cast("list[JsonValue]", list(diagnostics)),
    }
