"""The errors that a program may catch: their names, their bases, and which failure of a run is which.

The classes are those that an author sees: CPython's own exceptions and those of the SDK, with the same bases.
A limit (steps, sizes, rounds, time) is no error of this table: it ends the run whatever stands around it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from opforge_ir.capabilities.definition import Field, RecordShape
from opforge_ir.codes import driving, execution, transport
from opforge_ir.diagnostics import Code, FieldValue

__all__ = ["CAUGHT", "ERRORS", "find_error", "get_classes", "get_message"]

ERRORS: Final[dict[str, tuple[str, ...]]] = {
    "ArithmeticError": (),
    "AssertionError": (),
    "ChildFailed": ("EffectError",),
    "DecimalException": ("ArithmeticError",),
    "DecodeError": ("EffectError",),
    "DivisionByZero": ("DecimalException", "ZeroDivisionError"),
    "EffectError": (),
    "Fail": (),
    "HttpError": ("EffectError",),
    "IndexError": ("LookupError",),
    "Inexact": ("DecimalException",),
    "InvalidOperation": ("DecimalException",),
    "KeyError": ("LookupError",),
    "LookupError": (),
    "NotGranted": ("EffectError",),
    "Overflow": ("Inexact", "Rounded"),
    "OverflowError": ("ArithmeticError",),
    "RandomError": ("EffectError",),
    "Reverted": ("EffectError",),
    "Rounded": ("DecimalException",),
    "RpcError": ("EffectError",),
    "Timeout": ("EffectError",),
    "TypeError": (),
    "UnicodeDecodeError": ("UnicodeError",),
    "UnicodeEncodeError": ("UnicodeError",),
    "UnicodeError": ("ValueError",),
    "ValueError": (),
    "ZeroDivisionError": ("ArithmeticError",),
}
"""Every error by name, with its bases of this table."""

CAUGHT: Final = RecordShape(
    "Caught",
    (
        Field("kind", "str", "the name of the error's class"),
        Field(
            "message",
            "str",
            "what `Fail`, the assertion or the child run says, the reason of a revert, or else the failure's "
            "code by name",
        ),
    ),
    "An error that a handler has caught.",
)
"""What the id of a handler stands for. A program receives such a record and makes none."""

_BY_CODE: Final[dict[Code, str]] = {
    execution.E_PROGRAM_FAIL: "Fail",
    execution.E_ASSERTION_FAILED: "AssertionError",
    execution.E_DECODE_FAILED: "DecodeError",
    execution.E_NOT_GRANTED: "NotGranted",
    execution.E_RANDOM_RANGE: "RandomError",
    execution.E_SIGNAL_TIMEOUT: "Timeout",
    execution.E_CHILD_FAILED: "ChildFailed",
    driving.E_ATTEMPT_TIMEOUT: "Timeout",
    driving.E_RESOLVED_FAILED: "EffectError",
    transport.E_CALL_REVERTED: "Reverted",
    transport.E_RPC_UNREACHABLE: "RpcError",
    transport.E_RPC_TIMEOUT: "Timeout",
    transport.E_RPC_DISCONNECTED: "RpcError",
    transport.E_RPC_HTTP_STATUS: "RpcError",
    transport.E_RPC_TOO_LARGE: "RpcError",
    transport.E_RPC_NOT_JSON_RPC: "RpcError",
    transport.E_RPC_IDS: "RpcError",
    transport.E_RPC_VALUE: "RpcError",
    transport.E_RPC_ERROR: "RpcError",
    transport.E_BLOCK_UNKNOWN: "RpcError",
    transport.E_ABI_TYPE_UNKNOWN: "EffectError",
    transport.E_ABI_VALUE: "EffectError",
    transport.E_ABI_DATA_MALFORMED: "RpcError",
    transport.E_ABI_DATA_EMPTY: "RpcError",
    transport.E_HTTP_URL: "HttpError",
    transport.E_HTTP_HOST_REFUSED: "NotGranted",
    transport.E_HTTP_REDIRECT_REFUSED: "HttpError",
    transport.E_HTTP_UNREACHABLE: "HttpError",
    transport.E_HTTP_TIMEOUT: "Timeout",
    transport.E_HTTP_DISCONNECTED: "HttpError",
    transport.E_HTTP_TOO_LARGE: "HttpError",
    transport.E_HTTP_BODY_ENCODING: "HttpError",
    transport.E_HTTP_REQUEST: "HttpError",
}

_SPEAKING_FIELDS: Final[dict[Code, str]] = {
    execution.E_PROGRAM_FAIL: "message",
    execution.E_ASSERTION_FAILED: "message",
    execution.E_CHILD_FAILED: "message",
    transport.E_CALL_REVERTED: "reason",
}
"""Where a failure of these codes says in words of its own what happened."""


def find_error(code: Code, fields: Mapping[str, FieldValue]) -> str | None:
    """The error that a failure is, or None when no handler catches it."""
    if code is execution.E_PROGRAM_EXCEPTION:
        return str(fields["exception"])
    return _BY_CODE.get(code)


def get_message(code: Code, fields: Mapping[str, FieldValue]) -> str:
    """The `message` of the error that a failure is."""
    field = _SPEAKING_FIELDS.get(code)
    return code.name if field is None else str(fields[field])


@cache
def get_classes(error: str) -> frozenset[str]:
    """The error itself and everything that it is an instance of."""
    return frozenset({error}).union(*map(get_classes, ERRORS[error]))
