"""`try` in single assignment: the variables that its regions hand to each other are kept in cells.

An error may come after any assignment of the body, so what a handler finds cannot be a value with one
definition. Each assignment in a `try` is followed by a `keep` for the variables that something else reads;
handlers, `else` and `finally` begin with the values that are kept then, and so does what follows.
"""

from __future__ import annotations

from collections.abc import Sequence

from opforge import _ir
from opforge._frontend.liveness import ends, find_assigned, find_before, find_given, find_needed_by_handlers
from opforge._frontend.lower_loops import LowerBlock
from opforge._frontend.lower_patterns import build_none, narrow, widen
from opforge._frontend.lowering_context import Env, Lowering, OpenTry, Slot
from opforge._frontend.region import Region
from opforge._frontend.scope import join_types
from opforge._frontend.symbols import CAUGHT
from opforge._frontend.tree import Statement, TryStatement
from opforge_ir.types import NONE, Type

__all__ = ["lower_try"]

Names = frozenset[str]


def lower_try(
    work: Lowering, statement: TryStatement, region: Region, env: Env, live: Names, lower_block: LowerBlock
) -> None:
    """Add a `try`. `live` are the variables that are read after it."""
    _Lowering(work, statement, region, env, live, lower_block).lower()


class _Lowering:
    def __init__(
        self,
        work: Lowering,
        statement: TryStatement,
        region: Region,
        env: Env,
        live: Names,
        lower_block: LowerBlock,
    ) -> None:
        self._work = work
        self._statement = statement
        self._region = region
        self._entry = dict(env)
        self._env = env
        self._live = live
        self._lower_block = lower_block
        self._slots: dict[str, Slot] = {}
        self._kept: list[_ir.Kept] = []

    def lower(self) -> None:
        work, statement = self._work, self._statement
        node_id = self._region.claim("try")
        self._open()
        node = _ir.Try(kind="try", id=node_id, kept=self._kept, body=[], handlers=[], otherwise=[], always=[])
        jumps = work.loops[-1].again if work.loops else frozenset[str]()
        end, to_otherwise = self._live_inside(jumps)
        work.tries.append(OpenTry(self._slots))
        body_env = dict(self._entry)
        node["body"] = self._block(statement.body, body_env, to_otherwise)
        ways: list[Env] = []
        names = Region(self._region)
        for handler in statement.handlers:
            handler_env = self._at_any_point([statement.body])
            caught = Region(self._region)
            name = names.claim(handler.name)
            caught.ids.add(name)
            handler_env[handler.name] = (_ir.Ref(kind="ref", name=name), CAUGHT)
            nodes = self._block(handler.body, handler_env, end, caught)
            node["handlers"].append(_ir.Handler(errors=list(handler.errors), id=name, body=nodes))
            if not ends(handler.body):
                ways.append(handler_env)
        if not ends(statement.body):
            after_body = self._as_after(body_env)
            node["otherwise"] = self._block(statement.otherwise, after_body, end)
            if not ends(statement.otherwise):
                ways.append(after_body)
        handled = [handler.body for handler in statement.handlers]
        always_env = self._at_any_point([statement.body, *handled, statement.otherwise])
        node["always"] = self._block(statement.always, always_env, self._live)
        work.tries.pop()
        narrowed = self._close(ways, always_env)
        work.places.put(node, statement.span)
        self._region.nodes.append(node)
        for name, value, kind in narrowed:
            if name in self._live:
                self._read(name, value, kind, self._region, self._env)

    def _live_inside(self, jumps: Names) -> tuple[Names, Names]:
        """The variables that are read after a handler or `else`, and those after the body."""
        statement = self._statement
        end = find_before(statement.always, self._live, jumps) | self._live
        return end, find_before(statement.otherwise, end, jumps)

    def _open(self) -> None:
        """Choose what is kept: what the regions give values, and others read."""
        work, statement = self._work, self._statement
        jumps = work.loops[-1].again if work.loops else frozenset[str]()
        read = self._live | find_needed_by_handlers(statement, self._live, jumps)
        read |= find_before(statement.otherwise, read, jumps)
        given: dict[str, Type | None] = {}
        for name, kind in find_given([statement]):
            before = given.get(name, kind)
            given[name] = None if before is None else join_types(before, kind)
        handled = {handler.name for handler in statement.handlers}
        for name in find_assigned([statement]):
            joined = given.get(name)
            if name in read and joined is not None and name not in handled:
                self._keep(name, joined)

    def _keep(self, name: str, kind: Type) -> None:
        found = self._entry.get(name)
        wide = join_types(NONE if found is None else found[1], kind)
        if wide is None:
            return
        entry = self._work.type(wide)
        init = build_none(entry) if found is None else widen(self._work, *found, wide)
        kept = _ir.Kept(id=self._region.claim(name), type=entry, init=init, result="")
        self._kept.append(kept)
        self._slots[name] = Slot(name, kept["id"], wide)

    # --- regions ------------------------------------------------------------------------------------

    def _block(
        self, block: Sequence[Statement], env: Env, after: Names, region: Region | None = None
    ) -> list[_ir.Node]:
        inner = region or Region(self._region)
        jumps = self._work.loops[-1].again if self._work.loops else frozenset[str]()
        read = find_before(block, frozenset(), jumps)
        for name in self._slots:
            found = env.get(name)
            if found is not None and found != self._entry.get(name) and name in read:
                self._read(name, *found, inner, env)
        self._lower_block(self._work, block, inner, env, after)
        return inner.nodes

    def _read(self, name: str, value: _ir.Expression, kind: Type, region: Region, env: Env) -> None:
        """Name the value that is kept when a region begins: a later `keep` does not change it."""
        node = _ir.Let(kind="let", id=region.claim(name), type=self._work.type(kind), value=value)
        self._work.places.put(node, self._statement.span)
        region.nodes.append(node)
        env[name] = (_ir.Ref(kind="ref", name=node["id"]), kind)

    def _at_any_point(self, blocks: Sequence[Sequence[Statement]]) -> Env:
        """What the variables are where control may have left the blocks anywhere."""
        env = dict(self._entry)
        given = {name: found[1] for name, found in env.items()}
        for name, kind in (each for block in blocks for each in find_given(block)):
            slot, before = self._slots.get(name), given.get(name)
            wide = None if slot is None or before is None else join_types(before, kind)
            if slot is None or wide is None:
                env.pop(name, None)
            else:
                given[name] = wide
                env[name] = (self._get_kept(slot, wide), wide)
        return env

    def _as_after(self, inside: Env) -> Env:
        """What the variables are after a region that came to its end: values inside of it are not seen."""
        env = dict(self._entry)
        for name in find_assigned([self._statement]):
            slot, found = self._slots.get(name), inside.get(name)
            if slot is not None and found is not None:
                env[name] = (self._get_kept(slot, found[1]), found[1])
            else:
                env.pop(name, None)
        return env

    def _close(self, ways: Sequence[Env], always: Env) -> list[tuple[str, _ir.Expression, Type]]:
        """Name the values that are kept at last; returns those whose type is known better than that."""
        final = set(find_assigned(self._statement.always))
        for name, kept in zip(self._slots, self._kept, strict=True):
            kept["result"] = self._region.claim(name)
        after: list[tuple[str, _ir.Expression, Type]] = []
        results = {name: kept["result"] for name, kept in zip(self._slots, self._kept, strict=True)}
        for name in find_assigned([self._statement]):
            self._env.pop(name, None)
            slot = self._slots.get(name)
            ends_with = [always] if name in final else ways
            kinds = [env[name][1] for env in ends_with if name in env]
            if slot is None or not kinds or len(kinds) < len(ends_with):
                continue
            kind: Type | None = kinds[0]
            for other in kinds[1:]:
                kind = None if kind is None else join_types(kind, other)
            if kind is not None:
                result: _ir.Expression = _ir.Ref(kind="ref", name=results[name])
                self._env[name] = (result, kind)
                if kind is not slot.type:
                    after.append((name, narrow(self._work, result, slot.type, kind), kind))
        return after

    def _get_kept(self, slot: Slot, kind: Type) -> _ir.Expression:
        """The value that is kept at present, which is known to be of this type."""
        return narrow(self._work, _ir.Ref(kind="ref", name=slot.id), slot.type, kind)
