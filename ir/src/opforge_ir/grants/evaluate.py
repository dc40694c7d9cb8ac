"""Evaluates expressions before the program runs, as far as that is possible.

Control flow is ignored: a value is whatever any path could make it. Lists and dicts that some node may change
have unknown contents; constants are never changed. A parameter of an op is what its triggers pass, or else
anything, since a caller chooses it; a parameter of a function is what any call passes, except while the
result of one call is looked for, when it is what that call passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from opforge_ir.grants.known import (
    ANY,
    NOTHING,
    Entries,
    Fields,
    Items,
    Known,
    Parts,
    Texts,
    concat,
    join,
    join_all,
    literal,
)
from opforge_ir.grants.scopes import Binding, JsonObject, Program, Scope
from opforge_ir.grants.texts import TEXT_OPERATORS, apply_to_texts

__all__ = ["MAX_DEPTH", "MAX_STEPS", "Evaluator"]

MAX_DEPTH: Final = 60
"""How far one value may be followed through names, calls and parts."""

MAX_STEPS: Final = 500_000
"""How many expressions are evaluated for one document, and how many strings they may be; beyond, everything
is ANY."""


_MAX_ROUNDS: Final = 5
"""How often a value that depends on itself is looked for before it counts as anything."""


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """The arguments of the one call that is looked into."""

    arguments: list[JsonObject]
    scope: Scope
    outer: _Frame | None


_Key: TypeAlias = tuple[Binding, _Frame | None]


class Evaluator:
    """Evaluates expressions of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._constants: dict[str, Known] = {}
        self._bound: dict[Binding, Known] = {}
        """Values that do not depend on which call is looked into, and were found without giving up."""
        self._open: dict[_Key, Known] = {}
        """The values that are being looked for, each with what it is taken for meanwhile."""
        self._assumed: set[_Key] = set()
        """Those of them that the value at hand was found with."""
        self._steps = 0
        self._depth = 0
        self._gave_up = 0
        """How many times a value was cut short; a value during which this grew is not kept."""

    def evaluate(self, expression: JsonObject, scope: Scope, frame: _Frame | None = None) -> Known:
        """What is known of the expression where these names are visible."""
        handler = self._by_kind.get(expression["kind"])
        if handler is None:
            return ANY
        self._steps += 1
        if self._depth >= MAX_DEPTH or self._steps > MAX_STEPS:
            self._gave_up += 1
            return ANY
        self._depth += 1
        known = handler(self, expression, scope, frame)
        self._depth -= 1
        if isinstance(known, Texts):
            self._steps += len(known.options)
        return known

    def _may_change(self, type_text: str) -> bool:
        changed = self._program.changed_types
        return changed is None or type_text in changed

    # --- expressions ----------------------------------------------------------------------------

    def _ref(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        binding = scope.find(expression["name"])
        if binding is None:
            return NOTHING
        known = self._bound.get(binding)
        if known is not None:
            return known
        key = (binding, frame)
        if key in self._open:  # a carried or kept value that depends on itself
            self._assumed.add(key)
            return self._open[key]
        gave_up, outer = self._gave_up, self._assumed
        known = self._settle(binding, frame)
        if frame is None and gave_up == self._gave_up and not self._assumed:
            self._bound[binding] = known
        self._assumed |= outer
        return known

    def _settle(self, binding: Binding, frame: _Frame | None) -> Known:
        """What the name stands for. Where that depends on itself: the least that agrees with it, or ANY."""
        key = (binding, frame)
        known: Known = NOTHING
        for _ in range(_MAX_ROUNDS):
            self._open[key], self._assumed = known, set()
            found = self._by_binding[binding.kind](self, binding, frame)
            is_settled = key not in self._assumed or found == known
            known = found
            if is_settled:
                break
        else:
            self._gave_up += 1
            known = ANY
        del self._open[key]
        self._assumed.discard(key)
        return known

    def _const(self, expression: JsonObject, _scope: Scope, _frame: _Frame | None) -> Known:
        name = expression["name"]
        known = self._constants.get(name)
        if known is None:
            constant = self._program.constants.get(name)
            known = NOTHING if constant is None else self._constant_value(constant["value"])
            self._constants[name] = known
        return known

    def _lit(self, expression: JsonObject, _scope: Scope, _frame: _Frame | None) -> Known:
        return self._literal(expression)

    def _list(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        if self._may_change(expression["type"]):
            return ANY
        return Items(join_all(self.evaluate(item, scope, frame) for item in expression["items"]))

    def _tuple(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        return Parts(tuple(self.evaluate(item, scope, frame) for item in expression["items"]))

    def _dict(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        if self._may_change(expression["type"]):
            return ANY
        entries = expression["entries"]
        return Entries(
            join_all(self.evaluate(entry["key"], scope, frame) for entry in entries),
            join_all(self.evaluate(entry["value"], scope, frame) for entry in entries),
        )

    def _record(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        return Fields({f["name"]: self.evaluate(f["value"], scope, frame) for f in expression["fields"]})

    def _field(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        name: str = expression["name"]
        match self.evaluate(expression["of"], scope, frame):
            case Fields() as record:
                return record.values.get(name, ANY)
            case Parts() as parts if name.isdecimal() and int(name) < len(parts.items):
                return parts.items[int(name)]
            case value if value == NOTHING:
                return NOTHING
            case _:
                return ANY

    def _cond(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        then = self.evaluate(expression["then"], scope, frame)
        return join(then, self.evaluate(expression["otherwise"], scope, frame))

    def _call(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        callee = self._program.functions.get(expression["function"])
        if callee is None:
            return NOTHING
        inner = _Frame(expression["args"], scope, frame)
        return join_all(self.evaluate(each.value, each.scope, inner) for each in callee.returns)

    def _apply(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        operator = expression["op"]
        args = expression["args"]
        match operator:
            case "str.concat":
                return concat(self.evaluate(arg, scope, frame) for arg in args)
            case "optional.some" | "optional.value":
                return self.evaluate(args[0], scope, frame)
            case "value.min" | "value.max":
                return join_all(self.evaluate(arg, scope, frame) for arg in args)
            case _ if operator in TEXT_OPERATORS:
                return apply_to_texts(operator, [self.evaluate(arg, scope, frame) for arg in args])
            case "list.get" | "list.peek" | "list.min" | "list.max":
                return self._item_of(args[0], scope, frame)
            case "dict.item" | "dict.find":
                return self._entries_of(args[0], scope, frame)[1]
            case "dict.get":
                return join(self._entries_of(args[0], scope, frame)[1], self.evaluate(args[2], scope, frame))
            case _ if operator in _MAKES_LIST and self._program.changed_types == set():
                return Items(self._item_of(expression, scope, frame))
            case _:
                return ANY

    def _enum(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        # What is known of a value of an enum is what it is held as.
        is_name = expression["part"] in ("name", "from_name")
        return ANY if is_name else self.evaluate(expression["of"], scope, frame)

    def _part(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        return self.evaluate(expression["value"], scope, frame)

    def _literal(self, expression: JsonObject) -> Known:
        text: str = expression["type"]
        if text in ("str", "Address"):
            return literal(expression["value"])
        enum = self._program.enums.get(text)
        if enum is not None and enum["type"] == "str":
            values = [each["value"] for each in enum["members"] if each["name"] == expression["value"]]
            return join_all(map(literal, values))
        return NOTHING if text == "None" or text.startswith("Optional[") else ANY

    def _constant_value(self, value: JsonObject) -> Known:
        """Like `evaluate`, for what cannot be changed."""
        match value["kind"]:
            case "list":
                return Items(join_all(self._constant_value(item) for item in value["items"]))
            case "tuple":
                return Parts(tuple(self._constant_value(item) for item in value["items"]))
            case "dict":
                return Entries(
                    join_all(self._constant_value(entry["key"]) for entry in value["entries"]),
                    join_all(self._constant_value(entry["value"]) for entry in value["entries"]),
                )
            case "record":
                return Fields({f["name"]: self._constant_value(f["value"]) for f in value["fields"]})
            case "widen":
                return self._constant_value(value["value"])
            case "lit":
                return self._literal(value)
            case _:
                return ANY

    # --- items of lists that nothing else can hold ------------------------------------------------

    def _item_of(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> Known:
        """What the items of a list may be.

        A list that an operator makes here has no name, so that no node can have changed it.
        """
        if expression["kind"] != "apply" or expression["op"] not in _MAKES_LIST:
            match self.evaluate(expression, scope, frame):
                case Items() as known:
                    return known.item
                case value if value == NOTHING:
                    return NOTHING
                case _:
                    return ANY
        args = expression["args"]
        match expression["op"]:
            case "list.concat":
                return join(self._item_of(args[0], scope, frame), self._item_of(args[1], scope, frame))
            case _ if expression["op"] in _SAME_ITEMS:
                return self._item_of(args[0], scope, frame)
            case "list.sorted_by":
                pair = self._item_of(args[0], scope, frame)
                return pair.items[1] if isinstance(pair, Parts) and len(pair.items) == 2 else ANY
            case "list.zip" | "list.zip3" | "list.zip_all" | "list.zip_strict":
                return Parts(tuple(self._item_of(arg, scope, frame) for arg in args))
            case "list.enumerate":
                return Parts((ANY, self._item_of(args[0], scope, frame)))
            case "list.flatten":
                inner = self._item_of(args[0], scope, frame)
                return inner.item if isinstance(inner, Items) else ANY
            case "dict.keys":
                return self._entries_of(args[0], scope, frame)[0]
            case "dict.values":
                return self._entries_of(args[0], scope, frame)[1]
            case _:
                return Parts(self._entries_of(args[0], scope, frame))

    def _entries_of(self, expression: JsonObject, scope: Scope, frame: _Frame | None) -> tuple[Known, Known]:
        known = self.evaluate(expression, scope, frame)
        if isinstance(known, Entries):
            return known.key, known.value
        return (NOTHING, NOTHING) if known == NOTHING else (ANY, ANY)

    # --- what names stand for ---------------------------------------------------------------------

    def _bound_let(self, binding: Binding, frame: _Frame | None) -> Known:
        return self.evaluate(binding.source["value"], binding.scope, frame)

    def _bound_effect(self, binding: Binding, frame: _Frame | None) -> Known:
        if binding.source["verb"] != "chain.block" or "network" not in binding.source["args"]:
            return ANY
        return Fields({"network": self.evaluate(binding.source["args"]["network"], binding.scope, frame)})

    def _bound_call(self, binding: Binding, frame: _Frame | None) -> Known:
        return self._call(binding.source, binding.scope, frame)

    def _bound_invoke(self, binding: Binding, _frame: _Frame | None) -> Known:
        op = self._program.ops.get(binding.source["op"])
        if op is None:
            return NOTHING
        return join_all(self.evaluate(each.value, each.scope) for each in op.returns)

    def _bound_map(self, binding: Binding, frame: _Frame | None) -> Known:
        if self._may_change(binding.source["type"]):
            return ANY
        return Items(join_all(self.evaluate(each.value, each.scope, frame) for each in binding.inner))

    def _bound_result(self, binding: Binding, frame: _Frame | None) -> Known:
        sides = zip(("then", "otherwise"), binding.inner, strict=True)
        return join_all(
            self.evaluate(value, scope, frame) for side, scope in sides for value in binding.source[side]
        )

    def _bound_target(self, binding: Binding, frame: _Frame | None) -> Known:
        place: int | None = binding.inner[0]
        target: JsonObject = binding.inner[1]
        if self._may_change(target["type"]):
            return ANY
        item = self._item_of(binding.source["items"], binding.scope, frame)
        if place is None or item == NOTHING:
            return item
        return item.items[place] if isinstance(item, Parts) and place < len(item.items) else ANY

    def _bound_changing(self, binding: Binding, frame: _Frame | None) -> Known:
        """What is carried round or kept: its first value, or one that is given later."""
        first = self.evaluate(binding.source["init"], binding.scope, frame)
        return join_all([first, *(self.evaluate(each.value, each.scope, frame) for each in binding.inner)])

    def _bound_caught(self, _binding: Binding, _frame: _Frame | None) -> Known:
        return ANY

    def _bound_parameter(self, binding: Binding, frame: _Frame | None) -> Known:
        if binding.scope.owner.is_op:
            return self._given_by_triggers(binding)
        if self._may_change(binding.source["type"]):
            return ANY
        index: int = binding.inner
        if frame is not None:
            return (
                self.evaluate(frame.arguments[index], frame.scope, frame.outer)
                if index < len(frame.arguments)
                else ANY
            )
        return join_all(
            self.evaluate(call.arguments[index], call.scope) if index < len(call.arguments) else ANY
            for call in binding.scope.owner.calls
        )

    def _given_by_triggers(self, binding: Binding) -> Known:
        """What a parameter of an op without a default is given by triggers, and by ops that call this one.

        A person who starts the op as well may give anything else; the runtime holds that to the same grants.
        """
        owner, name = binding.scope.owner, binding.source["name"]
        passing = [trigger for trigger in owner.triggers if name in trigger.get("passes", ())]
        if not passing or binding.source["default"]:
            return ANY
        known = join_all(_trigger_value(trigger, trigger["passes"][name]) for trigger in passing)
        index: int = binding.inner
        called = (self.evaluate(c.arguments[index], c.scope) for c in owner.calls if index < len(c.arguments))
        return join(known, join_all(called))

    _by_binding: ClassVar[dict[str, Callable[[Evaluator, Binding, _Frame | None], Known]]] = {
        "let": _bound_let,
        "effect": _bound_effect,
        "call": _bound_call,
        "invoke": _bound_invoke,
        "map": _bound_map,
        "result": _bound_result,
        "target": _bound_target,
        "carried": _bound_changing,
        "last": _bound_changing,
        "kept": _bound_changing,
        "caught": _bound_caught,
        "parameter": _bound_parameter,
    }

    _by_kind: ClassVar[dict[str, Callable[[Evaluator, JsonObject, Scope, _Frame | None], Known]]] = {
        "ref": _ref,
        "const": _const,
        "lit": _lit,
        "apply": _apply,
        "call": _call,
        "record": _record,
        "list": _list,
        "tuple": _tuple,
        "dict": _dict,
        "field": _field,
        "enum": _enum,
        "widen": _part,
        "narrow": _part,
        "cond": _cond,
    }


def _trigger_value(trigger: JsonObject, value: str) -> Known:
    if value == "block":
        return Fields({"network": literal(trigger["network"])})
    if value == "address" and trigger["addresses"] != ["any"]:
        return join_all(literal(address) for address in trigger["addresses"])
    return ANY


_SAME_ITEMS: Final = frozenset(
    {
        "list.exact",
        "list.repeat",
        "list.rest",
        "list.reversed",
        "list.slice",
        "list.sorted",
        "list.sorted_str",
    }
)
"""Operators whose result is a new list of items of their first argument."""
_MAKES_LIST: Final = _SAME_ITEMS | frozenset(
    {
        "dict.items",
        "dict.keys",
        "dict.values",
        "list.concat",
        "list.enumerate",
        "list.flatten",
        "list.sorted_by",
        "list.zip",
        "list.zip3",
        "list.zip_all",
        "list.zip_strict",
    }
)
"""Operators whose result is a new list of items of their arguments."""
