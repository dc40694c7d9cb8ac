"""Answers from a test fixture: no network, no clock, no chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from opforge_ir.codes.command import E_ANSWER_MISSING, E_FIXTURE_VALUE
from opforge_ir.codes.execution import E_RANDOM_RANGE
from opforge_ir.diagnostics import Diagnostic, DiagnosticError, FieldValue
from opforge_ir.document import Document, Policy
from opforge_ir.effect_failures import NO_REASON, UNSTATED, get_failure_code
from opforge_ir.fixture import FixtureAnswer, FixtureReply
from opforge_ir.fixture_matching import AskedEffect, is_meant
from opforge_ir.fixture_values import complete_value
from opforge_ir.values import Value, ValueCodec
from opforge_runtime.abi import encode_call
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.fixture_text import render_answer_to_add
from opforge_runtime.interpreter.request import EffectRequest

__all__ = ["FixtureIo"]


@dataclass(slots=True)
class _Script:
    """An answer of the fixture, and how much of it was used."""

    answer: FixtureAnswer
    uses: int = field(default=0, init=False)

    def take(self) -> FixtureReply | FixtureAnswer | None:
        """The next reply, or None when all were used."""
        turns = self.answer.in_turn
        if turns and self.uses == len(turns):
            return None
        self.uses += 1
        return turns[self.uses - 1] if turns else self.answer


class FixtureIo:
    """Part of a test: an EffectIo whose answers people wrote or a run recorded.

    What a request could not be answered with by a chain or a machine is refused, and a request that could not
    be made fails as it does in a run.
    """

    def __init__(self, case: str, answers: Iterable[FixtureAnswer], codec: ValueCodec) -> None:
        """`answers` in the order in which they are tried."""
        self._case = case
        self._scripts = [_Script(answer) for answer in answers]
        self._codec = codec
        self.asked: list[AskedEffect] = []
        """Every request, in the order of the plan; one that is tried again stands here once."""

    @property
    def unused(self) -> list[FixtureAnswer]:
        """The answers that nothing was answered with."""
        return [script.answer for script in self._scripts if not script.uses]

    def begin(self, document: Document, policy: Policy, left_ms: int | None) -> FixtureIo:  # noqa: ARG002
        """Part of EffectIo: nothing is needed, and each run has its own."""
        return self

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectIo. Raises DiagnosticError with every E_ANSWER_MISSING and E_FIXTURE_VALUE."""
        problems: list[Diagnostic] = []
        answers: list[Answer] = []
        for attempt in attempts:
            try:
                answers.append(self._answer(attempt))
            except DiagnosticError as error:
                problems += error.diagnostics
        if problems:
            raise DiagnosticError(problems)
        return answers

    async def wait(self, policy: Policy, failures: int) -> None:
        """Part of EffectIo: nothing is waited for."""

    def _answer(self, attempt: Attempt) -> Answer:
        request = attempt.request
        site = request.site
        asked = AskedEffect(
            site.verb.name,
            site.static,
            request.encode_arguments(self._codec),
            site.state,
            request.instance,
        )
        if attempt.number == 1:
            self.asked.append(asked)
        refusal = _find_refusal(request)
        if refusal is not None:
            return refusal
        for script in self._scripts:
            reply = script.take() if is_meant(script.answer, asked) else None
            if reply is not None:
                return self._deliver(request, asked, reply)
        if site.verb.result == "None":  # lines of the log, events, and time that passes
            return None
        raise E_ANSWER_MISSING.error(
            site.pointer,
            case=self._case,
            verb=asked.verb,
            state=asked.state,
            instance=asked.instance,
            answer=render_answer_to_add(asked),
        )

    def _deliver(
        self, request: EffectRequest, asked: AskedEffect, reply: FixtureReply | FixtureAnswer
    ) -> Answer:
        try:
            if "error" in reply.model_fields_set:
                return _build_failure(request, asked, reply)
            value = self._codec.decode(
                request.site.type, complete_value(asked, reply.value), "/value", is_input=True
            )
            _check_value(request, value)
        except (DiagnosticError, ValueError) as error:
            problem = error.diagnostics[0].message if isinstance(error, DiagnosticError) else str(error)
            raise E_FIXTURE_VALUE.error(
                request.site.pointer,
                case=self._case,
                verb=asked.verb,
                state=asked.state,
                instance=asked.instance,
                problem=problem,
            ) from error
        return value


def _find_refusal(request: EffectRequest) -> EffectFailure | None:
    """Why the request is never made, as the transports find."""
    arguments = request.arguments
    if request.site.verb.name == "random.integer":
        low, high = cast("int", arguments["low"]), cast("int", arguments["high"])
        # As text: integers of the language may be long, and stored ones are small.
        return EffectFailure(E_RANDOM_RANGE, {"low": str(low), "high": str(high)}) if low > high else None
    if request.site.function is not None:
        types = [each.abi for each in request.site.function.inputs]
        try:
            encode_call(b"", types, cast("tuple[Value, ...]", arguments["arguments"]))
        except DiagnosticError as error:
            return EffectFailure(error.diagnostics[0].code, error.diagnostics[0].values)
    return None


def _check_value(request: EffectRequest, value: Value) -> None:
    """Raises ValueError or DiagnosticError for a value that the outside cannot give to this request."""
    function, arguments = request.site.function, request.arguments
    if request.site.verb.name == "random.integer":
        low, high = cast("int", arguments["low"]), cast("int", arguments["high"])
        if not low <= cast("int", value) <= high:
            raise ValueError(f"{value} is not between {low} and {high}")
    if function is not None and function.outputs:
        encode_call(b"", [each.abi for each in function.outputs], [value])


def _build_failure(
    request: EffectRequest, asked: AskedEffect, reply: FixtureReply | FixtureAnswer
) -> EffectFailure:
    """The failure that a reply says. Raises ValueError when the verb never fails so."""
    code = get_failure_code(asked.verb, reply.error)
    unknown = set(reply.fields) - set(code.fields)
    if unknown:
        raise ValueError(f"{code.name} has no field {min(unknown)}; it has: {', '.join(code.fields)}")
    known = {**_list_known_fields(request, asked), **reply.fields}
    return EffectFailure(code, {name: known.get(name, UNSTATED) for name in code.fields})


def _list_known_fields(request: EffectRequest, asked: AskedEffect) -> Mapping[str, FieldValue]:
    """What the request itself says of the fields of a failure."""
    known: dict[str, FieldValue] = {"verb": asked.verb, "reason": NO_REASON, "data": "0x"}
    known |= {name: value for name, value in asked.arguments.items() if isinstance(value, str)}
    function = request.site.function
    if function is not None:
        known |= {
            "contract": cast("str", asked.arguments["address"]),
            "selector": function.selector,
            "types": ",".join(each.abi for each in function.outputs),
        }
    return known
