"""Runs generated programs in CPython and in the interpreter, and reports the first one that differs.

    python -m house.differential 20000        as many programs, other ones each time

CPython is the specification: the result of a program, or the exception that it ends with, is the same in
both. So is what it asks of the outside, in order. Answers are made up from the number of the request and
from its arguments, and some requests fail.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from hypothesis import HealthCheck, given, reject, settings

import opforge
from house.program_generator import GeneratedProgram, programs
from house.program_scope import RECORDS
from opforge import Address, Response
from opforge._frontend import compile_program
from opforge._frontend.vocabulary import SPEAKING_ERRORS
from opforge._host import use_host
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.execution import (
    E_NUMBER_TOO_LONG,
    E_RANDOM_RANGE,
    E_STEP_LIMIT,
    E_VALUE_TOO_LARGE,
)
from opforge_ir.codes.source import E_CHANGED_WHILE_ITERATED, E_CONSTANT_CHANGED, E_FAN_OUT_CHANGE
from opforge_ir.codes.transport import E_HTTP_UNREACHABLE
from opforge_ir.errors import find_error, get_message
from opforge_ir.types import parse_type
from opforge_ir.validation import load_document
from opforge_ir.values import RecordInstance, ValueCodec
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import Execution, ProgramError, compile_document

__all__ = ["Outcome", "compare", "run_interpreted", "run_natively"]

_PATH: Final = "generated.py"
_CAUTIOUS: Final = {E_CHANGED_WHILE_ITERATED, E_CONSTANT_CHANGED, E_FAN_OUT_CHANGE}
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
    """Of `Fail`, assertions and effects only: the texts of other exceptions are CPython's own."""
    asked: tuple[tuple[str, dict[str, object]], ...] = ()
    """What was asked of the outside: verb and arguments."""


@dataclass(frozen=True, slots=True)
class _Source:
    text: str

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        return self.text.encode() if path == _PATH else None


class _Outside:
    """Answers requests in order, and remembers them; part of `opforge._host.Host`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []

    def answer(self, verb: str, args: Mapping[str, object]) -> object | EffectFailure:
        """The answer as the interpreter holds it, or the failure."""
        count = len(self.asked)
        self.asked.append((verb, dict(args)))
        match verb:
            case "time.now":
                return 1000 + count
            case "random.integer":
                low, high = cast("int", args["low"]), cast("int", args["high"])
                if low > high:
                    return EffectFailure(E_RANDOM_RANGE, {"low": str(low), "high": str(high)})
                return low + count * 7919 % (high - low + 1)
            case "http.get":
                if count % 3 == 1:
                    return EffectFailure(E_HTTP_UNREACHABLE, {"host": "api.example"})
                return RecordInstance("Response", (200 + count % 5, "text", {}))
            case _:
                return None

    def perform(self, verb: str, static: Mapping[str, str], args: Mapping[str, object]) -> object:
        """The same for a program that runs in CPython; none of the verbs here says anything by `static`."""
        del static
        answer = self.answer(verb, args)
        if isinstance(answer, EffectFailure):
            name = find_error(answer.code, answer.fields)
            raise getattr(opforge, str(name))(get_message(answer.code, answer.fields))
        if isinstance(answer, RecordInstance):
            status, text, headers = answer.values
            return Response(cast("int", status), cast("str", text), cast("dict[str, str]", headers))
        return answer


def run_natively(program: GeneratedProgram) -> Outcome:
    """The outcome in CPython."""
    names: dict[str, Any] = {"__name__": "generated"}
    exec(compile(program.source, _PATH, "exec", dont_inherit=True), names)
    outside = _Outside()
    try:
        with use_host(outside):
            value = names["main"](**copy.deepcopy(program.inputs))
    except Exception as error:  # noqa: BLE001  # whatever CPython raises is what is compared
        name = type(error).__name__
        message = str(error) if name in SPEAKING_ERRORS else ""
        return Outcome(exception=name, message=message, asked=tuple(outside.asked))
    held = ValueCodec(_FIELDS).encode(program.result, _hold(value))
    return Outcome(held, asked=tuple(outside.asked))


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
    outside = _Outside()
    try:
        requests = execution.start()
        while requests:
            answers = [outside.answer(each.site.verb.name, each.arguments) for each in requests]
            requests = execution.resume(answers)
    except ProgramError as error:
        name = find_error(error.code, error.fields)
        if name is None:
            return Outcome(exception=error.code.name)
        message = get_message(error.code, error.fields) if name in SPEAKING_ERRORS else ""
        return Outcome(exception=name, message=message, asked=tuple(outside.asked))
    return Outcome(compiled.codec.encode(program.result, execution.output), asked=tuple(outside.asked))


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
