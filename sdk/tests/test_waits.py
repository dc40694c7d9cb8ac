"""Waits, child runs, events and keys: as plain Python under a testing host, and compiled."""

from __future__ import annotations

import linecache
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest

from house.compiled_source import compile_text
from opforge import ChildFailed, Timeout, testing
from opforge._frontend import compile_program
from opforge._stored import Stored
from opforge.testing import (
    UNANSWERED,
    Effect,
    EventEmit,
    LogInfo,
    RunChild,
    ScriptedHost,
    SignalWait,
    TimeSleep,
    TimeUntil,
    answers,
)
from opforge_ir.codes.execution import E_CHILD_FAILED, E_SIGNAL_TIMEOUT
from opforge_ir.errors import get_message
from opforge_ir.validation import load_document
from opforge_ir.values import Value
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest, Execution, Program, ProgramError, compile_document

HEAD = """\
from opforge import ChildFailed, Fail, Timeout, event, http, log, op, record, run, signal, time, workload

workload("waits", version="1.0.0")

PAUSE = "15m"
NAME = "approve"


@record
class Order:
    id: str
    cents: int


@op
def settle(order: Order, limit: int = 100, *, note: str = "") -> int:
    if order.cents > 1000:
        raise Fail(f"{order.id} is too much{note}")
    return min(order.cents, limit)


@op
def change(items: list[int]) -> list[int]:
    items.append(len(items))
    return items


@op
def divide(n: int) -> int:
    return 100 // n


def say(n: int) -> int:
    log.info(str(n))
    return n


@op
def outer(n: int) -> int:
    return run.child(divide, n) + 1


"""


class Source:
    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        return self._text.encode() if path == "app.py" else None


class Compiled:
    """An op that is driven as the engine does it: waits are answered by the host, children by themselves."""

    def __init__(self, program: Program, host: ScriptedHost) -> None:
        self._program = program
        self._host = host

    def run(self, op: str, inputs: Mapping[str, Value]) -> Value:
        """Raises ProgramError."""
        execution = Execution(self._program, op, inputs)
        wave = execution.start()
        while wave:
            wave = execution.resume([self._answer(request) for request in wave])
        return execution.output

    def _answer(self, request: EffectRequest) -> Value | EffectFailure:
        verb, codec = request.site.verb.name, self._program.codec
        static = {name: text for name, text in request.site.static.items() if name != "type"}
        try:
            found = self._host.perform(verb, static, request.arguments)
        except Timeout:
            return EffectFailure(E_SIGNAL_TIMEOUT, {"name": static["name"], "timeout_seconds": 1})
        if verb != "run.child":
            return found
        op = self._program.ops[static["op"]].op
        stored = cast("list[Any]", request.encode_arguments(codec)["arguments"])
        kinds = cast("Sequence[Any]", request.site.argument_types["arguments"])
        given = {p.name: codec.decode(k, v) for p, k, v in zip(op.parameters, kinds, stored, strict=True)}
        try:
            return self.run(static["op"], given)
        except ProgramError as error:
            fields = {"run": "r", "op": static["op"], "child_code": error.code.number}
            return EffectFailure(E_CHILD_FAILED, {**fields, "message": get_message(error.code, error.fields)})


def write(body: str, result: str, parameters: str = "") -> str:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return f"{HEAD}@op\ndef main({parameters}) -> {result}:\n{lines}"


def load(source: str) -> dict[str, Any]:
    """The names of a program, whose source the call of a signal can look at."""
    names: dict[str, Any] = {"__name__": "waits"}
    linecache.cache["waits.py"] = (len(source), None, source.splitlines(keepends=True), "waits.py")
    exec(compile(source, "waits.py", "exec", dont_inherit=True), names)
    return names


def both(body: str, result: str = "None", *scripted: Any) -> tuple[Any, list[Any]]:
    """What an op with this body gives and asks, natively and compiled."""
    source = write(body, result)
    native, compiled = ScriptedHost(*scripted), ScriptedHost(*scripted)
    program = compile_document(load_document(compile_text(source)))
    found = native.run(load(source)["main"])
    assert Compiled(program, compiled).run("main", {}) == found
    assert list_unlike_children(compiled) == list_unlike_children(native)
    return found, native.effects


def list_unlike_children(host: ScriptedHost) -> list[Any]:
    """What a host was asked, but for children: their arguments are held in two ways."""
    return [each for each in host.effects if not isinstance(each, RunChild)]


def refuse(body: str) -> list[str]:
    source = write(body, "None", "n: int, text: str, order: Order")
    return [each.code.name for each in compile_program("app.py", Source(source)).diagnostics]


# --- time -----------------------------------------------------------------------------------------------


def test_a_sleep_is_a_number_of_seconds_or_a_constant_duration() -> None:
    _, effects = both('n = 5\ntime.sleep(n * 2)\ntime.sleep("2h")\ntime.sleep(PAUSE)\ntime.until(7)')
    assert effects == [TimeSleep(10), TimeSleep(7200), TimeSleep(900), TimeUntil(7)]


def test_a_sleep_of_less_than_nothing_is_a_value_error() -> None:
    body = "n = 5\ntry:\n    time.sleep(n - 6)\nexcept ValueError:\n    return 1\nreturn 2"
    assert both(body, "int") == (1, [])


# --- signals --------------------------------------------------------------------------------------------


def test_a_signal_is_of_the_type_that_the_source_gives_it() -> None:
    body = (
        'signal.wait("go")\napproved: bool = signal.wait(NAME, timeout="2d")\n'
        'orders: dict[str, list[int]] = signal.wait("orders", timeout=60)\n'
        'return sum(orders["a"]) if approved else 0'
    )
    scripted = [
        answers.signal("go"),
        answers.signal("approve", True),
        answers.signal("orders", {"a": [1, 2]}),
    ]
    found, effects = both(body, "int", *scripted)
    assert found == 3
    assert effects == [SignalWait("go", None), SignalWait("approve", 172_800), SignalWait("orders", 60)]


def test_a_signal_that_does_not_come_in_time_is_a_timeout() -> None:
    body = 'try:\n    return signal.wait("go", timeout=1)\nexcept Timeout as error:\n    return str(error)'
    found, _ = both(body, "str", answers.signal("go", Timeout))
    assert found == "E_SIGNAL_TIMEOUT"


def test_signals_come_in_turn() -> None:
    body = 'first: int = signal.wait("go")\nsecond: int = signal.wait("go")\nreturn first - second'
    main = load(write(body, "int"))["main"]
    assert ScriptedHost(answers.signal("go", testing.in_turn(5, 3))).run(main) == 2


def test_a_signal_in_stored_form_is_read_as_what_the_source_expects() -> None:
    """As answers of fixture files are; also where the value is an argument of a child."""
    source = write(
        'orders: list[Order] = signal.wait("orders")\nsignal.wait("go")\n'
        'return run.child(settle, signal.wait("order"), limit=5) + orders[0].cents',
        "int",
    )
    order = {"id": "a", "cents": 40}
    stored: dict[str, Any] = {"orders": [{**order, "cents": 1}], "go": None, "order": order}

    def answer(effect: Effect[Any]) -> object:
        return Stored(stored[effect.name]) if isinstance(effect, SignalWait) else UNANSWERED

    assert ScriptedHost(answer).run(load(source)["main"]) == 6


def test_a_signal_that_nothing_answers_says_what_to_add() -> None:
    with pytest.raises(testing.UnansweredError, match=r"answers\.signal\('go', \.\.\.\)"):
        both('signal.wait("go")')


# --- children -------------------------------------------------------------------------------------------


def test_a_child_is_run_with_its_defaults() -> None:
    body = (
        'order = Order("a", 7)\none = run.child(settle, order)\n'
        "two = run.child(settle, limit=3, order=order)\nreturn one * 10 + two"
    )
    found, effects = both(body, "int")
    assert found == 73
    (first, second) = effects
    assert (first.op, first.arguments[1:], second.arguments[1:]) == ("settle", (100, ""), (3, ""))


def test_children_of_a_comprehension_are_asked_for_together() -> None:
    source = write("return [run.child(divide, n) for n in [1, 2, 4]]", "list[int]")
    execution = Execution(compile_document(load_document(compile_text(source))), "main", {})
    assert [request.arguments["arguments"] for request in execution.start()] == [(1,), (2,), (4,)]


def test_a_child_gets_and_gives_copies() -> None:
    body = (
        "items = [1]\nmade = run.child(change, items)\nmade.append(9)\n"
        "return [items, made, run.child(change, items)]"
    )
    assert both(body, "list[list[int]]")[0] == [[1], [1, 1, 9], [1, 1]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('run.child(settle, Order("a", 2000), note="!")', "a is too much!"),
        ("run.child(divide, 0)", "E_PROGRAM_EXCEPTION"),
        ("run.child(outer, 0)", "E_PROGRAM_EXCEPTION"),
    ],
)
def test_a_child_that_fails_is_an_error_that_says_why(call: str, message: str) -> None:
    body = f"try:\n    return str({call})\nexcept ChildFailed as error:\n    return str(error)"
    assert both(body, "str")[0] == message


def test_a_child_may_be_scripted() -> None:
    names = load(write("return run.child(divide, n)", "int", "n: int"))
    divide = names["divide"]
    assert ScriptedHost(answers.child(divide, 4)).run(names["main"], 0) == 4

    def plus_one(n: int) -> int:
        return n + 1

    assert ScriptedHost(answers.child(divide, plus_one)).run(names["main"], 0) == 1
    with pytest.raises(ChildFailed, match="gone"):
        ScriptedHost(answers.child(divide, ChildFailed("gone"))).run(names["main"], 0)


# --- the order of evaluation ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        'run.child(settle, limit=say(3), order=Order("a", say(1)))',
        "run.child(settle, Order(str(say(1)), say(2)), note=str(say(3)), limit=say(4))",
        'event.emit("x", [say(1), say(2)])',
        'event.emit(value={str(say(1)): say(2)}, name="x")',
        "time.sleep(say(1) + say(2))",
        'http.post(idempotency_key=str(say(1)), body=str(say(2)), url=f"https://a.example/{say(3)}")',
        'http.post("https://a.b/", str(say(1)), headers={"x": str(say(2))}, idempotency_key=str(say(3)))',
        'signal.wait("go", timeout=say(1) + say(2))',
    ],
)
def test_arguments_are_evaluated_in_pythons_order(call: str) -> None:
    scripted = [answers.http_post(testing.response("")), answers.signal("go")]
    _, effects = both(call, "None", *scripted)
    said = [effect.message for effect in effects if isinstance(effect, LogInfo)]
    assert said == list(re.findall(r"say\((\d)\)", call))


# --- events ---------------------------------------------------------------------------------------------


def test_events_are_kept_in_order() -> None:
    body = 'event.emit("begun")\nitems = [1]\nevent.emit("items", items)\nevent.emit(NAME, {"a": True})'
    _, effects = both(body)
    assert effects == [EventEmit("begun", None), EventEmit("items", [1]), EventEmit("approve", {"a": True})]


# --- what is refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('time.sleep("500ms")', "E_FIXED_ARGUMENT"),
        ('time.sleep("soon")', "E_FIXED_ARGUMENT"),
        ("time.sleep(text)", "E_FIXED_ARGUMENT"),
        ("time.sleep()", "E_ARGUMENTS"),
        ("time.sleep(None)", "E_TYPE_MISMATCH"),
        ("time.until(text)", "E_TYPE_MISMATCH"),
        ("signal.wait(text)", "E_FIXED_ARGUMENT"),
        ('signal.wait("go ahead")', "E_FIXED_ARGUMENT"),
        ('x = signal.wait("go")', "E_TYPE_NEEDED"),
        ('x: frozenset[int] = signal.wait("go")', "E_NOT_A_VALUE"),
        ('signal.wait("go", 5)', "E_ARGUMENTS"),
        ('signal.wait("go", timeout=order)', "E_TYPE_MISMATCH"),
        ("run.child(len, text)", "E_CHILD_OF_NO_OP"),
        ("run.child(text)", "E_CHILD_OF_NO_OP"),
        ("run.child()", "E_CHILD_OF_NO_OP"),
        ("run.child(settle)", "E_ARGUMENTS"),
        ("run.child(settle, order, 3, text)", "E_ARGUMENTS"),
        ("run.child(settle, text)", "E_TYPE_MISMATCH"),
        ("run.child(main, n, text, order)", "E_RECURSION"),
        ("event.emit(text)", "E_FIXED_ARGUMENT"),
        ('event.emit("settled", [])', "E_TYPE_NEEDED"),
        ('http.post("https://a.example/", "", headers={"idempotency-key": text})', "E_KEY_HEADER"),
        ('http.post("https://a.example/", "", idempotency_key=5)', "E_TYPE_MISMATCH"),
    ],
)
def test_what_cannot_be_right_is_refused(body: str, expected: str) -> None:
    assert refuse(body) == [expected]


def test_waits_belong_into_functions() -> None:
    source = HEAD.replace('PAUSE = "15m"', 'PAUSE = "15m"\nSENT: int = signal.wait("go")')
    (found,) = compile_program("app.py", Source(source)).diagnostics
    assert found.code.name == "E_CONSTANT_EXPRESSION"
