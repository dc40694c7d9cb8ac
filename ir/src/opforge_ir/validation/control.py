"""Bodies: the nodes that may repeat without end, leave a loop, catch errors, and invoke ops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

from opforge_ir.codes.document import E_AFTER_TERMINATOR, E_DUPLICATE_ID, E_DUPLICATE_MEMBER
from opforge_ir.codes.flow import (
    E_KEEP_INSIDE_MAP,
    E_LOOP_EXIT_OUTSIDE,
    E_RETHROW_OUTSIDE_HANDLER,
    E_TRY_WITHOUT_HANDLER,
    E_UNKNOWN_CELL,
    E_UNKNOWN_OP,
)
from opforge_ir.errors import CAUGHT, ERRORS
from opforge_ir.problems import JsonArray, JsonObject, Problems
from opforge_ir.types import BOOL, INT, named
from opforge_ir.validation.bodies import BodyChecker, Loop, OwnerFacts
from opforge_ir.validation.definitions import Definitions, ShapeMismatch
from opforge_ir.validation.expressions import NO_VALUE

__all__ = ["ControlChecker"]

_CAUGHT: Final = named(CAUGHT.name)


class ControlChecker(BodyChecker):
    """Checks the bodies of ops and functions with nodes of every kind."""

    def __init__(self, definitions: Definitions, problems: Problems) -> None:
        super().__init__(definitions, problems)
        self._cells: dict[str, int] = {}
        """The kept values of the open tries, each with how many maps were open around its try."""
        self._caught: set[str] = set()
        """The ids of the open handlers."""

    def check_owner(self, name: str, definition: JsonObject) -> OwnerFacts:
        """Check the body of an op or function; its parameter and result types were resolved before."""
        self._cells.clear()
        self._caught.clear()
        return super().check_owner(name, definition)

    # --- loops ----------------------------------------------------------------------------------

    def _while(self, node: JsonObject) -> bool:
        if len(node) != 7:
            raise ShapeMismatch
        self.expect(INT, node, "limit")
        loop = Loop(self._check_inits(node["carried"], 5))
        self._define(node, "id", NO_VALUE)
        mark = len(self._trail)
        self._define_all(node["carried"], "id", loop.carried)
        self._check_test(node)
        self._leave(mark)
        self._check_rounds(node, loop)
        self._leave(mark)
        self._define_all(node["carried"], "result", loop.carried)
        return loop.is_left or not _is_true(node["test"])

    def _check_test(self, node: JsonObject) -> None:
        outer = self._item, self._loop
        self._item, self._loop = None, None
        if not self._check_nodes(node["head"]):
            self._problems.add(E_AFTER_TERMINATOR, node, "test")
        self._item, self._loop = outer
        self.expect(BOOL, node, "test")

    def _leave_loop(self, node: JsonObject) -> bool:
        if len(node) != 2:
            raise ShapeMismatch
        kind, loop = node["kind"], self._loop
        if loop is None:
            self._problems.add(E_LOOP_EXIT_OUTSIDE, node, kind=kind)
            self.infer_all(node["values"])
            return False
        self.expect_all(tuple(loop.carried), node, "values", callee=kind)
        loop.is_left |= kind == "break"
        return False

    # --- errors ---------------------------------------------------------------------------------

    def _try(self, node: JsonObject) -> bool:
        kept: JsonArray = node["kept"]
        handlers: JsonArray = node["handlers"]
        if len(node) != 7 or type(handlers) is not list:
            raise ShapeMismatch
        stated = self._check_inits(kept, 4)
        self._define(node, "id", NO_VALUE)
        mark = len(self._trail)
        self._define_all(kept, "id", stated)
        outer_cells = self._cells
        self._cells = {**outer_cells, **{each["id"]: self._open_maps for each in kept}}
        falls_through = self._check_region(node["body"])
        if not falls_through and node["otherwise"]:
            self._problems.add(E_AFTER_TERMINATOR, node["otherwise"], 0)
        falls_through &= self._check_region(node["otherwise"])
        for handles in [self._check_handler(handler) for handler in handlers]:
            falls_through |= handles
        self._check_handler_ids(handlers)
        falls_through &= self._check_region(node["always"])
        if not handlers and not node["always"]:
            self._problems.add(E_TRY_WITHOUT_HANDLER, node)
        self._cells = outer_cells
        self._leave(mark)
        self._define_all(kept, "result", stated)
        return falls_through

    def _check_region(self, nodes: JsonArray) -> bool:
        """Check a region that keeps its ids to itself; whether control falls off its end."""
        mark = len(self._trail)
        falls_through = self._check_nodes(nodes)
        self._leave(mark)
        return falls_through

    def _check_handler(self, handler: JsonObject) -> bool:
        errors: JsonArray = handler["errors"]
        if len(handler) != 3 or type(errors) is not list or not errors:
            raise ShapeMismatch
        for index, error in enumerate(errors):
            if error not in ERRORS:
                raise ShapeMismatch
            if error in errors[:index]:
                self._problems.add(E_DUPLICATE_MEMBER, handler, "errors", index, name=error)
        mark = len(self._trail)
        self._define(handler, "id", _CAUGHT)
        is_new = handler["id"] not in self._caught
        self._caught.add(handler["id"])
        falls_through = self._check_nodes(handler["body"])
        if is_new:
            self._caught.discard(handler["id"])
        self._leave(mark)
        return falls_through

    def _check_handler_ids(self, handlers: JsonArray) -> None:
        """The path of a node in a handler is told apart by the handler's id."""
        seen: set[str] = set()
        for handler in handlers:
            if handler["id"] in seen:
                self._problems.add(E_DUPLICATE_ID, handler, "id", id=handler["id"])
            seen.add(handler["id"])

    def _keep(self, node: JsonObject) -> bool:
        name = node["name"]
        if len(node) != 3 or type(name) is not str:
            raise ShapeMismatch
        around = self._cells.get(name)
        if around is None:
            self._problems.add(E_UNKNOWN_CELL, node, "name", name=name)
            self.infer(node["value"])
            return True
        if around != self._open_maps:
            self._problems.add(E_KEEP_INSIDE_MAP, node, name=name)
        self.expect(self.scope[name], node, "value")
        return True

    def _rethrow(self, node: JsonObject) -> bool:
        name = node["error"]
        if len(node) != 2 or type(name) is not str:
            raise ShapeMismatch
        if name not in self._caught:
            self._problems.add(E_RETHROW_OUTSIDE_HANDLER, node, "error", name=name)
        return False

    # --- other ops ------------------------------------------------------------------------------

    def _invoke(self, node: JsonObject) -> bool:
        if len(node) != 5:
            raise ShapeMismatch
        name = node["op"]
        stated = self._types.get(node["type"]) or self._definitions.resolve(node)
        signature = self._definitions.ops.get(name)
        if signature is None:
            if name not in self._definitions.ops:
                self._problems.add(E_UNKNOWN_OP, node, "op", name=str(name))
            self.infer_all(node["args"])
        else:
            self.expect_all(signature.parameters, node, "args", callee=name)
            if signature.result is not stated:
                self.refuse_type(stated, signature.result, node, "type")
        self._facts.has_effects = True
        self._facts.invokes.setdefault(name, node)
        self._define(node, "id", stated)
        return True

    node_kinds: ClassVar[dict[str, Callable[[Any, JsonObject], bool]]] = {
        **BodyChecker.node_kinds,
        "while": _while,
        "break": _leave_loop,
        "continue": _leave_loop,
        "try": _try,
        "keep": _keep,
        "rethrow": _rethrow,
        "invoke": _invoke,
    }


def _is_true(test: JsonObject) -> bool:
    return test == {"kind": "lit", "type": "bool", "value": "true"}
