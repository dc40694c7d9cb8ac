"""What is written from templates is, byte for byte, what the models and the general writer give."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from house.documents import (
    Json,
    build_document,
    build_op,
    effect,
    lit,
    no_headers,
    no_key,
    record_value,
    ref,
    return_none,
)
from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.digest import digest_bytes
from opforge_ir.document import Document
from opforge_ir.events import (
    GENESIS,
    Envelope,
    Fact,
    FactRecorded,
    Snapshot,
    StateCompleted,
    StateEntered,
)
from opforge_ir.ids import SEGMENT_PATTERN
from opforge_ir.values import Value
from opforge_runtime.interpreter import EffectRequest, Execution, Program, compile_document
from opforge_runtime.sealing import (
    build_completed,
    build_entered,
    build_envelope,
    build_fact,
    build_fact_recorded,
    digest_snapshot,
    seal_event,
)
from opforge_runtime.stores import seal_artifact

texts = st.text(st.characters(codec="utf-8"), max_size=12)
segments = st.from_regex(SEGMENT_PATTERN, fullmatch=True)
states = st.lists(segments, min_size=3, max_size=6).map(".".join)
frames = segments | st.tuples(segments, st.integers(0, 10**9)).map(lambda frame: f"{frame[0]}[{frame[1]}]")
instances = st.lists(frames | st.just("compensate()"), max_size=4).map("/".join)
digests = st.binary(min_size=32, max_size=32).map(bytes.hex)
runs = st.from_regex(r"[a-z0-9][a-z0-9-]{7,63}", fullmatch=True)
counts = st.integers(1, 2**53 - 1)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def write(model: BaseModel) -> bytes:
    return canonical_bytes(model.model_dump())


@given(state=states, instance=instances, attempt=counts, digest=digests)
def test_the_events_of_a_step_are_those_of_the_models(
    state: str, instance: str, attempt: int, digest: str
) -> None:
    place: dict[str, Any] = {"state": state, "instance": instance}
    entered = StateEntered(type="StateEntered", **place, attempt=attempt, base=digest)
    assert build_entered(state, instance, attempt, digest).encode() == write(entered)
    recorded = FactRecorded(type="fact_recorded", **place, fact=digest)
    assert build_fact_recorded(state, instance, digest).encode() == write(recorded)
    completed = StateCompleted(type="StateCompleted", **place, attempt=attempt, snapshot=digest)
    assert build_completed(state, instance, attempt, digest).encode() == write(completed)


@given(run=runs, seq=counts, previous=digests, state=states, instance=instances)
def test_an_envelope_is_that_of_the_model(
    run: str, seq: int, previous: str, state: str, instance: str
) -> None:
    event = FactRecorded(type="fact_recorded", state=state, instance=instance, fact=GENESIS)
    envelope = Envelope(artifact="event", run=run, seq=seq, previous=previous, event=event)
    assert build_envelope(run, seq, previous, write(event).decode()) == write(envelope)
    sealed = seal_event(run, seq, previous, event)
    assert (sealed.envelope, sealed.digest) == (write(envelope), digest_bytes(write(envelope)))


@given(state=states, instance=instances, request=digests, value=values)
def test_a_fact_is_that_of_the_model(state: str, instance: str, request: str, value: JsonValue) -> None:
    fact = Fact(artifact="fact", state=state, instance=instance, request=request, value=value)
    assert build_fact(state, instance, request, canonical_bytes(value)) == write(fact)


@given(parent=digests, state=states, instance=instances, fact=digests)
def test_a_snapshot_has_the_digest_of_the_model(parent: str, state: str, instance: str, fact: str) -> None:
    snapshot = Snapshot(
        artifact="snapshot", parent=parent, state=state, instance=instance, fact=[fact], output=[]
    )
    assert digest_snapshot(parent, state, instance, fact) == seal_artifact(snapshot).digest


# --- requests -------------------------------------------------------------------------------------

ONE = lit("int", "1")
ALLOWANCE: Json = {
    "selector": "0xdd62ed3e",
    "inputs": [
        {"name": "owner", "abi": "address", "type": "Address"},
        {"name": "amount", "abi": "uint256", "type": "int"},
    ],
    "outputs": [{"name": "left", "abi": "uint256", "type": "int"}],
}


def call_node() -> Json:
    block = record_value(
        "Block",
        number=ONE,
        hash=lit("bytes", "0x" + "00" * 32),
        timestamp=ONE,
        network=lit("str", "devnet"),
    )
    return effect(
        "called",
        "chain.call",
        "int",
        static={"contract": "Token", "function": "allowance"},
        network=lit("str", "devnet"),
        address=ref("owner"),
        at=block,
        arguments={"kind": "tuple", "items": [ref("owner"), ref("n")]},
    )


def post_node(*, has_key: bool) -> Json:
    key = ref("key") if has_key else no_key()
    return effect(
        "sent",
        "http.post",
        "Response",
        url=ref("text"),
        body=ref("text"),
        headers=ref("headers") if has_key else no_headers(),
        idempotency_key=key,
    )


EFFECTS: dict[str, tuple[Json, dict[str, str]]] = {
    "call": (call_node(), {"owner": "Address", "n": "int"}),
    "draw": (effect("drawn", "random.integer", "int", low=ref("n"), high=ref("n")), {"n": "int"}),
    "line": (effect("said", "log.info", "None", message=ref("text")), {"text": "str"}),
    "post": (post_node(has_key=False), {"text": "str"}),
    "keyed": (
        post_node(has_key=True),
        {"text": "str", "key": "Optional[str]", "headers": "dict[str,str]"},
    ),
    "event": (
        effect(
            "told", "event.emit", "None", static={"name": "told", "type": "list[bytes]"}, value=ref("items")
        ),
        {"items": "list[bytes]"},
    ),
    "child": (
        effect(
            "child",
            "run.child",
            "None",
            static={"op": "other"},
            arguments={"kind": "tuple", "items": [ref("n"), ref("text")]},
        ),
        {"n": "int", "text": "str"},
    ),
}

inputs_by_type: dict[str, st.SearchStrategy[Any]] = {
    "Address": st.binary(min_size=20, max_size=20).map(lambda address: f"0x{address.hex()}"),
    "int": st.integers(),
    "str": texts,
    "Optional[str]": st.none() | texts,
    "dict[str,str]": st.dictionaries(texts, texts, max_size=3),
    "list[bytes]": st.lists(st.binary(max_size=6), max_size=3),
}


@cache
def compile_effect(name: str) -> Program:
    node, parameters = EFFECTS[name]
    other = build_op("None", [return_none()], {"n": "int", "text": "str"})
    main = build_op("None", [node, return_none()], parameters)
    document = build_document(
        {"main": main, "other": other},
        contracts={"Token": {"functions": {"allowance": ALLOWANCE}}},
        networks={"devnet": 31337},
    )
    return compile_document(Document.model_validate(document))


def write_request(request: EffectRequest, program: Program) -> bytes:
    """The canonical bytes of a request as a whole; a key that is None is no member of it."""
    site = request.site
    arguments = request.encode_arguments(program.codec)
    if request.key is None:
        arguments.pop(site.verb.key, None)
    whole: dict[str, JsonValue] = {
        "artifact": "request",
        "verb": site.verb.name,
        "static": dict(site.static),
        "arguments": arguments,
    }
    if site.function is not None:
        signature = "allowance(address,uint256)"
        whole |= {"signature": signature, "selector": ALLOWANCE["selector"], "outputs": ["uint256"]}
    return canonical_bytes(whole)


@given(name=st.sampled_from(sorted(EFFECTS)), data=st.data())
def test_a_request_has_the_digest_of_the_whole(name: str, data: st.DataObject) -> None:
    program = compile_effect(name)
    inputs: dict[str, Value] = {
        parameter: data.draw(inputs_by_type[kind], label=parameter)
        for parameter, kind in EFFECTS[name][1].items()
    }
    (request,) = Execution(program, "main", inputs).start()
    assert request.digest(program.codec) == digest_bytes(write_request(request, program))
