"""How often a request is made: retries, the waits between them, attempts that died or took too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from house.documents import (
    Json,
    build_document,
    build_op,
    build_policy,
    effect,
    field_of,
    handler,
    lit,
    no_headers,
    ref,
    return_node,
    try_node,
)
from house.sample_program import TIMEOUT, answer, read_envelopes, squares
from house.scripted_io import RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, resume, start
from opforge_ir.codes.driving import E_ATTEMPT_ORPHANED
from opforge_ir.document import Policy
from opforge_ir.events import StateEntered, StateFailed
from opforge_runtime.effect_io.live import LiveIo
from opforge_runtime.replay import replay_run
from opforge_runtime.retry import choose_delay_ms
from opforge_runtime.stores import MemoryStore
from opforge_runtime.transports.chain import ChainTransport
from opforge_runtime.transports.http import HttpTransport
from opforge_runtime.verification import verify_run

# --- how long is waited ---------------------------------------------------------------------------


def read_policy(kind: str, first_ms: int, cap_ms: int, jitter: str = "none") -> Policy:
    backoff = {"kind": kind, "first_ms": first_ms, "cap_ms": cap_ms, "jitter": jitter}
    return Policy.model_validate({**build_policy(retries=9), "backoff": backoff})


def refuse_chance(bound: int) -> int:
    raise AssertionError(f"nothing is left to chance, up to {bound}")


@pytest.mark.parametrize(
    ("kind", "first_ms", "cap_ms", "delays"),
    [
        ("fixed", 200, 30_000, [200, 200, 200]),
        ("fixed", 200, 150, [150, 150, 150]),
        ("exponential", 500, 30_000, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]),
        ("exponential", 500, 400, [400, 400]),
        ("exponential", 0, 30_000, [0, 0, 0]),
    ],
)
def test_a_delay_is_fixed_or_doubles_up_to_the_cap(
    kind: str, first_ms: int, cap_ms: int, delays: list[int]
) -> None:
    policy = read_policy(kind, first_ms, cap_ms)
    found = [choose_delay_ms(policy, failures, refuse_chance) for failures in range(1, len(delays) + 1)]
    assert found == delays


@given(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(0, 10**6))
def test_jitter_takes_anything_from_nothing_to_the_delay(failures: int, first_ms: int, cap_ms: int) -> None:
    whole = choose_delay_ms(read_policy("exponential", first_ms, cap_ms), failures, refuse_chance)
    assert whole <= cap_ms
    policy = read_policy("exponential", first_ms, cap_ms, "full")
    assert choose_delay_ms(policy, failures, lambda bound: bound - 1) == whole
    assert choose_delay_ms(policy, failures, lambda _: 0) == 0


# --- over several sessions ------------------------------------------------------------------------


def die(store: MemoryStore, outside: ScriptedIo, document: Json | None = None) -> None:
    """A session that dies when the number was drawn and not recorded; the first one has the document."""

    def drive() -> None:
        if document is None:
            resume(store, outside, observer=CrashingObserver(3))
        else:
            start(store, outside, document, {"ns": [1]}, observer=CrashingObserver(7))

    with pytest.raises(SimulatedCrashError):
        drive()


def list_attempts(store: MemoryStore) -> list[tuple[str, int, str]]:
    """What began and failed of the number that is drawn: type, attempt, code."""
    events = [envelope.event for envelope in read_envelopes(store)]
    return [
        (event.type, event.attempt, event.error.code if isinstance(event, StateFailed) else "")
        for event in events
        if isinstance(event, StateEntered | StateFailed) and event.state.endswith("drawn")
    ]


def test_an_attempt_that_died_is_closed_and_counts() -> None:
    """A restart gives a request no new attempts: two sessions have used up two of the three."""
    store, orphaned = MemoryStore(), E_ATTEMPT_ORPHANED.number
    die(store, ScriptedIo(answer), squares(retries=2))
    die(store, ScriptedIo(answer))
    outside = ScriptedIo(answer, {("drawn xs[0]", number): TIMEOUT for number in range(1, 9)})
    outcome = resume(store, outside)
    assert outcome.outcome == "failed"
    assert outside.asked == ["xs[0]"]
    assert list_attempts(store) == [
        ("StateEntered", 1, ""),
        ("StateFailed", 1, orphaned),
        ("StateEntered", 2, ""),
        ("StateFailed", 2, orphaned),
        ("StateEntered", 3, ""),
        ("StateFailed", 3, TIMEOUT.code.number),
    ]
    failed = [e.event for e in read_envelopes(store) if isinstance(e.event, StateFailed)]
    assert [e.error.fields for e in failed] == [{"session": 1}, {"session": 2}, TIMEOUT.fields]
    assert verify_run(store, RUN).problems == []
    assert replay_run(store, RUN).sessions == 3


def test_a_run_does_not_fail_because_its_driver_died() -> None:
    """The last attempt is made again when it died, and not when it failed."""
    store = MemoryStore()
    die(store, ScriptedIo(answer), squares(retries=0))
    die(store, ScriptedIo(answer))
    assert resume(store, ScriptedIo(answer)).outcome == "completed"
    assert [attempt for kind, attempt, _ in list_attempts(store) if kind == "StateEntered"] == [1, 2, 3]
    assert verify_run(store, RUN).problems == []


def test_a_failure_before_a_restart_is_one_of_the_attempts() -> None:
    store = MemoryStore()
    with pytest.raises(SimulatedCrashError):  # between the failure and the next attempt
        start(
            store,
            ScriptedIo(answer, {("drawn xs[0]", 1): TIMEOUT}),
            squares(retries=1),
            {"ns": [1]},
            observer=CrashingObserver(10),
        )
    assert [kind for kind, _, _ in list_attempts(store)] == ["StateEntered", "StateFailed"]
    assert resume(store, ScriptedIo(answer, {("drawn xs[0]", 2): TIMEOUT})).outcome == "failed"
    assert [attempt for _, attempt, _ in list_attempts(store)] == [1, 1, 2, 2]


def test_what_is_left_of_a_runs_time_is_counted_from_its_beginning() -> None:
    store, document = MemoryStore(), squares()
    document["ops"]["main"]["policy"]["timeout_ms"] = 5_000
    outside = ScriptedIo(answer)
    die(store, outside, document)
    resume(store, outside)  # a second later
    assert outside.left_ms == [5_000, 4_000]


def test_a_run_whose_time_is_over_has_none_left() -> None:
    store, document = MemoryStore(), squares()
    document["ops"]["main"]["policy"]["timeout_ms"] = 600
    outside = ScriptedIo(answer)
    die(store, outside, document)
    resume(store, outside)
    assert outside.left_ms == [600, 0]


# --- how long an attempt takes --------------------------------------------------------------------


def build_live() -> LiveIo:
    return LiveIo(
        {},
        chain=ChainTransport({}),
        http=HttpTransport(),
        log=lambda level, message: None,
        now_seconds=lambda: 0,
        random_below=lambda bound: 0,
    )


def get_with(url: str, *, retries: int, attempt_timeout_ms: int) -> Json:
    """Gets a page, and says which error that ended with."""
    got = effect("got", "http.get", "Response", url=lit("str", url), headers=no_headers())
    caught = handler("Timeout", "e", return_node(field_of(ref("e"), "message")))
    attempt = try_node("try", [got, return_node(field_of(ref("got"), "text"))], caught)
    main = build_op("str", [attempt])
    main["policy"] = build_policy(retries=retries, attempt_timeout_ms=attempt_timeout_ms)
    return build_document({"main": main})


def test_an_attempt_that_takes_too_long_fails_and_the_next_one_is_made(
    serve: Callable[[Any], str],
) -> None:
    seen: list[bytes] = []

    def answer_the_second(head: bytes, body: bytes) -> bytes | None:
        seen.append(head)
        return None if len(seen) == 1 else b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    store, url = MemoryStore(), serve(answer_the_second)
    outcome = start(store, build_live(), get_with(url, retries=1, attempt_timeout_ms=250))
    assert outcome.output is not None
    assert outcome.output.value == "ok"
    (failed,) = [e.event.error for e in read_envelopes(store) if isinstance(e.event, StateFailed)]
    assert (failed.code, failed.fields) == ("E2039", {"verb": "http.get", "timeout_ms": 250})
    assert verify_run(store, RUN).problems == []
    replay_run(store, RUN)


def test_an_attempt_that_took_too_long_can_be_caught(serve: Callable[[Any], str]) -> None:
    def stay_silent(head: bytes, body: bytes) -> None:
        return None

    store, url = MemoryStore(), serve(stay_silent)
    outcome = start(store, build_live(), get_with(url, retries=1, attempt_timeout_ms=20))
    assert outcome.output is not None
    assert outcome.output.value == "E_ATTEMPT_TIMEOUT"
    assert sum(isinstance(e.event, StateFailed) for e in read_envelopes(store)) == 2
    replay_run(store, RUN)
