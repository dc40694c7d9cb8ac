"""The failures that tests may let an effect end with, named by the class of the error or by its code."""

from __future__ import annotations

from functools import cache
from typing import Final

from opforge_ir.capabilities import VERBS
from opforge_ir.codes import execution, load_registry, transport
from opforge_ir.diagnostics import Code
from opforge_ir.errors import ERRORS, find_error

__all__ = ["NO_REASON", "UNSTATED", "get_failure_code", "list_failures"]

NO_REASON: Final = "no reason given"
"""The reason of a revert that gives none."""
UNSTATED: Final = "not stated"
"""What stands in a field of a failure about which a test says nothing."""

_PREFIXES: Final = {"http": "E_HTTP_", "run": "E_CHILD_", "signal": "E_SIGNAL_"}
"""How the codes begin that belong to one capability alone."""
_BY_CLASS: Final[dict[str, Code]] = {
    "ChildFailed": execution.E_CHILD_FAILED,
    "HttpError": transport.E_HTTP_UNREACHABLE,
    "NotGranted": execution.E_NOT_GRANTED,
    "RandomError": execution.E_RANDOM_RANGE,
    "Reverted": transport.E_CALL_REVERTED,
    "RpcError": transport.E_RPC_UNREACHABLE,
}
"""What a class alone stands for; a timeout is that of the verb's capability."""
_TIMEOUTS: Final = {
    "chain": transport.E_RPC_TIMEOUT,
    "http": transport.E_HTTP_TIMEOUT,
    "signal": execution.E_SIGNAL_TIMEOUT,
}


@cache
def list_failures(verb: str) -> dict[str, Code]:
    """What a verb may fail with, by class and by code name."""
    errors, capability = VERBS[verb].errors, verb.partition(".")[0]
    found = {
        code.name: code
        for code in load_registry().values()
        if code is not execution.E_PROGRAM_EXCEPTION
        and find_error(code, {}) in errors
        and _belongs_to(code, capability)
    }
    classes = {name: _TIMEOUTS[capability] if name == "Timeout" else _BY_CLASS[name] for name in errors}
    return {**classes, **found}


def _belongs_to(code: Code, capability: str) -> bool:
    """Whether a failure of the verbs of this capability may have this code."""
    owner = next((name for name, prefix in _PREFIXES.items() if code.name.startswith(prefix)), None)
    if owner is not None:
        return owner == capability
    return capability == "chain" or code.number < transport.E_NETWORK_WITHOUT_ENDPOINT.number


def get_failure_code(verb: str, name: str) -> Code:
    """The code that a class or a code's name means for a verb.

    Raises ValueError, which names what there is, when the verb never fails so.
    """
    known = list_failures(verb)
    if name not in known:
        classes = [each for each in known if each in ERRORS]
        raise ValueError(
            f"{verb} never fails with {name}; it may fail with {', '.join(classes) or 'nothing'}"
        )
    return known[name]
