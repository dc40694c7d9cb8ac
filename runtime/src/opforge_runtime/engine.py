"""Start runs, and go on with them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, TypeVar

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.codes.store import E_RUN_FINISHED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.events import GENESIS, Manifest, Provenance, RunConfiguration
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_ir.validation import load_document
from opforge_ir.values import ValueCodec
from opforge_runtime.driver import Durability
from opforge_runtime.effect_io.live_waits import LiveWaits
from opforge_runtime.effect_io.port import EffectIo, EffectSession
from opforge_runtime.history import History, read_history
from opforge_runtime.interpreter import MAX_STEPS, Program, compile_document
from opforge_runtime.journal import Journal, Observer, SilentObserver
from opforge_runtime.leases import DEFAULT_LEASE_MS, LeaseKeeper, build_owner, take_lease
from opforge_runtime.log import DirectLog, Log, SharedLog
from opforge_runtime.memory_guard import MemoryGuard
from opforge_runtime.offspring import Offspring
from opforge_runtime.session import RunOutcome, Session, drive_session, load_program, store_inputs
from opforge_runtime.stores.artifacts import read_artifact, seal_artifact
from opforge_runtime.stores.protocol import Lease, Opening, SealedArtifact, Store
from opforge_runtime.waits import ChildStart, WaitIo

__all__ = ["DEFAULT_CONFIGURATION", "Clock", "Engine", "resume_run", "start_run"]

DEFAULT_CONFIGURATION: Final = RunConfiguration(
    format=2,
    batch_size=100,
    profile="normal",
    skip=[],
    max_steps=MAX_STEPS,
    max_events=10_000_000,
    max_fact_bytes=64 * 1024 * 1024,
)

Clock = Callable[[], int]
"""Milliseconds since the epoch."""

_MOST_PROGRAMS: Final = 64
"""How many documents and compiled programs an engine keeps."""


class Engine:
    """Drives runs of one store, any number of them at once in one event loop."""

    def __init__(
        self,
        store: Store,
        effect_io: EffectIo,
        *,
        clock: Clock,
        observer: Observer | None = None,
        durability: Durability = "strict",
        is_shared: bool = False,
        longest_attended_ms: int | None = None,
        dispatch: Callable[[RunId], None] | None = None,
        owner: str | None = None,
        lease_ms: int = DEFAULT_LEASE_MS,
        max_memory_mib: int | None = None,
        waits: Callable[[EffectSession, ValueCodec], WaitIo] | None = None,
    ) -> None:
        """`is_shared` lets runs that go side by side share commits.

        A run that waits for longer than `longest_attended_ms` is left for somebody to resume; with None it is
        waited for. With `dispatch`, child runs are queued and handed to it; otherwise they are driven here.
        Programs are stopped when the process holds more than `max_memory_mib`.
        `waits` answers waits in place of the clock, the inbox and children.
        """
        self._store = store
        self._effect_io = effect_io
        self._clock = clock
        self._observer = observer or SilentObserver()
        self._durability: Durability = durability
        self._log: Log = SharedLog(store) if is_shared else DirectLog(store)
        self._longest_attended_ms = longest_attended_ms
        self._dispatch = dispatch
        self._owner = owner or build_owner()
        self._lease_ms = lease_ms
        self._guard = None if max_memory_mib is None else MemoryGuard(max_memory_mib)
        self._make_waits = waits
        self._programs: dict[str, Program] = {}
        self._is_leaving = False
        self._sealed: dict[bytes, SealedArtifact] = {}
        """Documents by the bytes that were given, which have been found right."""

    def leave(self) -> None:
        """Have every run given back for others to drive, each as soon as nothing of it is under way.

        The sessions end with the outcome `queued`, but for those that end before that, or stand in a wait.
        """
        self._is_leaving = True

    async def start(
        self,
        run: RunId,
        document: bytes,
        op: str,
        inputs: Mapping[str, JsonValue],
        *,
        configuration: RunConfiguration = DEFAULT_CONFIGURATION,
        provenance: Provenance,
    ) -> RunOutcome:
        """Run an op of a document from its beginning, to its end or to a wait that is not attended.

        `document` is an IR in any form, `inputs` what a person gave by parameter name. Nothing is recorded
        before all of it is found right.
        Raises DiagnosticError: the document, the op or an input is refused, E_RUN_EXISTS, or what stops a
        session before its end (see `Driver.drive`).
        """
        manifest, sealed, program = self._prepare(document, op, inputs, configuration, provenance)
        return await self.start_prepared(run, manifest, sealed, program)

    async def start_prepared(
        self,
        run: RunId,
        manifest: Manifest,
        document: SealedArtifact,
        program: Program,
        parent: RunId | None = None,
    ) -> RunOutcome:
        """Start a run with this manifest, of the document that it names, compiled. Raises as `start` does."""
        effects = self._begin(program, manifest, None)
        journal = self._open(run, manifest, document, program, parent)
        now = asyncio.get_running_loop().time()
        return await self._drive(program, manifest, journal, effects, None, leased_at=now)

    async def submit(
        self,
        run: RunId,
        document: bytes,
        op: str,
        inputs: Mapping[str, JsonValue],
        *,
        configuration: RunConfiguration = DEFAULT_CONFIGURATION,
        provenance: Provenance,
    ) -> None:
        """Record a run for somebody else to drive. Raises as `start` does before it drives."""
        manifest, sealed, program = self._prepare(document, op, inputs, configuration, provenance)
        await self._submit(run, manifest, sealed, program, parent=None)

    async def resume(self, run: RunId) -> RunOutcome:
        """Go on with a run that has not ended, under the document it began with.

        What was recorded is not asked again.
        Raises DiagnosticError: E_RUN_UNKNOWN, E_RUN_FINISHED, E_RUN_LEASED when another process drives it,
        E_EVENT_CORRUPT, a corrupt artifact, or what stops a session before its end (see `Driver.drive`).
        """
        leased_at = asyncio.get_running_loop().time()
        lease = take_lease(self._store, run, self._owner, self._lease_ms)
        try:
            history = read_history(self._store, run)
            if history.end is not None:
                raise E_RUN_FINISHED.error(run=run, outcome=history.end.outcome)
            manifest = read_artifact(self._store, history.start.manifest, Manifest)
            program = self._load(manifest.ir)
            effects = self._begin(program, manifest, history.started_at_epoch_ms)
            record = self._store.get_run(run)
        except BaseException:
            self._give_back(lease)
            raise
        journal = Journal(
            self._log,
            lease,
            head=history.head,
            previous=history.previous,
            snapshot=history.snapshot,
            clock=self._clock,
            observer=self._observer,
            parent=record.opening.parent if record else None,
        )
        journal.resume(history.sessions + 1)
        return await self._drive(program, manifest, journal, effects, history, leased_at=leased_at)

    # --- the beginning of a run -------------------------------------------------------------------

    def _prepare(
        self,
        document: bytes,
        op: str,
        inputs: Mapping[str, JsonValue],
        configuration: RunConfiguration,
        provenance: Provenance,
    ) -> tuple[Manifest, SealedArtifact, Program]:
        sealed = self._sealed.get(document)
        if sealed is None:
            program = compile_document(load_document(document))
            content = canonical_bytes(read_json(document))
            sealed = SealedArtifact(digest_bytes(content), content)
            _keep(self._programs, sealed.digest, program)
            _keep(self._sealed, document, sealed)
        program = self._load(sealed.digest)
        manifest = Manifest(
            artifact="manifest",
            ir=sealed.digest,
            op=op,
            inputs=store_inputs(program, op, inputs),
            configuration=configuration,
            provenance=provenance,
        )
        return manifest, sealed, program

    async def _submit(
        self,
        run: RunId,
        manifest: Manifest,
        document: SealedArtifact,
        program: Program,
        parent: RunId | None,
    ) -> None:
        journal = self._open(run, manifest, document, program, parent)
        await journal.commit("queued")
        if self._dispatch is not None:
            self._dispatch(run)

    def _open(
        self,
        run: RunId,
        manifest: Manifest,
        document: SealedArtifact,
        program: Program,
        parent: RunId | None,
    ) -> Journal:
        workload = program.document.workload
        opening = Opening(workload.id, workload.version, manifest.op, Digest(manifest.ir), parent)
        journal = Journal(
            self._log,
            Lease(run, self._owner, 1, self._lease_ms, 0),
            head=0,
            previous=GENESIS,
            snapshot=GENESIS,
            clock=self._clock,
            observer=self._observer,
            opening=opening,
            parent=parent,
        )
        journal.start(manifest.op, seal_artifact(manifest), document)
        return journal

    def _load(self, digest: str) -> Program:
        program = self._programs.get(digest)
        if program is None:
            program = load_program(self._store, digest)
            _keep(self._programs, digest, program)
        return program

    # --- a session --------------------------------------------------------------------------------

    def _begin(self, program: Program, manifest: Manifest, started_at_epoch_ms: int | None) -> EffectSession:
        policy = program.ops[manifest.op].op.policy
        left_ms: int | None = None
        if policy.timeout_ms:
            gone_ms = 0 if started_at_epoch_ms is None else self._clock() - started_at_epoch_ms
            left_ms = max(0, policy.timeout_ms - gone_ms)
        return self._effect_io.begin(program.document, policy, left_ms)

    async def _drive(
        self,
        program: Program,
        manifest: Manifest,
        journal: Journal,
        effects: EffectSession,
        history: History | None,
        leased_at: float,
    ) -> RunOutcome:
        offspring = Offspring(
            self._store,
            lambda child: self._drive_child(child, journal.run, manifest),
            is_handed_out=self._dispatch is not None,
            clock=self._clock,
        )
        if self._make_waits is None:
            waits: WaitIo = self._build_waits(program, manifest, journal.run, offspring, history)
        else:
            waits = self._make_waits(effects, program.codec)
        keeper = LeaseKeeper(self._store, journal, lambda: self._is_leaving, leased_at)
        session = Session(
            program=program,
            manifest=manifest,
            journal=journal,
            artifacts=self._store,
            effects=effects,
            waits=waits,
            history=history,
            keeper=keeper,
            guard=self._guard,
            durability=self._durability,
            observer=self._observer,
        )
        try:
            outcome = await drive_session(session)
            if outcome.outcome == "cancelled":
                await offspring.finish()
            return outcome
        except BaseException:
            if journal.holds_lease:
                # Otherwise somebody else has begun a run of this id, and the lease is theirs.
                self._give_back(journal.lease)
            raise
        finally:
            keeper.stop()
            await offspring.close()

    def _build_waits(
        self,
        program: Program,
        manifest: Manifest,
        run: RunId,
        offspring: Offspring,
        history: History | None,
    ) -> LiveWaits:
        timeout_ms = program.ops[manifest.op].op.policy.timeout_ms
        started_at = history.started_at_epoch_ms if history else self._clock()
        return LiveWaits(
            self._store,
            run,
            program.codec,
            offspring,
            clock=self._clock,
            signals_taken=history.signals_taken if history else (),
            is_new=history is None,
            longest_attended_ms=self._longest_attended_ms,
            timeout_ms=timeout_ms,
            deadline_epoch_ms=started_at + timeout_ms if timeout_ms else None,
        )

    def _give_back(self, lease: Lease) -> None:
        """Let the run be taken up again at once; nothing happens to a lease that was lost.

        When the store refuses this too, what it refused first is what is said, and the lease runs out.
        """
        with suppress(DiagnosticError):
            self._store.release_lease(lease)

    async def _drive_child(self, child: ChildStart, parent: RunId, manifest: Manifest) -> None:
        """Start a child run, or go on with it: here, or by handing it out."""
        if self._store.get_head(child.run) != 0:
            await self.resume(child.run)
            return
        program = self._load(manifest.ir)
        document = SealedArtifact(Digest(manifest.ir), self._store.get_artifact(Digest(manifest.ir)))
        own = manifest.model_copy(update={"op": child.op, "inputs": child.inputs})
        if self._dispatch is None:
            await self.start_prepared(child.run, own, document, program, parent)
        else:
            await self._submit(child.run, own, document, program, parent)


async def start_run(
    store: Store,
    effect_io: EffectIo,
    *,
    run: RunId,
    document: bytes,
    op: str,
    inputs: Mapping[str, JsonValue],
    clock: Clock,
    configuration: RunConfiguration = DEFAULT_CONFIGURATION,
    provenance: Provenance,
    observer: Observer | None = None,
    durability: Durability = "strict",
) -> RunOutcome:
    """Run one op with an engine of its own; see `Engine.start`."""
    engine = Engine(store, effect_io, clock=clock, observer=observer, durability=durability)
    return await engine.start(run, document, op, inputs, configuration=configuration, provenance=provenance)


async def resume_run(
    store: Store,
    effect_io: EffectIo,
    run: RunId,
    *,
    clock: Clock,
    observer: Observer | None = None,
    durability: Durability = "strict",
) -> RunOutcome:
    """Go on with one run with an engine of its own; see `Engine.resume`."""
    return await Engine(store, effect_io, clock=clock, observer=observer, durability=durability).resume(run)


_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


def _keep(kept: dict[_Key, _Kept], key: _Key, value: _Kept) -> None:
    """Add an entry, and let the oldest one go when there are too many."""
    if len(kept) == _MOST_PROGRAMS:
        del kept[next(iter(kept))]
    kept[key] = value
