"""Documents of strangers: what the validator accepts ends with a value of its type, or with a code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from house.json_places import Place, find_places, is_array, is_object
from opforge_ir.canonical import canonical_bytes
from opforge_ir.document import Document
from opforge_ir.effect_failures import list_failures
from opforge_ir.grants import infer_grants
from opforge_ir.jsontext import read_json
from opforge_ir.types import Type, parse_type
from opforge_ir.validation import validate_document
from opforge_ir.values import RecordInstance, Value, ValueCodec
from opforge_runtime.failures import EffectFailure
from opforge_runtime.grants import GrantChecker
from opforge_runtime.interpreter import EffectRequest, Execution, ProgramError, compile_document

SOURCES = [
    path.read_bytes()
    for path in sorted((Path(__file__).parents[2] / "corpus").glob("*/*.canonical.json"))
    if path.stat().st_size < 20_000
]
MAX_WAVES = 30
STORED: dict[str, Callable[[ValueCodec, Type], st.SearchStrategy[Any]]] = {
    "int": lambda _codec, _kind: st.sampled_from(["0", "1", "-1", "7", "9" * 4300, "-" + "9" * 4300]),
    "Decimal": lambda _codec, _kind: st.sampled_from(["0", "-1.5", "1E+40", "Infinity"]),
    "bool": lambda _codec, _kind: st.booleans(),
    "str": lambda _codec, _kind: st.sampled_from(
        ["", "a", "mainnet", "-5", "[1]", "x,y", "https://a.example/"]
    ),
    "bytes": lambda _codec, _kind: st.sampled_from(["0x", "0x00", "0x" + "ab" * 32]),
    "Address": lambda _codec, _kind: st.sampled_from(["0x" + "00" * 20, "0x" + "ab" * 20]),
    "None": lambda _codec, _kind: st.none(),
    "Optional": lambda codec, kind: st.none() | stored(codec, kind.args[0]),
    "list": lambda codec, kind: st.lists(stored(codec, kind.args[0]), max_size=3),
    "set": lambda _codec, _kind: st.just([]),
    "dict": lambda codec, kind: st.lists(
        st.tuples(*(stored(codec, part) for part in kind.args)).map(list), max_size=1
    ),
    "tuple": lambda codec, kind: st.tuples(*(stored(codec, part) for part in kind.args)).map(list),
    "Union": lambda codec, kind: st.sampled_from(kind.args).flatmap(
        lambda part: st.fixed_dictionaries({part.text: stored(codec, part)})
    ),
}
"""Stored values by the head of their type; what is none of these is an enum or a record."""


def stored(codec: ValueCodec, kind: Type) -> st.SearchStrategy[Any]:
    if kind.head in STORED:
        return STORED[kind.head](codec, kind)
    enum = codec.get_optional_enum(kind.head)
    if enum is not None:
        return st.sampled_from([str(value) for value in enum.names])
    return st.fixed_dictionaries({name: stored(codec, part) for name, part in codec.fields_of(kind.head)})


def values(codec: ValueCodec, kind: Type) -> st.SearchStrategy[Value]:
    return stored(codec, kind).map(lambda each: codec.decode(kind, each))


def copy_of(part: Any) -> Any:
    return json.loads(json.dumps(part))


def mutate(draw: st.DrawFn, document: Any) -> None:
    """Replace a part of the bodies by a like one, or move, repeat, remove or guard some nodes."""
    places = find_places({"ops": document["ops"], "functions": document["functions"]})
    regions = [container[key] for container, key in places if key in ("body", "then", "otherwise", "always")]
    pick = st.sampled_from
    change = draw(pick(["replace", "replace", "name", "move", "repeat", "guard"]))
    if change == "replace":
        parts = [place for place in places if is_object(place[0][place[1]]) and "kind" in place[0][place[1]]]
        (container, key), (other, at) = draw(pick(parts)), draw(pick(parts))
        container[key] = copy_of(other[at])
    elif change == "name":
        names: list[Place] = [
            (container, key) for container, key in places if key in ("id", "name", "result", "type", "op")
        ]
        container, key = draw(pick(names))
        other, at = draw(pick([place for place in names if place[1] == key]))
        container[key] = other[at]
    else:
        filled: list[Any] = [each for each in regions if is_array(each) and each]
        region: Any = draw(pick(filled or [[]]))
        start = draw(st.integers(0, max(0, len(region) - 1)))
        if change == "guard":
            handler = {"errors": ["EffectError", "LookupError"], "id": "error", "body": []}
            guard = {"kind": "try", "id": "guard", "kept": [], "body": region[start:], "handlers": [handler]}
            region[start:] = [{**guard, "otherwise": [], "always": []}, *copy_of(region[-1:])]
        else:
            moved = copy_of(region[start : start + 1])
            del region[start : start + (change == "move")]
            target = draw(pick(regions))
            if is_array(target):
                target[:0] = moved


@st.composite
def accepted_documents(draw: st.DrawFn) -> Document | None:
    """A changed document of the corpus, or None where the validator refuses it."""
    document: Any = json.loads(draw(st.sampled_from(SOURCES)))
    try:
        for _ in range(draw(st.integers(1, 2))):
            mutate(draw, document)
        document["grants"] = infer_grants(document).grants
    except (KeyError, TypeError, AttributeError, IndexError, ValueError):
        return None  # not the shape that `infer_grants` asks for
    return None if validate_document(document) else Document.model_validate(document)


def answer(draw: st.DrawFn, codec: ValueCodec, request: EffectRequest) -> Value | EffectFailure:
    failures = list(list_failures(request.site.verb.name).values())
    if failures and draw(st.integers(0, 4)) == 0:
        code = draw(st.sampled_from(failures))
        return EffectFailure(code, dict.fromkeys(code.fields, "1"))
    answered = draw(values(codec, request.site.type))
    if request.site.verb.name == "chain.block":
        # The transport gives a block the network that was asked: what the program makes of it is granted.
        number, block_hash, timestamp, _ = cast("RecordInstance", answered).values
        return RecordInstance("Block", (number, block_hash, timestamp, request.arguments["network"]))
    return answered


@settings(max_examples=150, deadline=None)
@given(st.data(), accepted_documents())
def test_what_is_accepted_gives_a_value_or_a_code(data: st.DataObject, document: Document | None) -> None:
    if document is None:
        return
    program = compile_document(document)
    codec, checker = program.codec, GrantChecker(document)
    draw = cast("st.DrawFn", data.draw)
    for name, op in document.ops.items():
        inputs = {each.name: draw(values(codec, parse_type(each.type))) for each in op.parameters}
        execution = Execution(program, name, inputs, max_steps=5_000)
        asked: set[tuple[str, str]] = set()
        try:
            wave = execution.start()
            for _ in range(MAX_WAVES):
                keys = [(request.site.state, request.instance) for request in wave]
                assert len(keys) == len({*keys} - asked), "two requests have one key"
                asked.update(keys)
                for request in wave:
                    read_json(canonical_bytes(request.encode_arguments(codec)))
                    # What a caller passes may be refused; what the program makes of itself may not.
                    is_open = op.parameters or request.site.verb.grant == "http"
                    assert is_open or checker.find_refusal(request) is None
                if not wave:
                    kind = parse_type(op.result)
                    encoded = codec.encode(kind, execution.output)
                    assert codec.encode(kind, codec.decode(kind, encoded)) == encoded
                    break
                wave = execution.resume([answer(draw, codec, request) for request in wave])
        except ProgramError as error:
            error.build_record()
            error.build_diagnostic()
