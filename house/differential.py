"""Runs generated programs in CPython and in the interpreter, and reports the first one that differs.

    python -m house.differential 20000        as many programs, other ones each time

CPython is the specification of the pure part: a program's result, or the exception that it ends with, must be
the same in both.
"""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass
from typing import Any, Final, cast

from hypothesis import HealthCheck, given, reject, settings

from house.program_generator import GeneratedProgram, programs
from house.program_scope import RECORDS
from opforge import Address
from opforge._frontend import compile_program
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.execution import (
    E_ASSERTION_FAILED,
    E_NUMBER_TOO_LONG,
    E_PROGRAM_EXCEPTION,
    E_PROGRAM_FAIL,
    E_STEP_LIMIT,
    E_VALUE_TOO_LARGE,
)
from opforge_ir.codes.source import E_CHANGED_WHILE_ITERATED, E_CONSTANT_CHANGED
from opforge_ir.types import parse_type
from opforge_ir.validation import load_document
from opforge_ir.values import RecordInstance, ValueCodec
from opforge_runtime.interpreter import Execution, ProgramError, compile_document

__all__ = ["Outcome", "compare", "run_interpreted", "run_natively"]

_PATH: Final = "generated.py"
_CAUTIOUS: Final = {E_CHANGED_WHILE_ITERATED, E_CONSTANT_CHANGED}
_LIMITS: Final = {E_NUMBER_TOO_LONG.name, E_VALUE_TOO_LARGE.name, E_STEP_LIMIT.name}
_FIELDS: Final = {
    name: tuple((field, parse_type(text)) for field, text in fields.items())
    for name, fields in RECORDS.items()
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended: with a value in its stored form, or with an exception."""

    value: JsonValue = None
    exception: str = ""
    message: str = ""
    """Of `Fail` and assertions only: the texts of other exceptions are CPython's own."""


@dataclass(frozen=True, slots=True)
class _Source:
    text: str

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        return self.text.encode() if path == _PATH else None


def run_natively(program: GeneratedProgram) -> Outcome:
    """The outcome in CPython."""
    names: dict[str, Any] = {"__name__": "generated"}
    exec(compile(program.source, _PATH, "exec", dont_inherit=True), names)
    try:
        value = names["main"](**copy.deepcopy(program.inputs))
    except Exception as error:  # noqa: BLE001  # whatever CPython raises is what is compared
        name = type(error).__name__
        return Outcome(exception=name, message=str(error) if name in {"Fail", "AssertionError"} else "")
    return Outcome(ValueCodec(_FIELDS).encode(program.result, _hold(value)))


def _hold(value: object) -> object:
    """A value of CPython as the interpreter holds it."""
    if isinstance(value, Address):
        return str(value).lower()
    if isinstance(value, list):
        return [_hold(item) for item in cast("list[object]", value)]
    if isinstance(value, tuple):
        return tuple(_hold(item) for item in cast("tuple[object, ...]", value))
    if isinstance(value, dict):
        return {_hold(key): _hold(item) for key, item in cast("dict[object, object]", value).items()}
    if type(value).__name__ in _FIELDS:
        name = type(value).__name__
        return RecordInstance(name, tuple(_hold(getattr(value, field)) for field, _ in _FIELDS[name]))
    return value


def run_interpreted(program: GeneratedProgram) -> Outcome:
    """The outcome of the compiled program. Raises AssertionError when it does not compile.

    The front end is cautious about lists that may be one and the same; a program that it refuses for that
    is rejected, as hypothesis calls it.
    """
    compilation = compile_program(_PATH, _Source(program.source))
    codes = {each.code for each in compilation.diagnostics}
    if codes and codes <= _CAUTIOUS:
        reject()
    problems = [f"{each.code.name} {each.values}: {each.source_line}" for each in compilation.diagnostics]
    assert compilation.document is not None, f"{problems}\n{program}"
    document = load_document(canonical_bytes(cast("JsonValue", compilation.document)))
    compiled = compile_document(document)
    execution = Execution(compiled, "main", copy.deepcopy(program.inputs))
    try:
        requests = execution.start()
    except ProgramError as error:
        match error.code:
            case code if code is E_PROGRAM_EXCEPTION:
                return Outcome(exception=str(error.fields["exception"]))
            case code if code is E_PROGRAM_FAIL:
                return Outcome(exception="Fail", message=str(error.fields["message"]))
            case code if code is E_ASSERTION_FAILED:
                return Outcome(exception="AssertionError", message=str(error.fields["message"]))
            case code:
                return Outcome(exception=code.name)
    assert requests == []
    return Outcome(compiled.codec.encode(program.result, execution.output))


def compare(program: GeneratedProgram) -> None:
    """Raises AssertionError when the two outcomes are not the same.

    A program that takes more than the interpreter's limits allow ends there with the limit's code.
    """
    interpreted = run_interpreted(program)
    if interpreted.exception in _LIMITS:
        return
    native = run_natively(program)
    assert interpreted == native, f"interpreted: {interpreted}\nnative: {native}\n{program}"


def main() -> None:
    """Compare as many programs as the first argument says."""
    count = int(sys.argv[1])

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(programs())
    def run(program: GeneratedProgram) -> None:
        compare(program)

    run()
    print(f"{count} programs: no difference")


if __name__ == "__main__":
    main()
