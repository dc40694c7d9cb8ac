"""An op file run twice with the same scripted answers: by CPython, and compiled by the runtime's engine.

What it returns or fails with, and what it asks of the outside, must be the same both times. Requests of a
comprehension may come in another order, since it fans out; side effects may not. The compiled run is replayed
as well.
"""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final, cast

from opforge import Address, Block, EffectError, HttpError, NotGranted, Reverted, RpcError, Timeout
from opforge.testing import Effect, EventEmit, HttpPost, LogInfo, LogWarning, Scripted, ScriptedHost
from opforge_compiler.emit import emit_file
from opforge_ir.codes import execution, transport
from opforge_ir.diagnostics import Code, Diagnostic, FieldValue
from opforge_ir.document import Document, Policy
from opforge_ir.errors import find_error, get_message
from opforge_ir.events import Provenance
from opforge_ir.ids import RunId
from opforge_ir.types import parse_type
from opforge_ir.validation import load_document
from opforge_ir.values import RecordInstance, Value
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import start_run
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import compile_document
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore

__all__ = ["Answers", "BothWays", "Ended"]

Answers = Callable[[], Sequence[Scripted]]
"""Makes the answers of one run: those that are given in turn are used up by it."""

_RUN: Final = RunId("both-ways-1")
_NOWHERE: Final = Provenance(opforge_version="", git_commit="")
_SPEAKING: Final = frozenset({"AssertionError", "Fail", "Reverted"})
_SIDE_EFFECTS: Final = (EventEmit, HttpPost, LogInfo, LogWarning)
_FAILURES: Final[dict[type[EffectError], tuple[Code, dict[str, FieldValue]]]] = {
    HttpError: (transport.E_HTTP_UNREACHABLE, {"host": "host"}),
    NotGranted: (execution.E_NOT_GRANTED, {"verb": "verb", "target": "target"}),
    RpcError: (transport.E_RPC_UNREACHABLE, {"network": "network"}),
    Timeout: (transport.E_RPC_TIMEOUT, {"network": "network", "timeout_ms": 1}),
}
"""One failure of the runtime for each class of errors but `Reverted`, which has a reason."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended both ways."""

    result: Any
    """What the op returned, as Python holds it."""
    effects: list[Effect[Any]]
    """What was asked, in Python's order."""

    @property
    def warnings(self) -> list[str]:
        """The lines that ask for attention."""
        return [effect.message for effect in self.effects if isinstance(effect, LogWarning)]

    @property
    def lines(self) -> list[str]:
        """The lines of information."""
        return [effect.message for effect in self.effects if isinstance(effect, LogInfo)]


class BothWays:
    """An op file, loaded as a module and compiled."""

    def __init__(self, path: Path) -> None:
        """Import the file with its own folder first on the path, and compile it. Raises DiagnosticError."""
        self.module: Final[Any] = _load(path)
        """The names of the op file, as a test beside it would import them."""
        self._canonical = emit_file(path).canonical
        self._document = load_document(self._canonical)
        self._codec = compile_document(self._document).codec

    def run(self, op: str, /, *, answers: Answers = tuple, **inputs: object) -> Ended:
        """Run an op both ways. Raises AssertionError where they differ, and what the op raises."""
        native, compiled = ScriptedHost(*answers()), ScriptedHost(*answers())
        io = _HostIo(compiled)
        result: object = None
        raised: Exception | None = None
        try:
            result = native.run(getattr(self.module, op), **inputs)
        except Exception as error:  # noqa: BLE001  # whatever it raises is what is compared
            raised = error
        outcome = self._run_compiled(op, io, inputs)
        if raised is not None:
            assert outcome.error is not None, f"CPython raises {raised!r}, the compiled op returns a value"
            assert _describe(outcome.error) == _describe_native(raised)
        else:
            assert outcome.error is None, (
                f"CPython returns {result!r}, the compiled op fails: {outcome.error}"
            )
            assert outcome.output is not None
            kind = parse_type(self._document.ops[op].result)
            assert outcome.output.value == self._codec.encode(kind, _hold(result))
        _compare_effects(native.effects, compiled.effects, has_failures=bool(io.failures or raised))
        if raised is not None:
            raise raised
        return Ended(result, native.effects)

    def _run_compiled(self, op: str, io: _HostIo, inputs: Mapping[str, object]) -> RunOutcome:
        kinds = {each.name: parse_type(each.type) for each in self._document.ops[op].parameters}
        stored = {name: self._codec.encode(kinds[name], _hold(value)) for name, value in inputs.items()}
        store = MemoryStore()
        outcome = asyncio.run(
            start_run(
                store,
                io,
                run=_RUN,
                document=self._canonical,
                op=op,
                inputs=stored,
                clock=lambda: 1_000,
                provenance=_NOWHERE,
            )
        )
        assert replay_run(store, _RUN).is_finished
        return outcome


class _HostIo:
    """Answers the compiled program from a scripted host. What failed once fails again when it is retried."""

    def __init__(self, host: ScriptedHost) -> None:
        self._host = host
        self.failures: dict[tuple[str, str], EffectFailure] = {}

    def begin(self, document: Document, policy: Policy, left_ms: int | None) -> _HostIo:  # noqa: ARG002
        """Part of EffectIo."""
        return self

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectIo."""
        return [self._answer(attempt) for attempt in attempts]

    async def wait(self, policy: Policy, failures: int) -> None:
        """Part of EffectIo."""

    def _answer(self, attempt: Attempt) -> Answer:
        request = attempt.request
        place = request.site.state, request.instance
        if attempt.number > 1:
            return self.failures[place]
        verb = request.site.verb
        arguments = {name: _present(name, value) for name, value in request.arguments.items()}
        if "arguments" in arguments:
            kinds = cast("tuple[Any, ...]", request.site.argument_types["arguments"])
            given = zip(kinds, cast("tuple[Value, ...]", request.arguments["arguments"]), strict=True)
            arguments["arguments"] = tuple(
                Address(cast(str, v)) if k.head == "Address" else v for k, v in given
            )
        try:
            return _hold(self._host.perform(verb.name, request.site.static, arguments))
        except EffectError as error:
            self.failures[place] = _fail(error)
            return self.failures[place]


def _load(path: Path) -> ModuleType:
    """Import a file as `python` would run it. The modules beside it are forgotten again."""
    name = f"{path.parent.name}_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = set(sys.modules)
    sys.modules[name] = module  # where types are looked up when JSON is read
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
        for other in set(sys.modules) - before - {name}:
            if str(getattr(sys.modules[other], "__file__", "")).startswith(str(path.parent)):
                del sys.modules[other]
    return module


def _present(name: str, held: Value) -> object:
    """An argument of an effect as Python holds it."""
    if isinstance(held, RecordInstance):
        return Block(*cast("tuple[Any, ...]", held.values))
    return Address(cast(str, held)) if name == "address" else held


def _hold(value: object) -> Value:
    """A value of CPython as the interpreter holds it."""
    match value:
        case Address():
            return str(value).lower()
        case Enum():
            return value.value
        case list():
            return [_hold(item) for item in cast("list[object]", value)]
        case tuple():
            return tuple(_hold(item) for item in cast("tuple[object, ...]", value))
        case dict():
            return {_hold(k): _hold(v) for k, v in cast("dict[object, object]", value).items()}
        case _ if dataclasses.is_dataclass(value):
            parts = tuple(_hold(getattr(value, field.name)) for field in dataclasses.fields(value))
            return RecordInstance(type(value).__name__, parts)
        case _:
            return value


def _fail(error: EffectError) -> EffectFailure:
    """The failure that the runtime would have in place of an error."""
    if isinstance(error, Reverted):
        fields: dict[str, FieldValue] = dict.fromkeys(("selector", "contract", "network", "data"), "")
        return EffectFailure(transport.E_CALL_REVERTED, {**fields, "reason": str(error)})
    code, fields = _FAILURES[type(error)]
    return EffectFailure(code, fields)


def _describe(error: Diagnostic) -> tuple[str, str]:
    """The class of a failure, and its message where that is the author's own."""
    name = find_error(error.code, error.values) or error.code.name
    return name, get_message(error.code, error.values) if name in _SPEAKING else ""


def _describe_native(error: Exception) -> tuple[str, str]:
    name = type(error).__name__
    return name, str(error) if name in _SPEAKING else ""


def _compare_effects(
    native: Sequence[Effect[Any]], compiled: Sequence[Effect[Any]], *, has_failures: bool
) -> None:
    """Side effects are the same in the same order, and reads are the same ones.

    Where something fails, CPython has not asked what stands behind it, and a fan-out not what it would have
    asked next: reads are not compared then.
    """
    assert _list_side_effects(native) == _list_side_effects(compiled)
    if not has_failures:
        assert Counter(map(str, native)) == Counter(map(str, compiled))


def _list_side_effects(effects: Sequence[Effect[Any]]) -> list[str]:
    return [str(effect) for effect in effects if isinstance(effect, _SIDE_EFFECTS)]
