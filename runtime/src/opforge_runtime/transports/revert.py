"""The failure of a reverted call, with the reason that its data gives.

Data comes in three kinds (Solidity documentation, "Panic via assert and Error via require"): the
encodings of `Error(string)` and `Panic(uint256)`, and errors that the contract declares itself.
"""

from __future__ import annotations

from opforge_ir.codes import transport as codes
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.abi import decode_result
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports.hexadecimal import format_data
from opforge_runtime.transports.provider_text import clean_text

__all__ = ["build_revert_failure"]

_ERROR_STRING = bytes.fromhex("08c379a0")
_PANIC = bytes.fromhex("4e487b71")
_MAX_DATA_BYTES = 1024
"""How much revert data a failure keeps; a contract may return any amount."""


def build_revert_failure(network: str, contract: str, selector: bytes, data: bytes) -> EffectFailure:
    """The failure of a call of `selector` on `contract`, which reverted with `data`."""
    return EffectFailure(
        codes.E_CALL_REVERTED,
        {
            "network": network,
            "contract": contract,
            "selector": format_data(selector),
            "reason": _describe(data),
            "data": format_data(data[:_MAX_DATA_BYTES]),
        },
    )


def _describe(data: bytes) -> str:
    if not data:
        return "no reason given"
    kind, rest = data[:4], data[4:]
    try:
        if kind == _ERROR_STRING:
            return clean_text(str(decode_result(["string"], rest)[0]))
        if kind == _PANIC:
            return f"panic {decode_result(['uint256'], rest)[0]:#x}"
    except DiagnosticError:
        return "data that is not an encoded reason"
    return f"the contract's own error {format_data(kind)}"
