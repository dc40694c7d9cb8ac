"""The bodies of a document as a graph of names: which node defines what each expression refers to.

One walk over the nodes. Expressions are not looked into; they are evaluated later, where they are needed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from opforge_ir.errors import CAUGHT
from opforge_ir.types import Type, TypeSyntaxError, parse_type

__all__ = [
    "Binding",
    "Body",
    "CallSite",
    "EffectSite",
    "JsonObject",
    "Program",
    "Returned",
    "Scope",
    "read_program",
]

JsonObject: TypeAlias = dict[str, Any]

BindingKind: TypeAlias = Literal[
    "let",
    "effect",
    "call",
    "invoke",
    "map",
    "result",
    "target",
    "carried",
    "last",
    "kept",
    "caught",
    "parameter",
]


class Scope:
    """The names of one region; others are those of the regions around it."""

    __slots__ = ("names", "outer", "owner")

    def __init__(self, outer: Scope | None, owner: Body) -> None:
        self.names: dict[str, Binding | JsonObject] = {}
        """What defines each name; most nodes stand for themselves until somebody asks."""
        self.outer = outer
        self.owner = owner

    def find(self, name: str) -> Binding | None:
        """What defines the name, or None."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.names.get(name)
            if found is not None:
                if isinstance(found, Binding):
                    return found
                binding = Binding(found["kind"], found, scope)
                scope.names[name] = binding
                return binding
            scope = scope.outer
        return None


class Binding:
    """What defines one name: the JSON object that says it, and where its expressions stand."""

    __slots__ = ("inner", "kind", "scope", "source")

    def __init__(self, kind: BindingKind, source: JsonObject, scope: Scope, inner: Any = None) -> None:
        self.kind = kind
        self.source = source
        self.scope = scope
        self.inner = inner
        """Depends on the kind: the scopes of an `if`'s sides, an index, what may be given later."""


@dataclass(slots=True)
class EffectSite:
    """One effect node."""

    node: JsonObject
    scope: Scope


@dataclass(slots=True)
class CallSite:
    """One call of a function or op by a node, or a run of an op as a child or to undo another one."""

    arguments: list[JsonObject]
    scope: Scope


@dataclass(slots=True)
class Returned:
    """One expression that a function may return, or a node may give a value."""

    value: JsonObject
    scope: Scope


@dataclass(slots=True)
class _Loop:
    """A loop whose body is being read: what its rounds and its end may give each carried value."""

    following: list[list[Returned]]
    last: list[list[Returned]]


@dataclass(slots=True)
class Body:
    """The body of one op or function."""

    is_op: bool
    returns: list[Returned] = field(default_factory=list[Returned])
    calls: list[CallSite] = field(default_factory=list[CallSite])
    """The nodes that call this function or op."""
    triggers: list[JsonObject] = field(default_factory=list[JsonObject])
    """What starts the op."""


@dataclass(slots=True)
class Program:
    """A document as the inference sees it."""

    enums: dict[str, JsonObject]
    constants: dict[str, JsonObject]
    functions: dict[str, Body]
    ops: dict[str, Body]
    effects: list[EffectSite]
    changed_types: set[str] | None
    """The types of lists and dicts that some node changes; None when a change may concern any type."""


_CONTROL: Final = frozenset({"if", "for", "while", "map", "try"})


def read_program(document: JsonObject) -> Program:
    """Walk all bodies. The document has the shape of the models; nothing else is taken for granted."""
    functions = {name: Body(is_op=False) for name in document["functions"]}
    ops = {name: Body(is_op=True, triggers=op["triggers"]) for name, op in document["ops"].items()}
    program = Program(document["enums"], document["constants"], functions, ops, [], set())
    for name in sorted(ops):
        _Reader(program, document, ops[name]).read_owner(document["ops"][name])
    for name in sorted(functions):
        _Reader(program, document, functions[name]).read_owner(document["functions"][name])
    return program


class _Reader:
    def __init__(self, program: Program, document: JsonObject, body: Body) -> None:
        self._program = program
        self._document = document
        self._body = body
        self._loop = _Loop([], [])

    def read_owner(self, owner: JsonObject) -> None:
        scope = Scope(None, self._body)
        for index, parameter in enumerate(owner["parameters"]):
            scope.names[parameter["name"]] = Binding("parameter", parameter, scope, index)
        for undoing in owner.get("compensation", ()):
            if undoing in self._program.ops:
                same = [{"kind": "ref", "name": parameter["name"]} for parameter in owner["parameters"]]
                self._program.ops[undoing].calls.append(CallSite(same, scope))
        self._read(owner["body"], scope, [])

    def _read(self, nodes: list[JsonObject], scope: Scope, yields: list[Returned]) -> None:
        names = scope.names
        for node in nodes:
            kind = node["kind"]
            if kind == "let":
                names[node["id"]] = node
            elif kind == "invoke":
                names[node["id"]] = node
                invoked = self._program.ops.get(node["op"])
                if invoked is not None:
                    invoked.calls.append(CallSite(node["args"], scope))
            elif kind == "effect":
                names[node["id"]] = node
                self._note_effect(node, scope)
            elif kind == "call":
                names[node["id"]] = node
                callee = self._program.functions.get(node["function"])
                if callee is not None:
                    callee.calls.append(CallSite(node["args"], scope))
            elif kind in _CONTROL:
                self._read_control(kind, node, scope, yields)
            elif kind == "do":
                self._note_change(node["args"][0], scope)
            elif kind == "keep":
                self._note_kept(node, scope)
            elif kind in ("break", "continue"):
                self._leave_loop(kind, node, scope)
            elif kind == "return":
                self._body.returns.append(Returned(node["value"], scope))
            elif kind == "yield":
                yields.append(Returned(node["value"], scope))

    def _note_effect(self, node: JsonObject, scope: Scope) -> None:
        self._program.effects.append(EffectSite(node, scope))
        name, given = node["static"].get("op"), node["args"].get("arguments")
        if node["verb"] != "run.child" or name not in self._program.ops or given is None:
            return
        if given["kind"] == "tuple":
            items = given["items"]
        else:
            count = len(self._document["ops"][name]["parameters"])
            items = [{"kind": "field", "of": given, "name": str(index)} for index in range(count)]
        self._program.ops[name].calls.append(CallSite(items, scope))

    def _read_control(self, kind: str, node: JsonObject, scope: Scope, yields: list[Returned]) -> None:
        inner = Scope(scope, self._body)
        if kind == "if":
            otherwise = Scope(scope, self._body)
            self._read(node["then"], inner, yields)
            self._read(node["otherwise"], otherwise, yields)
            for result in node["results"]:
                scope.names[result["id"]] = Binding("result", result, scope, (inner, otherwise))
        elif kind == "try":
            self._read_try(node, scope, inner, yields)
        elif kind == "while":
            self._read_rounds(node, scope, inner, yields)
        else:
            self._define_targets(node, scope, inner)
            if kind == "for":
                self._read_rounds(node, scope, inner, yields)
                return
            given: list[Returned] = []
            self._read(node["body"], inner, given)
            scope.names[node["id"]] = Binding("map", node, scope, given)

    def _define_targets(self, node: JsonObject, scope: Scope, inner: Scope) -> None:
        targets = node["targets"]
        for index, target in enumerate(targets):
            place = index if len(targets) > 1 else None
            inner.names[target["id"]] = Binding("target", node, scope, (place, target))

    def _read_rounds(self, node: JsonObject, scope: Scope, inner: Scope, yields: list[Returned]) -> None:
        """Read the body of a loop, and what it carries from round to round."""
        carried = node["carried"]
        loop = _Loop([[Returned(each["next"], inner)] for each in carried], [[] for _ in carried])
        for each, following in zip(carried, loop.following, strict=True):
            inner.names[each["id"]] = Binding("carried", each, scope, following)
        self._read(node.get("head", []), Scope(inner, self._body), yields)
        outer, self._loop = self._loop, loop
        self._read(node["body"], inner, yields)
        self._loop = outer
        for each, following, last in zip(carried, loop.following, loop.last, strict=True):
            scope.names[each["result"]] = Binding("last", each, scope, [*following, *last])

    def _leave_loop(self, kind: str, node: JsonObject, scope: Scope) -> None:
        given = self._loop.last if kind == "break" else self._loop.following
        for values, value in zip(given, node["values"], strict=False):
            values.append(Returned(value, scope))

    def _read_try(self, node: JsonObject, scope: Scope, inner: Scope, yields: list[Returned]) -> None:
        for kept in node["kept"]:
            inner.names[kept["id"]] = Binding("kept", kept, scope, list[Returned]())
        for region in ("body", "otherwise", "always"):
            self._read(node[region], Scope(inner, self._body), yields)
        for handler in node["handlers"]:
            own = Scope(inner, self._body)
            own.names[handler["id"]] = Binding("caught", {"type": CAUGHT.name}, own)
            self._read(handler["body"], own, yields)
        for kept in node["kept"]:
            cell = inner.find(kept["id"])
            scope.names[kept["result"]] = Binding("kept", kept, scope, cell.inner if cell is not None else [])

    def _note_kept(self, node: JsonObject, scope: Scope) -> None:
        binding = scope.find(node["name"])
        if binding is not None and binding.kind == "kept":
            binding.inner.append(Returned(node["value"], scope))

    def _note_change(self, target: JsonObject, scope: Scope) -> None:
        kind = _find_type(target, scope)
        if kind is None or self._program.changed_types is None:
            self._program.changed_types = None
        else:
            self._program.changed_types.add(kind.text)


def _find_type(expression: JsonObject, scope: Scope) -> Type | None:
    """The type of a name, or of an item of what a name leads to; None for anything else."""
    if expression["kind"] == "ref":
        binding = scope.find(expression["name"])
        if binding is None:
            return None
        source = binding.inner[1] if binding.kind == "target" else binding.source
        try:
            return parse_type(source["type"])
        except TypeSyntaxError:
            return None
    if expression["kind"] == "apply" and expression["op"] in ("list.get", "dict.item") and expression["args"]:
        owner = _find_type(expression["args"][0], scope)
        return owner.args[-1] if owner is not None and owner.args else None
    return None
