"""Answers of a fixture file, for a scripted host."""

from __future__ import annotations

import dataclasses
import enum
import typing
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from opforge import _errors as errors
from opforge._address import Address
from opforge._classes import Classes
from opforge._errors import ChildFailed, Reverted
from opforge._stored import Stored
from opforge.testing._declarations import find_declarations
from opforge.testing._failures import build_failure
from opforge.testing._rules import UNANSWERED, Answer, InTurn
from opforge.testing.effects import ChainCall, Effect, RunChild, SignalWait

if TYPE_CHECKING:  # reading fixtures takes long to import
    from opforge_ir.canonical import JsonValue
    from opforge_ir.fixture import FixtureAnswer, FixtureReply
    from opforge_ir.fixture_matching import AskedEffect

__all__ = ["build_answers"]


def build_answers(written: Iterable[FixtureAnswer]) -> list[Answer]:
    """The same answers, by what is asked. Raises ValueError for one that says where it is asked.

    Plain Python has no states, so it could not be told from others.
    """
    return [_build_answer(each) for each in written]


def _build_answer(written: FixtureAnswer) -> Answer:
    from opforge_ir.fixture_matching import is_meant

    if {"state", "instance"} & written.model_fields_set:
        raise ValueError(
            f"the answer at {written.state} cannot be given to plain Python, which has no states: "
            "write verb and arguments, or leave the case to forge test"
        )
    replies: object = InTurn(tuple(written.in_turn)) if written.in_turn else written

    def reply(effect: Effect[Any]) -> object:
        return replies if is_meant(written, _describe(effect)) else UNANSWERED

    return Answer(None, reply, f"{written.verb} of the fixture", _finish)


def _finish(effect: Effect[Any], reply: FixtureReply | FixtureAnswer) -> object:
    """What a written reply gives the program. Raises the error that it says."""
    from opforge_ir.effect_failures import get_failure_code
    from opforge_ir.errors import find_error
    from opforge_ir.fixture_values import complete_value

    if reply.error:
        code = get_failure_code(effect.verb, reply.error)
        kind = getattr(errors, find_error(code, {}) or "")
        speaking = {Reverted: "reason", ChildFailed: "message"}.get(kind)
        text = str(reply.fields.get(speaking, "")) if speaking is not None else code.name
        raise build_failure(effect, kind(text))
    if isinstance(effect, RunChild | SignalWait):
        return Stored(reply.value)
    classes = Classes()
    kind = classes.read(_get_answer_type(effect))
    stored = complete_value(_describe(effect), reply.value)
    return classes.build(kind, classes.build_codec().decode(kind, stored, is_input=True))


def _get_answer_type(effect: Effect[Any]) -> object:
    """The annotation of an effect's answer. Raises ValueError when contract classes contradict each other."""
    if not isinstance(effect, ChainCall):
        return type(None) if effect.result is None else effect.result
    found = {typing.get_type_hints(each)["return"] for each in find_declarations(effect)}
    if len(found) != 1:
        raise ValueError(f"{len(found)} types are declared for {effect.contract}.{effect.function}")
    return found.pop()


def _describe(effect: Effect[Any]) -> AskedEffect:
    """An effect in the words of a fixture."""
    from opforge_ir.capabilities import VERBS
    from opforge_ir.fixture_matching import AskedEffect

    verb = VERBS[effect.verb]
    return AskedEffect(
        effect.verb,
        {each.name: getattr(effect, each.name) for each in verb.statics if each.kind != "type"},
        {each.name: _store(getattr(effect, each.name)) for each in verb.parameters},
        state="",
        instance="",
    )


def _store(value: object) -> JsonValue:
    """A value in stored form, as far as it shows its type itself."""
    match value:
        case bool() | str() | None:
            return value.value if isinstance(value, enum.Enum) else value
        case enum.Enum():
            return _store(value.value)
        case int() | Decimal():
            return str(value)
        case bytes():
            return "0x" + value.hex()
        case Address():
            return str(value).lower()
        case Mapping():
            return [[_store(k), _store(v)] for k, v in cast("Mapping[object, object]", value).items()]
        case list() | tuple():
            return [_store(item) for item in cast("Iterable[object]", value)]
        case _ if dataclasses.is_dataclass(value):
            names = [each.name for each in dataclasses.fields(value)]
            return {name: _store(getattr(value, name)) for name in names}
        case _:
            raise TypeError(f"the language has no value {value!r}")
