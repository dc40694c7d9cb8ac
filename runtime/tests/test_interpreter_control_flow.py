"""Generated control flow, run as Python and as an IR: the same trace, the same requests, the same end.

One tree of statements is written down twice. What the program does is told by a list that it appends to, by
the requests that it makes, some of which fail, and by what it returns or ends with.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from house.documents import (
    Json,
    apply,
    break_node,
    build_document,
    build_op,
    call_node,
    continue_node,
    effect,
    field_of,
    for_node,
    handler,
    if_node,
    invoke_node,
    let,
    list_value,
    lit,
    map_node,
    ref,
    rethrow_node,
    return_node,
    try_node,
    while_node,
    yield_node,
)
from opforge_ir.codes.execution import E_RANDOM_RANGE
from opforge_ir.document import Document
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import Execution, ProgramError, compile_document

ERRORS = ("Fail", "ZeroDivisionError", "ArithmeticError", "RandomError", "EffectError", "KeyError")
SOME = list_value("list[int]", lit("int", "0"), lit("int", "1"), lit("int", "2"))


class EffectError(Exception):
    """The base of what requests fail with."""


class RandomError(EffectError):
    """What a request of these programs fails with."""


class Fail(Exception):
    """What `raise Fail` raises."""


@dataclass(frozen=True)
class Statement:
    """`kind` says which; `number` tells it from others and is a loop's test; `parts` are regions."""

    kind: str
    number: int = 0
    parts: tuple[tuple[Statement, ...], ...] = ()
    errors: tuple[tuple[str, ...], ...] = ()


Block = tuple[Statement, ...]
Place = Literal["plain", "loop", "map"]


def blocks(
    depth: int, place: Place, *, is_handler: bool = False, has_maps: bool = False
) -> st.SearchStrategy[Block]:
    return st.lists(
        statements(depth, place, is_handler=is_handler, has_maps=has_maps), min_size=1, max_size=3
    ).map(tuple)


@st.composite
def statements(draw: st.DrawFn, depth: int, place: Place, *, is_handler: bool, has_maps: bool) -> Statement:
    kinds = ["say", "ask", "ask", "fail", "zero", "end"]
    kinds += ["break", "continue"] if place == "loop" else []
    kinds += ["rethrow"] if is_handler else []
    if depth > 0:
        kinds += ["if", "if", "try", "try", "try"]
        kinds += ["for", "while"]
        kinds += ["call", "invoke"] if place != "map" else []
        kinds += ["map"] if has_maps and place != "map" else []
    kind = draw(st.sampled_from(kinds))
    number = draw(st.integers(0, 9))

    def inner(where: Place = place, *, handles: bool = is_handler) -> Block:
        return draw(blocks(depth - 1, where, is_handler=handles, has_maps=has_maps))

    match kind:
        case "if":
            return Statement(kind, draw(st.integers(0, 2)), (inner(), inner() if draw(st.booleans()) else ()))
        case "for" | "while":
            # In a map a loop is a place where no iteration can be ended.
            return Statement(kind, number, (inner("loop"),)) if place != "map" else Statement("ask", number)
        case "map":
            return Statement(kind, number, (inner("map", handles=False),))
        case "call" | "invoke":
            return Statement(kind, number, (inner("plain", handles=False),))
        case "try":
            count = draw(st.integers(0, 2))
            errors = tuple(
                draw(st.lists(st.sampled_from(ERRORS), min_size=1, max_size=2, unique=True).map(tuple))
                for _ in range(count)
            )
            otherwise = inner() if count and draw(st.booleans()) else ()
            always = inner() if not count or draw(st.booleans()) else ()
            handlers = tuple(inner(handles=True) for _ in errors)
            return Statement(kind, number, (inner(), otherwise, always, *handlers), errors)
        case _:
            return Statement(kind, number)


# --- as Python ------------------------------------------------------------------------------------


@dataclass
class PythonWriter:
    """Writes the statements as the body of a function of `trace` and the loop's variable."""

    count: int = 0

    def write(self, block: Block, x: str, caught: str, place: Place) -> str:
        lines = [self._write(each, x, caught, place) for each in block]
        return "\n".join(lines) or "pass"

    def _write(self, s: Statement, x: str, caught: str, place: Place) -> str:
        self.count += 1
        own = self.count

        def part(index: int, variable: str = x, error: str = caught, where: Place = place) -> str:
            return textwrap.indent(self.write(s.parts[index], variable, error, where), "    ")

        match s.kind:
            case "say":
                return "pass" if place == "map" else f"trace.append('{s.number}')"
            case "ask":
                asked = f"ask({s.number} * 10 + {x})"
                return asked if place == "map" else f"trace.append(str({asked}))"
            case "fail":
                return f"raise Fail('{s.number}' + str({x}))"
            case "zero":
                return "1 // zero"
            case "end":
                return f"return '{s.number}'"
            case "break" | "continue":
                return s.kind
            case "rethrow":
                return f"raise {caught}"
            case "if":
                otherwise = f"\nelse:\n{part(1)}" if s.parts[1] else ""
                return f"if {x} == {s.number}:\n{part(0)}{otherwise}"
            case "for" | "while":
                return f"for x{own} in range(3):\n{part(0, f'x{own}', where='loop')}"
            case "call" | "invoke":
                body = part(0, "n", "", "plain")
                return f"def f{own}(trace, n):\n{body}\n    return 'over'\ntrace.append(f{own}(trace, {x}))"
            case "map":
                body = part(0, f"x{own}", "", "map")
                function = f"def f{own}(x{own}):\n{body}\n    return 'over'"
                return f"{function}\ntrace.extend([f{own}(x) for x in range(3)])"
            case _:
                return self._write_try(s, part, own, place)

    def _write_try(self, s: Statement, part: Callable[..., str], own: int, place: Place) -> str:
        lines = [f"try:\n{part(0)}"]
        for index, errors in enumerate(s.errors):
            name = f"e{own}_{index}"
            told = "pass" if place == "map" else f"trace.append(describe({name}))"
            lines.append(f"except ({', '.join(errors)},) as e:\n    {name} = e\n    {told}")
            lines.append(part(3 + index, error=name))
        if s.parts[1]:
            lines.append(f"else:\n{part(1)}")
        if s.parts[2]:
            lines.append(f"finally:\n{part(2)}")
        return "\n".join(lines)


def describe(error: Exception) -> str:
    return type(error).__name__ + (str(error) if isinstance(error, Fail) else "")


# --- as an IR -------------------------------------------------------------------------------------


@dataclass
class IrWriter:
    """Writes the same statements as nodes."""

    count: int = 0
    functions: dict[str, Json] = field(default_factory=dict[str, Json])
    ops: dict[str, Json] = field(default_factory=dict[str, Json])

    def write(self, block: Block, x: str, caught: str, place: Place, loop: str = "") -> list[Json]:
        return [node for each in block for node in self._write(each, x, caught, place, loop)]

    def _append(self, value: Json, name: str) -> Json:
        return {"kind": "do", "id": name, "op": "list.append", "args": [ref("trace"), value]}

    def _write(self, s: Statement, x: str, caught: str, place: Place, loop: str) -> list[Json]:
        self.count += 1
        own = self.count
        number = lit("str", str(s.number))

        def part(
            index: int, variable: str = x, error: str = caught, where: Place = place, inner: str = loop
        ) -> list[Json]:
            return self.write(s.parts[index], variable, error, where, inner)

        match s.kind:
            case "say":
                return [] if place == "map" else [self._append(number, f"do{own}")]
            case "ask":
                asked = apply("int.add", lit("int", str(s.number * 10)), ref(x))
                node = effect(f"ask{own}", "random.integer", "int", low=asked, high=asked)
                text = apply("int.str", ref(f"ask{own}"))
                return [node] if place == "map" else [node, self._append(text, f"do{own}")]
            case "fail":
                message = apply("str.concat", number, apply("int.str", ref(x)))
                return [{"kind": "fail", "message": message}]
            case "zero":
                return [let(f"z{own}", "int", apply("int.floordiv", lit("int", "1"), ref("zero")))]
            case "end":
                return [yield_node(number) if place == "map" else return_node(number)]
            case "break" | "continue":
                return [self._leave(s.kind, loop)]
            case "rethrow":
                return [rethrow_node(caught)]
            case "if":
                return [
                    if_node(
                        f"if{own}", apply("value.eq", ref(x), lit("int", str(s.number))), part(0), part(1)
                    )
                ]
            case "for":
                return [
                    for_node(
                        f"for{own}", SOME, {f"x{own}": "int"}, part(0, f"x{own}", where="loop", inner="")
                    )
                ]
            case "while":
                return [self._write_while(own, part(0, f"x{own}", where="loop", inner=f"x{own}"))]
            case "call" | "invoke":
                return self._write_call(s.kind, own, part(0, "n", "", "plain", ""), x)
            case "map":
                body = [*part(0, f"x{own}", "", "map", ""), yield_node(lit("str", "over"))]
                told = self._append(ref(f"y{own}"), f"do{own}")
                return [
                    map_node(f"m{own}", "list[str]", SOME, {f"x{own}": "int"}, body),
                    for_node(f"for{own}", ref(f"m{own}"), {f"y{own}": "str"}, [told]),
                ]
            case _:
                return [self._write_try(s, part, own, place)]

    def _leave(self, kind: str, loop: str) -> Json:
        values = [apply("int.add", ref(loop), lit("int", "1"))] if loop else []
        return break_node(*values) if kind == "break" else continue_node(*values)

    def _write_while(self, own: int, body: list[Json]) -> Json:
        x, following = f"x{own}", apply("int.add", ref(f"x{own}"), lit("int", "1"))
        head = [let(f"h{own}", "bool", apply("int.lt", ref(x), lit("int", "3")))]
        carried = [(x, "int", lit("int", "0"), following, f"{x}-2")]
        return while_node(f"while{own}", lit("int", "3"), ref(f"h{own}"), body, carried, head=head)

    def _write_call(self, kind: str, own: int, body: list[Json], x: str) -> list[Json]:
        body = [*body, return_node(lit("str", "over"))]
        parameters = {"trace": "list[str]", "n": "int", "zero": "int"}
        arguments = ref("trace"), ref(x), ref("zero")
        if kind == "call":
            shown = [{"name": n, "type": t} for n, t in parameters.items()]
            self.functions[f"f{own}"] = {"parameters": shown, "result": "str", "body": body}
            node = call_node(f"c{own}", "str", f"f{own}", *arguments)
        else:
            self.ops[f"f{own}"] = build_op("str", body, parameters)
            node = invoke_node(f"c{own}", "str", f"f{own}", *arguments)
        return [node, self._append(ref(f"c{own}"), f"do{own}")]

    def _write_try(self, s: Statement, part: Callable[..., list[Json]], own: int, place: Place) -> Json:
        handlers: list[Json] = []
        for index, errors in enumerate(s.errors):
            name = f"e{own}-{index}"
            kind, message = field_of(ref(name), "kind"), field_of(ref(name), "message")
            is_fail = apply("value.eq", kind, lit("str", "Fail"))
            text = apply(
                "str.concat",
                kind,
                {"kind": "cond", "test": is_fail, "then": message, "otherwise": lit("str", "")},
            )
            told = [] if place == "map" else [self._append(text, f"do{own}-{index}")]
            handlers.append(handler(" ".join(errors), name, *told, *part(3 + index, error=name)))
        return try_node(f"try{own}", part(0), *handlers, otherwise=part(1), always=part(2))


# --- both -----------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What a program did."""

    trace: list[str] = field(default_factory=list[str])
    asked: list[int] = field(default_factory=list[int])
    end: str = ""


def is_failing(asked: int) -> bool:
    return asked % 4 == 3


def run_as_python(block: Block) -> Outcome:
    body = textwrap.indent(PythonWriter().write(block, "n", "", "plain"), "    ")
    outcome = Outcome()

    def ask(value: int) -> int:
        outcome.asked.append(value)
        if is_failing(value):
            raise RandomError(str(value))
        return value + 1

    errors = {each.__name__: each for each in (Fail, RandomError, EffectError)}
    names: dict[str, Any] = {"ask": ask, "describe": describe, "zero": 0, **errors}
    exec(f"def main(trace, n):\n{body}\n    return 'over'", names)
    try:
        outcome.end = names["main"](outcome.trace, 0)
    except (Fail, ArithmeticError, EffectError) as error:
        outcome.end = "raised " + describe(error)
    return outcome


def run_as_ir(block: Block) -> Outcome:
    writer = IrWriter()
    body = [*writer.write(block, "n", "", "plain"), return_node(lit("str", "over"))]
    main = build_op("str", body, {"trace": "list[str]", "n": "int", "zero": "int"})
    document = build_document({"main": main, **writer.ops}, functions=writer.functions)
    outcome = Outcome()
    program = compile_document(Document.model_validate(document))
    execution = Execution(program, "main", {"trace": outcome.trace, "n": 0, "zero": 0})
    try:
        wave = execution.start()
        while wave:
            asked = [request.arguments["low"] for request in wave]
            outcome.asked += asked  # type: ignore[arg-type]
            wave = execution.resume([answer(value) for value in asked])  # type: ignore[arg-type]
    except ProgramError as error:
        told = str(error.fields["message"]) if error.name == "Fail" else ""
        outcome.end = f"raised {error.name}{told}"
        return outcome
    outcome.end = str(execution.output)
    return outcome


def answer(asked: int) -> int | EffectFailure:
    if is_failing(asked):
        return EffectFailure(E_RANDOM_RANGE, {"low": str(asked), "high": ""})
    return asked + 1


@settings(max_examples=200, deadline=None)
@given(blocks(3, "plain"))
def test_control_flow_is_that_of_python(block: Block) -> None:
    assert run_as_ir(block) == run_as_python(block)


@settings(max_examples=200, deadline=None)
@given(blocks(3, "plain", has_maps=True))
def test_a_fan_out_in_a_try_fails_as_its_iterations_would_in_turn(block: Block) -> None:
    """Strands after a failed one may have asked more, so what the program makes of it is compared."""
    guarded = (Statement("try", 0, (block, (), (Statement("say", 9),)), ()),)
    found, expected = run_as_ir(guarded), run_as_python(guarded)
    assert (found.end, found.trace) == (expected.end, expected.trace)
    assert set(expected.asked) <= set(found.asked)
