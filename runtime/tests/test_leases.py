"""Who drives a run: leases that are renewed, lost, and taken over from processes that have died."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from house.documents import Json, build_document, build_op, effect, lit, no_headers, no_key, ref, return_node
from house.sample_program import answer, squares
from house.scripted_io import NOWHERE, RUN, CrashingObserver, ScriptedIo, SimulatedCrashError, start
from house.virtual_time import VirtualClock, run_in_virtual_time
from opforge_ir.codes.store import E_STORE_LOCKED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.values import RecordInstance
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.engine import Engine
from opforge_runtime.leases import build_owner, is_gone, take_lease
from opforge_runtime.replay import replay_run
from opforge_runtime.session import RunOutcome
from opforge_runtime.stores import MemoryStore
from opforge_runtime.stores.protocol import Lease

LEASE_MS = 3_000


def get_code(refused: pytest.ExceptionInfo[DiagnosticError]) -> str:
    return refused.value.diagnostics[0].code.name


# --- owners ---------------------------------------------------------------------------------------

tells_births = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="the system does not say when a process began"
)
SAY_OWNER = "from opforge_runtime.leases import build_owner; print(build_owner(), flush=True); input()"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """A process of this machine that says how it calls itself, and lives until it is told to end."""
    with subprocess.Popen(
        [sys.executable, "-c", SAY_OWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as started:
        yield started
        started.kill()


def read_owner(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n")


def hold(owner: str) -> MemoryStore:
    """A store whose run somebody holds for an hour."""
    store = MemoryStore(lambda: 0)
    with pytest.raises(SimulatedCrashError):
        start(store, ScriptedIo(answer), squares(), {"ns": []}, observer=CrashingObserver(2))
    store.acquire_lease(RUN, owner, 3_600_000)
    return store


@tells_births
def test_a_lease_of_a_process_that_has_died_is_taken_over_at_once(process: subprocess.Popen[str]) -> None:
    owner = read_owner(process)
    store = hold(owner)
    with pytest.raises(DiagnosticError) as refused:
        take_lease(store, RUN, build_owner(), LEASE_MS)
    assert get_code(refused) == "E_RUN_LEASED"
    assert refused.value.diagnostics[0].values["owner"] == owner
    end(process)
    lease = take_lease(store, RUN, build_owner(), LEASE_MS)
    assert (lease.owner, lease.token) == (build_owner(), 3)


@tells_births
def test_a_process_that_nobody_has_waited_for_is_gone_too(process: subprocess.Popen[str]) -> None:
    """It has ended, and the system still knows its number."""
    owner = read_owner(process)
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.close()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(owner)


@pytest.mark.parametrize(
    "owner",
    [
        build_owner(),
        "elsewhere:1:1",  # a process of another machine
        f"{socket.gethostname()}:x:1",
        f"{socket.gethostname()}:1:",
        "a person",
        "",
    ],
    ids=["itself", "another-machine", "no-number", "no-birth", "a-person", "nobody"],
)
def test_nobody_is_gone_of_whom_that_is_not_known(owner: str) -> None:
    assert not is_gone(owner)
    with pytest.raises(DiagnosticError) as refused:
        take_lease(hold(owner), RUN, "another", LEASE_MS)
    assert get_code(refused) == "E_RUN_LEASED"


@tells_births
def test_a_later_process_with_the_same_number_is_another_one() -> None:
    host, number, birth = build_owner().rsplit(":", 2)
    assert is_gone(f"{host}:{number}:1{birth}")


@tells_births
def test_a_process_of_another_machine_or_container_with_the_same_name_is_not_looked_for_here() -> None:
    """Both have a process 1 and a host called `worker`, and either may be the only one that is alive."""
    host, number, birth = build_owner().rsplit(":", 2)
    began, boot, numbering = birth.split("-")
    for elsewhere in (f"{began}-{boot}-{numbering}0", f"{began}-0{boot[1:]}x-{numbering}"):
        owner = f"{host}:{number}:{elsewhere}"
        assert not is_gone(owner)
        with pytest.raises(DiagnosticError) as refused:
            take_lease(hold(owner), RUN, build_owner(), LEASE_MS)
        assert get_code(refused) == "E_RUN_LEASED"


# --- keeping one ----------------------------------------------------------------------------------


def post_after_read() -> Json:
    """Reads the clock, and posts without a key."""
    post = effect(
        "sent",
        "http.post",
        "Response",
        url=lit("str", "https://api.example/x"),
        body=lit("str", ""),
        headers=no_headers(),
        idempotency_key=no_key(),
    )
    main = build_op("int", [effect("now", "time.now", "int"), post, return_node(ref("now"))])
    return build_document({"main": main})


class SlowIo(ScriptedIo):
    """Takes its time, and asks before a side effect whether the run is its own, as live IO does."""

    def __init__(self, seconds: float, *, blocks: VirtualClock | None = None) -> None:
        """With `blocks` nothing else runs meanwhile, as in a process that is stopped."""
        super().__init__(self._respond)
        self._seconds = seconds
        self._blocks = blocks

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        for attempt in attempts:
            if attempt.assure is not None:
                await attempt.assure()
        if self._blocks is None:
            await asyncio.sleep(self._seconds)
        else:
            self._blocks.now_seconds += self._seconds
        return await super().perform(attempts)

    def _respond(self, attempt: Attempt) -> Answer:
        is_post = attempt.request.site.verb.name == "http.post"
        return RecordInstance("Response", (200, "ok", {})) if is_post else answer(attempt)


class LeasedStore(MemoryStore):
    """Counts renewals; the first ones may fail."""

    def __init__(self, clock: VirtualClock) -> None:
        super().__init__(clock)
        self.renewals = 0
        self.failing = 0

    def renew_lease(self, lease: Lease) -> Lease:
        """Part of LeaseStore."""
        if self.failing:
            self.failing -= 1
            raise E_STORE_LOCKED.error(store="a test", waited_ms=1)
        self.renewals += 1
        return super().renew_lease(lease)


def drive(store: MemoryStore, clock: VirtualClock, outside: ScriptedIo) -> RunOutcome:
    engine = Engine(store, outside, clock=clock, lease_ms=LEASE_MS)
    document = json.dumps(post_after_read()).encode()
    return run_in_virtual_time(clock, lambda: engine.start(RUN, document, "main", {}, provenance=NOWHERE))


def test_a_lease_is_held_for_as_long_as_a_request_takes() -> None:
    clock = VirtualClock()
    store = LeasedStore(clock)
    assert drive(store, clock, SlowIo(60)).outcome == "completed"
    assert store.renewals >= 2 * 60 - 2  # each third of its duration, and two requests of a minute
    record = store.get_run(RUN)
    assert record is not None
    assert record.lease is None


def test_a_renewal_that_fails_is_tried_again() -> None:
    clock = VirtualClock()
    store = LeasedStore(clock)
    store.failing = 2
    assert drive(store, clock, SlowIo(5)).outcome == "completed"


class Thief(SlowIo):
    """While a request is under way, the process stands still, and another one takes the run up."""

    def __init__(self, store: MemoryStore, clock: VirtualClock, verb: str) -> None:
        super().__init__(LEASE_MS / 1000 + 1, blocks=clock)
        self._store = store
        self._verb = verb

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        answers = await super().perform(attempts)
        if attempts[0].request.site.verb.name == self._verb:
            self._store.acquire_lease(RUN, "another", LEASE_MS)
        return answers


@pytest.mark.parametrize(("verb", "waves"), [("time.now", [1]), ("http.post", [1, 1])])
def test_a_process_that_has_lost_its_run_does_nothing_more(verb: str, waves: list[int]) -> None:
    clock = VirtualClock()
    store = LeasedStore(clock)
    outside = Thief(store, clock, verb)
    with pytest.raises(DiagnosticError) as refused:
        drive(store, clock, outside)
    assert get_code(refused) == "E_LEASE_LOST"
    assert outside.waves == waves
    record = store.get_run(RUN)
    assert record is not None
    assert record.lease is not None
    assert record.lease.owner == "another"
    assert replay_run(store, RUN).events == store.get_head(RUN)


def test_a_process_that_stood_still_holds_its_run_where_nobody_has_taken_it() -> None:
    clock = VirtualClock()
    store = LeasedStore(clock)
    assert drive(store, clock, SlowIo(LEASE_MS / 1000 + 1, blocks=clock)).outcome == "completed"
    assert store.renewals == 1  # before the post


class LateThief(SlowIo):
    """The process stands still between the append and the request; another one takes the run up meanwhile."""

    def __init__(self, store: MemoryStore, clock: VirtualClock) -> None:
        super().__init__(0)
        self._store = store
        self._clock = clock

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        if attempts[0].request.site.verb.name == "http.post":
            self._clock.now_seconds += LEASE_MS / 1000 + 1
            self._store.acquire_lease(RUN, "another", LEASE_MS)
        return await super().perform(attempts)


def test_a_side_effect_does_not_leave_a_process_that_has_lost_its_run() -> None:
    clock = VirtualClock()
    store = LeasedStore(clock)
    outside = LateThief(store, clock)
    with pytest.raises(DiagnosticError) as refused:
        drive(store, clock, outside)
    assert get_code(refused) == "E_LEASE_LOST"
    assert outside.answered == [("sample.main.now", "")]
