"""The errors that a program may catch are those of CPython and of the SDK, with the same bases."""

from __future__ import annotations

import builtins
import decimal

import pytest

import opforge
from opforge_ir.codes import load_registry
from opforge_ir.codes.execution import E_PROGRAM_EXCEPTION, E_PROGRAM_FAIL
from opforge_ir.codes.transport import E_CALL_REVERTED, E_RPC_TIMEOUT
from opforge_ir.errors import ERRORS, find_error, get_classes, get_message
from opforge_ir.operators import OPERATORS

LIMITS = {
    "E_CALLS_TOO_DEEP",
    "E_NUMBER_TOO_LONG",
    "E_SESSION_TIMEOUT",
    "E_STEP_LIMIT",
    "E_VALUE_TOO_LARGE",
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_has_the_bases_of_the_class_that_it_names(name: str) -> None:
    modules = (builtins, decimal, opforge)
    (found,) = {getattr(module, name) for module in modules if hasattr(module, name)}
    bases = {each.__name__ for each in found.__mro__} - {"Exception", "BaseException", "object"}
    assert get_classes(name) == bases


def test_whatever_an_operator_raises_can_be_caught() -> None:
    assert {name for operator in OPERATORS.values() for name in operator.raises} <= ERRORS.keys()


def test_a_limit_is_no_error() -> None:
    named = {name: code for code in load_registry().values() if (name := code.name) in LIMITS}
    assert named.keys() == LIMITS
    assert [find_error(code, {}) for code in named.values()] == [None] * len(LIMITS)


def test_a_failure_is_an_error_by_its_code() -> None:
    raised = {"exception": "KeyError", "at": "", "instance": ""}
    assert find_error(E_PROGRAM_EXCEPTION, raised) == "KeyError"
    assert get_message(E_PROGRAM_EXCEPTION, raised) == "E_PROGRAM_EXCEPTION"
    assert find_error(E_PROGRAM_FAIL, {"message": "no"}) == "Fail"
    assert get_message(E_PROGRAM_FAIL, {"message": "no"}) == "no"
    assert (find_error(E_RPC_TIMEOUT, {}), get_message(E_RPC_TIMEOUT, {})) == ("Timeout", "E_RPC_TIMEOUT")
    assert (find_error(E_CALL_REVERTED, {}), get_message(E_CALL_REVERTED, {"reason": "paused"})) == (
        "Reverted",
        "paused",
    )
