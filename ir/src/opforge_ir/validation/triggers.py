"""Rules on the triggers of an op: what they name exists, and every run that they start has its parameters."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter

from opforge_ir.abi_types import type_of_abi
from opforge_ir.codes.document import E_UNKNOWN_NETWORK
from opforge_ir.codes.triggers import (
    E_CRON_EXPRESSION,
    E_EVENT_INPUT,
    E_EVENT_TOPIC,
    E_TIME_ZONE,
    E_TRIGGER_ADDRESSES,
    E_TRIGGER_CONFIRMATIONS,
    E_TRIGGER_INCOMPLETE,
    E_TRIGGER_TWICE,
    E_TRIGGER_VALUE,
)
from opforge_ir.cron import find_cron_problem
from opforge_ir.document.triggers import Trigger
from opforge_ir.problems import JsonArray, JsonObject, Problems
from opforge_ir.time_zones import TIME_ZONES
from opforge_ir.triggers import (
    MAX_EVENT_TOPICS,
    TRIGGER_VALUES,
    event_signature,
    event_topic,
    find_event_problem,
    fits_message,
)
from opforge_ir.types import Type
from opforge_ir.validation.definitions import Definitions, ShapeMismatch, is_known

__all__ = ["check_triggers", "find_trigger_networks"]

_TRIGGERS: Final[TypeAdapter[Any]] = TypeAdapter(list[Trigger], config=ConfigDict(strict=True))


def check_triggers(
    op: JsonObject, networks: JsonObject | None, definitions: Definitions, problems: Problems
) -> None:
    """Check the triggers of an op whose parameters are well formed. Raises what the models raise.

    `networks` is None where the document's table of networks is not well formed.
    """
    triggers: JsonArray = op["triggers"]
    if type(triggers) is not list:
        raise ShapeMismatch
    _TRIGGERS.validate_python(triggers)
    seen: list[JsonObject] = []
    for index, trigger in enumerate(triggers):
        if trigger in seen:
            problems.add(E_TRIGGER_TWICE, op, "triggers", index)
            continue
        seen.append(trigger)
        match trigger["kind"]:
            case "block" | "log":
                _check_chain(trigger, networks, problems)
            case "cron":
                _check_cron(trigger, problems)
            case _:
                pass
        if trigger["kind"] == "log":
            _check_event(trigger, problems)
        if trigger["kind"] != "manual":
            _check_passes(op, trigger, definitions, problems)


def find_trigger_networks(document: JsonObject) -> set[str]:
    """The networks that the triggers of a document watch."""
    return {
        trigger["network"]
        for op in document["ops"].values()
        for trigger in op["triggers"]
        if "network" in trigger
    }


def _check_chain(trigger: JsonObject, networks: JsonObject | None, problems: Problems) -> None:
    if networks is not None and trigger["network"] not in networks:
        problems.add(E_UNKNOWN_NETWORK, trigger, "network", network=trigger["network"])
    if trigger["confirmations"] and trigger["tag"] != "latest":
        problems.add(E_TRIGGER_CONFIRMATIONS, trigger, "confirmations", tag=trigger["tag"])


def _check_cron(trigger: JsonObject, problems: Problems) -> None:
    expression, name = trigger["expression"], trigger["timezone"]
    if reason := find_cron_problem(expression):
        problems.add(E_CRON_EXPRESSION, trigger, "expression", expression=expression, reason=reason)
    if name not in TIME_ZONES:
        problems.add(E_TIME_ZONE, trigger, "timezone", name=name)


def _check_event(trigger: JsonObject, problems: Problems) -> None:
    addresses, inputs = trigger["addresses"], trigger["inputs"]
    if addresses != sorted(set(addresses)) or ("any" in addresses and len(addresses) > 1):
        problems.add(E_TRIGGER_ADDRESSES, trigger, "addresses")
    topics = 0
    for index, each in enumerate(inputs):
        topics += each["place"] == "topic"
        if type_of_abi(each["abi"]) is None:
            reason = f"{each['abi']} is no type of the contract ABI"
        elif each["place"] == "topic" and topics > MAX_EVENT_TOPICS:
            reason = f"{MAX_EVENT_TOPICS} inputs are topics already"
        else:
            continue
        problems.add(E_EVENT_INPUT, trigger, "inputs", index, event=trigger["event"], reason=reason)
        return
    signature = event_signature(trigger["event"], [each["abi"] for each in inputs])
    expected = event_topic(signature)
    if trigger["topic"] != expected:
        problems.add(
            E_EVENT_TOPIC, trigger, "topic", signature=signature, expected=expected, found=trigger["topic"]
        )


def _check_passes(op: JsonObject, trigger: JsonObject, definitions: Definitions, problems: Problems) -> None:
    parameters = {parameter["name"]: parameter for parameter in op["parameters"]}
    passes: JsonObject = trigger["passes"]
    for name, value in passes.items():
        parameter = parameters.get(name)
        if parameter is None:
            reason = "the op has no such parameter"
        else:
            reason = _find_misfit(trigger, value, definitions.types.get(parameter["type"]), definitions) or ""
        if reason:
            problems.add(E_TRIGGER_VALUE, passes, name, value=value, parameter=name, reason=reason)
    for name, parameter in parameters.items():
        if not parameter["default"] and name not in passes:
            problems.add(E_TRIGGER_INCOMPLETE, trigger, "passes", parameter=name)


def _find_misfit(trigger: JsonObject, value: str, kind: Type | None, definitions: Definitions) -> str | None:
    """Why a parameter of this type cannot take the value."""
    if kind is None or not is_known(kind):
        return None
    wanted = TRIGGER_VALUES[trigger["kind"]][value]
    if wanted is not None:
        return None if kind is wanted else f"it is {kind}, and the value is {wanted}"
    if value == "message":
        return None if fits_message(kind) else f"a message is not read as {kind}"
    if kind.head not in definitions.own_records:
        return f"it is {kind}, and not a record of the document"
    fields = definitions.fields.get(kind.head)
    inputs = [(each["abi"], each["place"] == "topic") for each in trigger["inputs"]]
    return None if fields is None else find_event_problem(list(fields.items()), inputs)
