"""Triggers: what the decorators of `opforge.on` say, and whether the op can be started by them."""

from __future__ import annotations

import ast
from typing import Any, Final

from opforge._frontend.coercion import has_unknown, show
from opforge._frontend.context import Context, Program
from opforge._frontend.event_text import Event, EventTextError, read_event
from opforge._frontend.fixed_arguments import FixedArguments
from opforge._frontend.names import hint_for
from opforge._frontend.source import Located
from opforge._frontend.symbols import FunctionDecl, ParameterDecl, TriggerDecl, erase_contract, split_contract
from opforge_ir.codes.triggers import E_TRIGGER_ARGUMENT, E_TRIGGER_PARAMETER, E_TRIGGER_REPEATED
from opforge_ir.cron import find_cron_problem
from opforge_ir.ids import is_qualified
from opforge_ir.time_zones import TIME_ZONES
from opforge_ir.triggers import TRIGGER_VALUES, event_signature, event_topic, find_event_problem, fits_message
from opforge_ir.types import ADDRESS, STR, Type

__all__ = ["check_triggers", "read_trigger"]

_TAGS: Final = ("latest", "safe", "finalized")
_MISSED: Final = ("skip", "last", "all")
_MAX_EVERY: Final = 10_000_000
_MAX_CONFIRMATIONS: Final = 10_000
_MAX_ADDRESSES: Final = 1000
_CHAIN: Final = ("network", "tag", "confirmations", "missed")
_EXAMPLES: Final = {
    "block": '@on.block("mainnet", every=10)',
    "log": '@on.log("Transfer(address indexed, address indexed, uint256)", address=USDC)',
    "cron": '@on.cron("30 8 * * 1-5", missed="last")',
    "message": '@on.message("orders.created")',
    "manual": "@on.manual",
}
_GIVEN: Final = {
    "block": "a Block",
    "log": "a record of the event's arguments, a Block, the contract's Address, or the transaction as bytes",
    "cron": "the time as int",
    "message": "a str, or a record, list or dict",
}


# --- what a decorator says ------------------------------------------------------------------------


def read_trigger(ctx: Context, kind: str, node: ast.expr) -> TriggerDecl | None:
    """The trigger that a decorator declares; None where that was refused. `ctx` is the top of the file."""

    def refuse(place: Located, argument: str, reason: str) -> None:
        ctx.report(
            E_TRIGGER_ARGUMENT, place, kind=kind, argument=argument, reason=reason, example=_EXAMPLES[kind]
        )

    if not isinstance(node, ast.Call):
        if kind == "manual":
            return TriggerDecl(kind, node, {"kind": kind})
        node = ast.copy_location(ast.Call(node, [], []), node)
    mark = ctx.module.problems.mark()
    arguments = FixedArguments(ctx, node, *_FORMS[kind], refuse)
    trigger = TriggerDecl(kind, node, {"kind": kind})
    match kind:
        case "block":
            trigger.members["every"] = arguments.number("every", 1, _MAX_EVERY, 1)
            _read_chain(arguments, trigger.members, "last")
        case "log":
            trigger.event = _read_event(arguments, trigger.members)
            _read_addresses(arguments, trigger.members)
            _read_chain(arguments, trigger.members, "all")
        case "cron":
            _read_cron(arguments, trigger.members)
        case "message":
            _read_topic(arguments, trigger.members)
        case _:
            pass
    return trigger if ctx.module.problems.mark() == mark else None


_FORMS: Final[dict[str, tuple[tuple[str, ...], int]]] = {
    "block": (("network", "every", *_CHAIN[1:]), 1),
    "log": (("event", "address", *_CHAIN), 1),
    "cron": (("expression", "timezone", "missed"), 1),
    "message": (("topic",), 1),
    "manual": ((), 0),
}
"""For each kind, the parameters of its decorator, and how many of them go without a name."""


def _read_chain(arguments: FixedArguments, members: dict[str, Any], missed: str) -> None:
    members["network"] = arguments.text("network")
    confirmations = arguments.number("confirmations", 0, _MAX_CONFIRMATIONS, 0)
    tag = arguments.choice("tag", _TAGS, "latest" if confirmations else "finalized")
    if confirmations and tag != "latest":
        arguments.refuse("confirmations", f"a {tag} block needs none")
    members |= {"confirmations": confirmations, "tag": tag}
    members["missed"] = arguments.choice("missed", _MISSED, missed)


def _read_event(arguments: FixedArguments, members: dict[str, Any]) -> Event | None:
    if not arguments.need("event"):
        return None
    text = arguments.text("event")
    if not text:
        return None
    try:
        event = read_event(text)
    except EventTextError as error:
        arguments.refuse("event", str(error))
        return None
    members["event"] = event.name
    members["topic"] = event_topic(event_signature(event.name, [abi for abi, _ in event.inputs]))
    members["inputs"] = [
        {"abi": abi, "place": "topic" if is_indexed else "data"} for abi, is_indexed in event.inputs
    ]
    return event


def _read_addresses(arguments: FixedArguments, members: dict[str, Any]) -> None:
    found = arguments.read("address") if arguments.need("address") else None
    if found is None:
        return
    kind, value = found
    if kind is ADDRESS or (kind is STR and value == "any"):
        members["addresses"] = [value]
    elif (kind.is_list or kind.is_tuple) and value and all(arg is ADDRESS for arg in kind.args):
        members["addresses"] = sorted(set(value))
    else:
        arguments.refuse("address", 'it is an Address, a list of them, or "any"')
    if len(members.get("addresses", ())) > _MAX_ADDRESSES:
        arguments.refuse("address", f"there are more than {_MAX_ADDRESSES}")


def _read_cron(arguments: FixedArguments, members: dict[str, Any]) -> None:
    arguments.need("expression", "missed")
    expression = " ".join(arguments.text("expression").split())
    if expression and (problem := find_cron_problem(expression)):
        arguments.refuse("expression", problem)
    zone = arguments.text("timezone") or "UTC"
    if zone not in TIME_ZONES:
        hint = hint_for(zone, TIME_ZONES)
        arguments.refuse("timezone", f"it is no name of the IANA time zone database{hint}")
    missed = arguments.choice("missed", _MISSED, "last")
    members |= {"expression": expression, "timezone": zone, "missed": missed}


def _read_topic(arguments: FixedArguments, members: dict[str, Any]) -> None:
    topic = arguments.text("topic") if arguments.need("topic") else ""
    if topic and not is_qualified(topic):
        arguments.refuse("topic", "it is names of letters, digits, - and _ with dots between them")
    members["topic"] = topic


# --- what an op needs -----------------------------------------------------------------------------


def check_triggers(program: Program, function: FunctionDecl) -> None:
    """Settle the networks of an op's triggers, and what each passes; the whole program is declared."""
    seen: list[TriggerDecl] = []
    for trigger in function.triggers:
        if "network" in trigger.members and not _settle_network(program, function, trigger):
            continue
        first = next((each for each in seen if each.members == trigger.members), None)
        if first is not None:
            function.module.report(E_TRIGGER_REPEATED, trigger.node, line=first.node.lineno)
        seen.append(trigger)
    for trigger in seen:
        if trigger.kind != "manual":
            trigger.members["passes"] = _find_passes(program, function, trigger)


def _settle_network(program: Program, function: FunctionDecl, trigger: TriggerDecl) -> bool:
    named = trigger.members["network"]
    if not named and len(program.declared_networks) == 1:
        named = trigger.members["network"] = program.declared_networks[0]
    if named in program.networks:
        return True
    reason = "it is missing, and the workload does not declare exactly one"
    if named:
        reason = f"{named} is not a known network{hint_for(named, program.networks)}"
    function.module.report(
        E_TRIGGER_ARGUMENT,
        trigger.node,
        kind=trigger.kind,
        argument="network",
        reason=reason,
        example=_EXAMPLES[trigger.kind],
    )
    return False


def _find_passes(program: Program, function: FunctionDecl, trigger: TriggerDecl) -> dict[str, str]:
    """What each parameter without a default is given, by its type."""
    passes: dict[str, str] = {}
    for parameter in function.parameters:
        if parameter.default is not None or has_unknown(parameter.type):
            continue
        value, reason = _find_value(program, trigger, parameter)
        if value is not None and value in passes.values():
            taken = next(name for name, given in passes.items() if given == value)
            value, reason = None, f"{taken} takes that already"
        if value is not None:
            passes[parameter.name] = value
            continue
        function.module.report(
            E_TRIGGER_PARAMETER,
            parameter.node,
            kind=trigger.kind,
            name=parameter.name,
            reason=reason,
            given=_GIVEN[trigger.kind],
        )
    return passes


def _find_value(program: Program, trigger: TriggerDecl, parameter: ParameterDecl) -> tuple[str | None, str]:
    """The value of the trigger that a parameter takes; without one, why not."""
    kind = parameter.type
    values = TRIGGER_VALUES[trigger.kind]
    exact = next((value for value, wanted in values.items() if wanted is kind), None)
    if exact is not None:
        return exact, ""
    if "message" in values and split_contract(kind) is None and fits_message(kind):
        return "message", ""
    if trigger.event is not None and kind.head in program.records:
        fields = [(name, erase_contract(each)) for name, each in _fields(program, kind)]
        problem = find_event_problem(fields, trigger.event.inputs)
        return (None, problem) if problem else ("event", "")
    return None, f"it is {show(kind)}"


def _fields(program: Program, kind: Type) -> list[tuple[str, Type]]:
    return [(field.name, field.type) for field in program.records[kind.head].fields]
