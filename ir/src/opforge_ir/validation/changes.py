"""Rules on changing lists and dicts: constants stay as they are, and the body of a map changes only what it
created in the same iteration, so that its iterations may go side by side.

For every value the check follows where the lists and dicts in it may come from (`origins`). Objects that
are put into others by a change are remembered by the origin of what they are put into. What a loop carries
round and a try keeps is found by walking a body until nothing new is learnt. A function or op that changes
what it is given counts as a change of the arguments at each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final

from opforge_ir.codes.document import E_CALL_NEEDS_NODE, E_CHANGE_IN_MAP, E_CHANGE_OF_CONSTANT
from opforge_ir.errors import CAUGHT
from opforge_ir.operators import OPERATORS
from opforge_ir.problems import Container, JsonArray, JsonObject, Part, Problems
from opforge_ir.types import SCALARS, Type
from opforge_ir.validation.bodies import OwnerFacts
from opforge_ir.validation.calls import get_callees
from opforge_ir.validation.definitions import Definitions
from opforge_ir.validation.origins import (
    CONSTANT,
    NOTHING,
    Containers,
    FromParameter,
    Origin,
    Origins,
    Summary,
    Value,
    get_parts,
    join,
)

__all__ = ["check_changes"]

_MAX_WALKS: Final = 8
"""After so many walks of one body, everything that still varies counts as anything."""


def check_changes(
    document: JsonObject,
    definitions: Definitions,
    owners: Mapping[Part, OwnerFacts],
    order: list[Part],
    problems: Problems,
) -> None:
    """Check the changes that all bodies make; `order` has each owner of a body after those that it calls."""
    selected = _select(definitions, owners, order)
    containers = Containers(definitions.fields)
    summaries: dict[Part, Summary] = {}
    for table, name in order:
        if (table, name) in selected:
            problems.part = (table, name)
            changes = _Changes(definitions, containers, summaries, problems)
            summaries[table, name] = changes.check(document[table][name])
    if not any(summary.changed for summary in summaries.values()):
        return
    for part, facts in owners.items():
        problems.part = part
        for call in facts.value_calls:
            summary = summaries.get(("functions", call["function"]))
            if summary is not None and summary.changed:
                problems.add(
                    E_CALL_NEEDS_NODE, call, function=call["function"], reason="changes what it is given"
                )


def _select(definitions: Definitions, owners: Mapping[Part, OwnerFacts], order: list[Part]) -> set[Part]:
    """The functions and ops whose bodies have to be followed; in the others no change can be wrong.

    A change is wrong in a map, or where it meets a constant; it cannot meet one of another type. What a
    function or invoked op does matters to those that call it.
    """
    callees = {part: get_callees(owners[part]) for part in order}
    changed: dict[Part, set[Type]] = {}
    for part in order:
        changed[part] = owners[part].changed.union(*(changed.get(each, ()) for each in callees[part]))
    constant_types = get_parts(definitions.constants.values(), definitions.fields)
    selected: set[Part] = set()
    for part, types in changed.items():
        facts = owners[part]
        is_in_map = facts.changes_in_map or (facts.has_maps and any(map(changed.get, callees[part])))
        if (types and part[0] == "functions") or is_in_map or not types.isdisjoint(constant_types):
            selected.add(part)
    for part in reversed(order):  # callers before those that they call
        if part in selected:
            selected.update(callees[part])
    return selected


class _Loop:
    """A loop that is being walked."""

    def __init__(self, carried: JsonArray) -> None:
        self.carried = carried
        self.breaks: list[list[Value]] = []
        """What each `break` gives for the carried values."""


class _Changes:
    """The check of one body."""

    def __init__(
        self,
        definitions: Definitions,
        containers: Containers,
        summaries: Mapping[Part, Summary],
        problems: Problems,
    ) -> None:
        self._definitions = definitions
        self._containers = containers
        self._summaries = summaries
        self._problems = problems
        self._summary = Summary([])
        self._values: dict[str, Value] = {}
        self._types: dict[str, Type] = {}
        self._depth = 0
        """How many maps are open."""
        self._stored: dict[tuple[int, Origin], Origins] = {}
        """What was put into objects of an origin; for those of a map's body, by that map too."""
        self._maps: list[int] = [0]
        """The open maps, by the identity of their nodes."""
        self._carried: dict[int, Value] = {}
        """What carried and kept values may be, by the identity of their declarations."""
        self._cells: dict[str, JsonObject] = {}
        """The kept values that were met, by name."""
        self._loop = _Loop([])
        """The innermost loop."""
        self._is_settled = True
        self._is_reporting = False

    def check(self, owner: JsonObject) -> Summary:
        """Check the body of a function or op and say what its calls do."""
        self._summary = Summary([each["name"] for each in owner["parameters"]])
        for each in owner["parameters"]:
            name = each["name"]
            given = Value(
                frozenset({FromParameter(name, inside=False)}), frozenset({FromParameter(name, inside=True)})
            )
            default = map(self._evaluate, each.get("default", ()))
            self._define(name, each["type"], join([given, *default]))
        self._check(owner)
        for (_, origin), stored in self._stored.items():
            if isinstance(origin, FromParameter):
                self._summary.stored[origin] = stored
        return self._summary

    def _check(self, owner: JsonObject) -> None:
        for walk in range(_MAX_WALKS + 1):
            self._is_settled = True
            self._walk_owner(owner)
            if self._is_settled:
                break
            if walk == _MAX_WALKS - 1:
                self._give_up()
        self._is_reporting = True
        self._walk_owner(owner)

    def _walk_owner(self, owner: JsonObject) -> None:
        """Walk the body, and what undoes it with the same arguments."""
        self._walk(owner["body"], [])
        for undoing in owner.get("compensation", ()):
            given = ({"kind": "ref", "name": each["name"]} for each in owner["parameters"])
            arguments = [self._evaluate(each) for each in given]
            self._enter(("ops", undoing), arguments, owner, "compensation")

    def _give_up(self) -> None:
        everything: set[Origin] = {0, CONSTANT}
        for name in self._summary.parameters:
            everything |= {FromParameter(name, inside=False), FromParameter(name, inside=True)}
        origins = frozenset(everything)
        self._carried = dict.fromkeys(self._carried, Value(origins, origins))
        self._stored = dict.fromkeys(self._stored, origins)

    # --- names and objects ----------------------------------------------------------------------

    def _define(self, name: str, type_text: str, value: Value) -> None:
        kind = self._definitions.types.get(type_text)
        if kind is None:
            self._values[name] = value
            self._types.pop(name, None)
            return
        self._types[name] = kind
        self._values[name] = value if self._containers.may_hold(kind) else NOTHING

    def _build_new(self, parts: Iterable[Value] = ()) -> Value:
        """A list or dict that is created here and holds these."""
        here: Origins = frozenset({self._depth})
        return Value(here, here | join(parts).all)

    def _take_out(self, value: Value) -> Value:
        """Something that the value holds."""
        reached = value.held
        known: Origins = frozenset()
        while known != reached:
            known = reached
            for origin in known | value.own:
                reached |= self._stored.get(self._key(origin), frozenset())
        return Value(reached, reached)

    def _key(self, origin: Origin) -> tuple[int, Origin]:
        is_of_open_map = isinstance(origin, int) and origin < len(self._maps)
        return (self._maps[origin] if is_of_open_map and isinstance(origin, int) else 0, origin)

    def _store(self, origins: Origins, stored: Origins) -> None:
        for origin in origins:
            key = self._key(origin)
            before = self._stored.get(key, frozenset())
            if not stored <= before:
                self._stored[key] = before | stored
                self._is_settled = False

    def _change(self, origins: Origins, container: Container, *tail: str | int) -> None:
        """A list or dict of one of these origins is changed."""
        self._summary.changed.update(each for each in origins if isinstance(each, FromParameter))
        if not self._is_reporting:
            return
        if CONSTANT in origins:
            self._problems.add(E_CHANGE_OF_CONSTANT, container, *tail)
        elif self._depth and any(each != self._depth for each in origins):
            self._problems.add(E_CHANGE_IN_MAP, container, *tail)

    # --- expressions ----------------------------------------------------------------------------

    def _evaluate(self, expression: JsonObject) -> Value:
        match expression["kind"]:
            case "ref":
                return self._values.get(expression["name"], NOTHING)
            case "const":
                constant: Origins = frozenset({CONSTANT})
                return Value(constant, constant)
            case "apply":
                return self._apply(expression)
            case "call":
                return self._call(expression, ("functions", expression["function"]))
            case "list" | "set":
                return self._build_new(map(self._evaluate, expression["items"]))
            case "dict":
                parts = [part for each in expression["entries"] for part in (each["key"], each["value"])]
                return self._build_new(map(self._evaluate, parts))
            case "tuple":
                return Value(frozenset(), join(map(self._evaluate, expression["items"])).all)
            case "record":
                fields = [self._evaluate(each["value"]) for each in expression["fields"]]
                return Value(frozenset(), join(fields).all)
            case "field":
                return self._take_out(self._evaluate(expression["of"]))
            case "widen" | "narrow":
                return self._evaluate(expression["value"])
            case "cond":
                return join([self._evaluate(expression["then"]), self._evaluate(expression["otherwise"])])
            case "decode":
                return self._build_new()
            case _:
                return NOTHING

    def _apply(self, expression: JsonObject) -> Value:
        operator = OPERATORS[expression["op"]]
        if operator.result in SCALARS:
            return NOTHING
        arguments = [self._evaluate(each) for each in expression["args"]]
        if operator.gives == "same":
            return join(arguments)
        if operator.gives == "part":
            return join([self._take_out(join(arguments[:1])), *arguments[1:]])
        return self._build_new(map(self._take_out, arguments))

    def _call(self, call: JsonObject, callee: Part) -> Value:
        """A call by a node or in an expression: its changes, and what it returns."""
        return self._enter(callee, [self._evaluate(each) for each in call["args"]], call, "args")

    def _enter(self, callee: Part, arguments: list[Value], container: JsonObject, key: str) -> Value:
        summary = self._summaries.get(callee)
        if summary is None:
            return NOTHING
        given = dict(zip(summary.parameters, arguments, strict=False))

        def here(origins: Iterable[Origin]) -> Origins:
            found: set[Origin] = set()
            for origin in origins:
                if isinstance(origin, FromParameter):
                    value = given.get(origin.name, NOTHING)
                    found |= self._take_out(value).own if origin.inside else value.own
                else:
                    found.add(self._depth if isinstance(origin, int) else origin)
            return frozenset(found)

        self._change(here(summary.changed), container, key)
        for origin, stored in summary.stored.items():
            self._store(here((origin,)), here(stored))
        return Value(here(summary.returned.own), here(summary.returned.held))

    # --- nodes ----------------------------------------------------------------------------------

    def _walk(self, nodes: JsonArray, yields: list[Value]) -> None:
        for node in nodes:
            handler = self._by_kind.get(node["kind"])
            if handler is not None:
                handler(self, node, yields)

    def _let(self, node: JsonObject, _yields: list[Value]) -> None:
        self._define(node["id"], node["type"], self._evaluate(node["value"]))

    def _effect(self, node: JsonObject, _yields: list[Value]) -> None:
        self._define(node["id"], node["type"], self._build_new())

    def _call_node(self, node: JsonObject, _yields: list[Value]) -> None:
        self._define(node["id"], node["type"], self._call(node, ("functions", node["function"])))

    def _invoke(self, node: JsonObject, _yields: list[Value]) -> None:
        self._define(node["id"], node["type"], self._call(node, ("ops", node["op"])))

    def _do(self, node: JsonObject, _yields: list[Value]) -> None:
        target, *others = node["args"]
        changed = self._evaluate(target)
        self._change(changed.own, node, "args", 0)
        kind = self._types.get(target["name"]) if target["kind"] == "ref" else None
        if kind is None or any(self._containers.may_hold(each) for each in kind.args):
            given = map(self._evaluate, others)
            if OPERATORS[node["op"]].is_spreading:
                given = map(self._take_out, given)
            self._store(changed.own, join(given).all)

    def _if(self, node: JsonObject, yields: list[Value]) -> None:
        sides: dict[str, list[Value]] = {each["id"]: [] for each in node["results"]}
        for side in ("then", "otherwise"):
            self._walk(node[side], yields)
            for each in node["results"]:
                sides[each["id"]] += map(self._evaluate, each[side])
        for each in node["results"]:
            self._define(each["id"], each["type"], join(sides[each["id"]]))

    def _define_targets(self, node: JsonObject, items: Value) -> None:
        for target in node["targets"]:
            self._define(target["id"], target["type"], items)

    def _for(self, node: JsonObject, yields: list[Value]) -> None:
        self._define_targets(node, self._take_out(self._evaluate(node["items"])))
        self._begin(node["carried"])
        self._walk_rounds(node, yields)

    def _while(self, node: JsonObject, yields: list[Value]) -> None:
        self._begin(node["carried"])
        self._walk(node["head"], yields)
        self._walk_rounds(node, yields)

    def _begin(self, values: JsonArray) -> None:
        """Carried or kept values begin."""
        for each in values:
            self._carry(each, self._evaluate(each["init"]))
            self._define(each["id"], each["type"], self._carried[id(each)])

    def _walk_rounds(self, node: JsonObject, yields: list[Value]) -> None:
        outer, self._loop = self._loop, _Loop(node["carried"])
        self._walk(node["body"], yields)
        loop, self._loop = self._loop, outer
        for each in node["carried"]:
            self._carry(each, self._evaluate(each["next"]))
        for place, each in enumerate(node["carried"]):
            last = [self._carried[id(each)], *(values[place] for values in loop.breaks)]
            self._define(each["result"], each["type"], join(last))

    def _break(self, node: JsonObject, _yields: list[Value]) -> None:
        self._loop.breaks.append([self._evaluate(value) for value in node["values"]])

    def _continue(self, node: JsonObject, _yields: list[Value]) -> None:
        for each, value in zip(self._loop.carried, node["values"], strict=False):
            self._carry(each, self._evaluate(value))

    def _try(self, node: JsonObject, yields: list[Value]) -> None:
        self._begin(node["kept"])
        self._cells.update({each["id"]: each for each in node["kept"]})
        self._walk(node["body"], yields)
        for handler in node["handlers"]:
            self._define(handler["id"], CAUGHT.name, NOTHING)
            self._walk(handler["body"], yields)
        self._walk(node["otherwise"], yields)
        self._walk(node["always"], yields)
        for each in node["kept"]:
            self._define(each["result"], each["type"], self._carried[id(each)])

    def _keep(self, node: JsonObject, _yields: list[Value]) -> None:
        cell = self._cells.get(node["name"])
        if cell is not None:
            self._carry(cell, self._evaluate(node["value"]))
            self._define(cell["id"], cell["type"], self._carried[id(cell)])

    def _carry(self, carried: JsonObject, value: Value) -> None:
        before = self._carried.get(id(carried), NOTHING)
        after = join([before, value])
        if id(carried) not in self._carried or after != before:
            self._carried[id(carried)] = after
            self._is_settled = False

    def _map(self, node: JsonObject, _yields: list[Value]) -> None:
        items = self._take_out(self._evaluate(node["items"]))
        self._depth += 1
        self._maps.append(id(node))
        self._define_targets(node, items)
        yields: list[Value] = []
        self._walk(node["body"], yields)
        inside = self._stored.get(self._key(self._depth), frozenset())
        self._maps.pop()
        self._depth -= 1
        given = self._outside(join(yields).all | inside)
        self._define(node["id"], node["type"], self._build_new([Value(given, given)]))

    def _outside(self, origins: Origins) -> Origins:
        """The same objects as seen after the map: what an iteration created counts as created here."""
        return frozenset(min(each, self._depth) if isinstance(each, int) else each for each in origins)

    def _return(self, node: JsonObject, _yields: list[Value]) -> None:
        self._summary.returned = join([self._summary.returned, self._evaluate(node["value"])])

    def _yield(self, node: JsonObject, yields: list[Value]) -> None:
        yields.append(self._evaluate(node["value"]))

    _by_kind: ClassVar[dict[str, Callable[[_Changes, JsonObject, list[Value]], None]]] = {
        "let": _let,
        "effect": _effect,
        "call": _call_node,
        "invoke": _invoke,
        "do": _do,
        "if": _if,
        "for": _for,
        "while": _while,
        "map": _map,
        "try": _try,
        "keep": _keep,
        "break": _break,
        "continue": _continue,
        "return": _return,
        "yield": _yield,
    }
    """Nodes that define, change or hand on values; the others do none of that."""
