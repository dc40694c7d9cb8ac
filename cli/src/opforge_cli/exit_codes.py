"""What the exit status of `forge` says (design, section 9)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Final

from opforge_ir.diagnostics import Category, Diagnostic

__all__ = ["ExitCode", "exit_code_for"]


class ExitCode(IntEnum):
    """The documented exit codes."""

    FINE = 0
    INPUT_WRONG = 1
    USAGE = 2
    RUN_FAILED = 3
    POLICY_REFUSED = 4
    ENVIRONMENT = 5
    INTERNAL = 70


_BY_CATEGORY: Final[dict[Category, ExitCode]] = {
    "reader": ExitCode.INPUT_WRONG,
    "document": ExitCode.INPUT_WRONG,
    "source": ExitCode.INPUT_WRONG,
    "execution": ExitCode.RUN_FAILED,
    "store": ExitCode.ENVIRONMENT,
    "command": ExitCode.INPUT_WRONG,
    "internal": ExitCode.INTERNAL,
}
_BY_NAME: Final[dict[str, ExitCode]] = {
    "E_OP_UNKNOWN": ExitCode.USAGE,
    "E_OP_AMBIGUOUS": ExitCode.USAGE,
    "E_INPUT_NOT_OBJECT": ExitCode.USAGE,
    "E_INPUT_MISSING": ExitCode.INPUT_WRONG,
    "E_INPUT_UNKNOWN": ExitCode.INPUT_WRONG,
    "E_RUN_AMBIGUOUS": ExitCode.USAGE,
    "E_RUN_UNKNOWN": ExitCode.USAGE,
    "E_SIGNAL_UNKNOWN": ExitCode.USAGE,
    "E_REASON_EMPTY": ExitCode.USAGE,
    "E_RESOLUTION_VALUE": ExitCode.USAGE,
    "E_FORK_POINT": ExitCode.USAGE,
    "E_FILE_UNWRITABLE": ExitCode.ENVIRONMENT,
    "E_EXPORT_INVALID": ExitCode.INPUT_WRONG,
    "E_STORE_URL": ExitCode.USAGE,
    "E_CONFIG_INVALID": ExitCode.ENVIRONMENT,
    "E_CONFIG_VARIABLE": ExitCode.ENVIRONMENT,
    "E_NETWORK_WITHOUT_ENDPOINT": ExitCode.ENVIRONMENT,
    "E_WRONG_CHAIN": ExitCode.ENVIRONMENT,
    "E_DEVCHAIN_UNAVAILABLE": ExitCode.ENVIRONMENT,
    "E_DEVCHAIN_START": ExitCode.ENVIRONMENT,
    "E_NOT_GRANTED": ExitCode.POLICY_REFUSED,
    "E_FIXTURES_MISSING": ExitCode.USAGE,
    "E_FIXTURE_PROGRAM": ExitCode.USAGE,
    "E_RUN_NOT_RECORDED": ExitCode.USAGE,
    "E_ANSWER_MISSING": ExitCode.RUN_FAILED,
    "E_TEST_DIFFERS": ExitCode.RUN_FAILED,
}


def exit_code_for(diagnostics: Sequence[Diagnostic]) -> ExitCode:
    """The exit code for what was found: the gravest of its errors, or FINE when none is an error."""
    return max(
        (
            _BY_NAME.get(d.code.name, _BY_CATEGORY[d.code.category])
            for d in diagnostics
            if d.code.severity == "error"
        ),
        default=ExitCode.FINE,
    )
