"""Bodies: the nodes of ops and functions, their ids, their types and how control leaves them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from opforge_ir.codes.document import (
    E_AFTER_TERMINATOR,
    E_BODY_WITHOUT_RETURN,
    E_DUPLICATE_ID,
    E_IF_RESULT_MISSING,
    E_IF_RESULT_UNREACHABLE,
    E_RETURN_INSIDE_MAP,
    E_TARGET_COUNT,
    E_TYPE_CONFLICT,
    E_YIELD_OUTSIDE_MAP,
)
from opforge_ir.codes.flow import E_RESERVED_ID
from opforge_ir.ids import MARKS, SEGMENT_PATTERN
from opforge_ir.operators import OPERATORS
from opforge_ir.problems import JsonArray, JsonObject, Problems
from opforge_ir.types import BOOL, STR, Type
from opforge_ir.validation.definitions import UNKNOWN, Definitions, ShapeMismatch, is_known
from opforge_ir.validation.effects import EffectChecker
from opforge_ir.validation.expressions import NO_VALUE, ExpressionChecker

__all__ = ["BodyChecker", "Loop", "OwnerFacts"]

_is_segment = re.compile(SEGMENT_PATTERN.replace("$", r"\Z")).match


class OwnerFacts:
    """What the rules on the whole document need to know of the body of one op or function."""

    def __init__(self) -> None:
        self.calls: dict[str, JsonObject] = {}
        """The functions that are called, each with one of the calls."""
        self.value_calls: list[JsonObject] = []
        """The calls that stand in expressions."""
        self.invokes: dict[str, JsonObject] = {}
        """The ops that are invoked, each with one of the nodes, and the one that undoes this one."""
        self.children: dict[str, JsonObject] = {}
        """The ops that are run beside this one, each with one of the nodes."""
        self.has_effects = False
        """Whether an effect or an `invoke` stands in the body."""
        self.changed: set[Type] = set()
        """The types of the lists and dicts that `do` nodes change."""
        self.changes_in_map = False
        """Whether a `do` node stands in the body of a map."""
        self.has_maps = False


@dataclass(slots=True)
class Loop:
    """A `for` or `while` whose body is being checked."""

    carried: list[Type]
    is_left: bool = False
    """Whether a `break` leaves it."""


class BodyChecker(ExpressionChecker):
    """Checks one body after another; `node_count` adds up. What catches and leaves is in `control`."""

    def __init__(self, definitions: Definitions, problems: Problems) -> None:
        super().__init__(definitions, problems)
        self._effects = EffectChecker(self, definitions, problems)
        self.node_count = 0
        self._names: set[str] = set()
        """Ids that are known to be spelled right."""
        self._trail: list[str] = []
        """The ids of the open regions, in the order in which they were defined."""
        self._result = UNKNOWN
        self._item: Type | None = None
        """What a yield must give here; None where none may stand."""
        self._loop: Loop | None = None
        """The innermost loop of the same iteration of a map."""
        self._open_maps = 0
        self._facts = OwnerFacts()

    def check_owner(self, name: str, definition: JsonObject) -> OwnerFacts:
        """Check the body of an op or function; its parameter and result types were resolved before."""
        self.scope.clear()
        self._trail.clear()
        self._result = self._types.get(definition["result"]) or UNKNOWN
        self._item = None
        self._loop = None
        self._open_maps = 0
        self._facts = OwnerFacts()
        self.value_calls = self._facts.value_calls
        for parameter in definition["parameters"]:
            self._define(parameter, "name", self._types.get(parameter["type"]) or UNKNOWN)
        if self._check_nodes(definition["body"]):
            self._problems.add(E_BODY_WITHOUT_RETURN, definition, "body", owner=name)
        for call in self.value_calls:
            self._facts.calls.setdefault(call["function"], call)
        return self._facts

    # --- ids ------------------------------------------------------------------------------------

    def _define(self, container: JsonObject, key: str, value: Type) -> None:
        name = container[key]
        if name in self.scope:
            self._problems.add(E_DUPLICATE_ID, container, key, id=name)
            return
        if name not in self._names:
            if not _is_segment(name):
                raise ShapeMismatch
            if name in MARKS:
                self._problems.add(E_RESERVED_ID, container, key, id=name)
            else:
                self._names.add(name)
        self.scope[name] = value
        self._trail.append(name)

    def _leave(self, mark: int) -> None:
        """Forget the ids that were defined since the trail had this length."""
        scope = self.scope
        for name in self._trail[mark:]:
            del scope[name]
        del self._trail[mark:]

    # --- regions --------------------------------------------------------------------------------

    def _check_nodes(self, nodes: JsonArray) -> bool:
        """Check the nodes of one region, leaving its ids in scope; whether control falls off its end."""
        if type(nodes) is not list:
            raise ShapeMismatch
        self.node_count += len(nodes)
        falls_through = True
        for index, node in enumerate(nodes):
            if not self.node_kinds[node["kind"]](self, node) and falls_through:
                falls_through = False
                if index + 1 < len(nodes):
                    self._problems.add(E_AFTER_TERMINATOR, nodes, index + 1)
        return falls_through

    def _let(self, node: JsonObject) -> bool:
        stated = self._types.get(node["type"]) or self._definitions.resolve(node)
        value: JsonObject = node["value"]
        actual = self._by_kind[value["kind"]](self, value)
        if actual is not stated:
            self.refuse_type(stated, actual, node, "value")
        if len(node) != 4:
            raise ShapeMismatch
        self._define(node, "id", stated)
        return True

    def _effect(self, node: JsonObject) -> bool:
        self._facts.has_effects = True
        self._define(node, "id", self._effects.check(node))
        if node["verb"] == "run.child":
            self._facts.children.setdefault(node["static"].get("op"), node)
        return True

    def _call_node(self, node: JsonObject) -> bool:
        if len(node) != 5:
            raise ShapeMismatch
        stated = self._types.get(node["type"]) or self._definitions.resolve(node)
        signature = self.get_signature(node)
        if signature is not None:
            self.expect_all(signature.parameters, node, "args", callee=node["function"])
            if signature.result is not stated:
                self.refuse_type(stated, signature.result, node, "type")
        self._facts.calls.setdefault(node["function"], node)
        self._define(node, "id", stated)
        return True

    def _if(self, node: JsonObject) -> bool:
        results: JsonArray = node["results"]
        if len(node) != 6 or type(results) is not list:
            raise ShapeMismatch
        self.expect(BOOL, node, "test")
        self._define(node, "id", NO_VALUE)
        stated = [self._types.get(each["type"]) or self._definitions.resolve(each) for each in results]
        then_falls = self._check_side(node, "then", stated)
        otherwise_falls = self._check_side(node, "otherwise", stated)
        for each, kind in zip(results, stated, strict=True):
            if len(each) != 4:
                raise ShapeMismatch
            self._define(each, "id", kind)
        return then_falls or otherwise_falls

    def _check_side(self, node: JsonObject, side: str, stated: list[Type]) -> bool:
        mark = len(self._trail)
        falls_through = self._check_nodes(node[side])
        for each, wanted in zip(node["results"], stated, strict=True):
            given: JsonArray = each[side]
            if type(given) is not list or len(given) > 1:
                raise ShapeMismatch
            for value in given:
                actual = self.infer(value)
                if actual is not wanted:
                    self.refuse_type(wanted, actual, each, side, 0)
            if bool(given) is not falls_through:
                code = E_IF_RESULT_MISSING if falls_through else E_IF_RESULT_UNREACHABLE
                self._problems.add(code, each, side, side=side, result=str(each["id"]))
        self._leave(mark)
        return falls_through

    def _for(self, node: JsonObject) -> bool:
        if len(node) != 6:
            raise ShapeMismatch
        item = self._infer_item(node)
        stated = self._check_inits(node["carried"], 5)
        self._define(node, "id", NO_VALUE)
        mark = len(self._trail)
        self._define_targets(node, item)
        self._check_rounds(node, Loop(stated))
        self._leave(mark)
        self._define_all(node["carried"], "result", stated)
        return True

    def _check_inits(self, values: JsonArray, size: int) -> list[Type]:
        """The types of carried or kept values of so many members, after checking what they begin as."""
        if type(values) is not list:
            raise ShapeMismatch
        stated: list[Type] = []
        for each in values:
            if len(each) != size:
                raise ShapeMismatch
            kind = self._types.get(each["type"]) or self._definitions.resolve(each)
            self.expect(kind, each, "init")
            stated.append(kind)
        return stated

    def _define_all(self, values: JsonArray, key: str, stated: list[Type]) -> None:
        for each, kind in zip(values, stated, strict=True):
            self._define(each, key, kind)

    def _check_rounds(self, node: JsonObject, loop: Loop) -> None:
        """Check the body of a loop and what it hands on, leaving its ids in scope."""
        self._define_all(node["carried"], "id", loop.carried)
        outer = self._item, self._loop
        self._item, self._loop = None, loop
        self._check_nodes(node["body"])
        self._item, self._loop = outer
        for each, kind in zip(node["carried"], loop.carried, strict=True):
            self.expect(kind, each, "next")

    def _map(self, node: JsonObject) -> bool:
        if len(node) != 6:
            raise ShapeMismatch
        self._facts.has_maps = True
        item = self._infer_item(node)
        stated = self._types.get(node["type"]) or self._definitions.resolve(node)
        if not stated.is_list and stated is not UNKNOWN:
            self._problems.add(E_TYPE_CONFLICT, node, "type", expected="list", actual=stated.text)
        self._define(node, "id", NO_VALUE)
        mark = len(self._trail)
        self._define_targets(node, item)
        outer = self._item, self._loop
        self._item, self._loop = stated.args[0] if stated.is_list else UNKNOWN, None
        self._open_maps += 1
        self._check_nodes(node["body"])
        self._open_maps -= 1
        self._item, self._loop = outer
        self._leave(mark)
        if self.scope[node["id"]] is NO_VALUE:
            self.scope[node["id"]] = stated
        return True

    def _infer_item(self, node: JsonObject) -> Type:
        """The type of one item of the list that a `for` or `map` goes through."""
        items = self.infer(node["items"])
        if items.is_list:
            return items.args[0]
        if is_known(items):
            self._problems.add(E_TYPE_CONFLICT, node, "items", expected="list", actual=items.text)
        return UNKNOWN

    def _define_targets(self, node: JsonObject, item: Type) -> None:
        targets: JsonArray = node["targets"]
        if type(targets) is not list or not targets:
            raise ShapeMismatch
        kinds: tuple[Type, ...] = (item,)
        if len(targets) > 1:
            kinds = item.args if item.is_tuple else ()
            if len(kinds) != len(targets):
                if item is not UNKNOWN:
                    self._problems.add(E_TARGET_COUNT, node, "targets", targets=len(targets), type=item.text)
                kinds = (UNKNOWN,) * len(targets)
        for target, kind in zip(targets, kinds, strict=True):
            if len(target) != 2:
                raise ShapeMismatch
            stated = self._types.get(target["type"]) or self._definitions.resolve(target)
            if stated is not kind:
                self.refuse_type(kind, stated, target, "type")
            self._define(target, "id", stated)

    # --- the other nodes ------------------------------------------------------------------------

    def _do(self, node: JsonObject) -> bool:
        args: JsonArray = node["args"]
        if len(node) != 4 or not args or not OPERATORS[node["op"]].is_mutating:
            raise ShapeMismatch
        types = self.infer_all(args)
        self._facts.changed.add(types[0])
        self._facts.changes_in_map |= self._open_maps > 0
        self.apply_operator(node, types)
        self._define(node, "id", NO_VALUE)
        return True

    def _require(self, node: JsonObject) -> bool:
        if len(node) != 4:
            raise ShapeMismatch
        self.expect(BOOL, node, "test")
        self.expect(STR, node, "message")
        self._define(node, "id", NO_VALUE)
        return True

    def _fail(self, node: JsonObject) -> bool:
        if len(node) != 2:
            raise ShapeMismatch
        self.expect(STR, node, "message")
        return False

    def _return(self, node: JsonObject) -> bool:
        if len(node) != 2:
            raise ShapeMismatch
        if self._open_maps:
            self._problems.add(E_RETURN_INSIDE_MAP, node)
            self.infer(node["value"])
        else:
            self.expect(self._result, node, "value")
        return False

    def _yield(self, node: JsonObject) -> bool:
        if len(node) != 2:
            raise ShapeMismatch
        if self._item is None:
            self._problems.add(E_YIELD_OUTSIDE_MAP, node)
            self.infer(node["value"])
        else:
            self.expect(self._item, node, "value")
        return False

    node_kinds: ClassVar[dict[str, Callable[[Any, JsonObject], bool]]] = {
        "let": _let,
        "effect": _effect,
        "call": _call_node,
        "if": _if,
        "for": _for,
        "map": _map,
        "do": _do,
        "require": _require,
        "fail": _fail,
        "return": _return,
        "yield": _yield,
    }
    """How each kind of node is checked; the answer is whether control goes on to the next node."""
