"""Histories written event by event, with the times and standings that a test wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from opforge_ir.canonical import JsonValue, canonical_bytes
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import Document
from opforge_ir.events import (
    GENESIS,
    Envelope,
    ErrorRecord,
    Event,
    Fact,
    FactRecorded,
    Manifest,
    Output,
    Provenance,
    RunCompleted,
    RunResumed,
    RunStarted,
    Snapshot,
    StateCompleted,
    StateEntered,
    StateFailed,
)
from opforge_ir.ids import RunId
from opforge_runtime.engine import DEFAULT_CONFIGURATION
from opforge_runtime.stores import SealedArtifact, SealedEvent, Store, seal_artifact
from opforge_runtime.stores.protocol import Append, Lease, Opening, RunStatus, Standing

__all__ = ["RunBuilder"]

LEASE_MS = 30_000


class RunBuilder:
    """One run of a store. Events are added to a group; `append` stores the group at a time."""

    def __init__(
        self,
        store: Store,
        run: str,
        document: Mapping[str, Any],
        *,
        op: str = "main",
        inputs: Mapping[str, JsonValue] | None = None,
        parent: str | None = None,
    ) -> None:
        """`inputs` are stored values by parameter name."""
        self._store = store
        self.run = RunId(run)
        sealed = seal_artifact(Document.model_validate(document))
        manifest = seal_artifact(
            Manifest(
                artifact="manifest",
                ir=sealed.digest,
                op=op,
                inputs=dict(inputs or {}),
                configuration=DEFAULT_CONFIGURATION,
                provenance=Provenance(opforge_version="", git_commit=""),
            )
        )
        head = document["workload"]
        self._opening: Opening | None = Opening(
            head["id"], head["version"], op, sealed.digest, None if parent is None else RunId(parent)
        )
        self._lease = Lease(self.run, "test", 1, LEASE_MS, 0)
        self._artifacts = [sealed, manifest]
        self._events: list[SealedEvent] = []
        self._head = 0
        self._stored_head = 0
        self._previous = GENESIS
        self._snapshot: str = manifest.digest
        self._facts: dict[tuple[str, str], Digest] = {}
        self._attempts: dict[tuple[str, str], int] = {}
        self._session = 1
        self._advance("", "", [], [])
        self.note(RunStarted(type="RunStarted", op=op, manifest=manifest.digest, snapshot=self._snapshot))

    def note(self, event: Event, attachment: bytes = b"") -> RunBuilder:
        """Add any event."""
        self._head += 1
        envelope = Envelope(
            artifact="event", run=self.run, seq=self._head, previous=self._previous, event=event
        )
        content = canonical_bytes(cast("JsonValue", envelope.model_dump()))
        digest = digest_bytes(content)
        self._previous = digest
        self._events.append(SealedEvent(self._head, digest, content, attachment))
        return self

    def resume(self) -> RunBuilder:
        """Another session begins."""
        self._session += 1
        return self.note(RunResumed(type="run_resumed", session=self._session))

    def enter(self, state: str, instance: str = "") -> RunBuilder:
        """An attempt begins."""
        attempt = self._attempts[state, instance] = self._attempts.get((state, instance), 0) + 1
        return self.note(
            StateEntered(
                type="StateEntered", state=state, instance=instance, attempt=attempt, base=self._snapshot
            )
        )

    def answer(
        self, state: str, value: JsonValue, instance: str = "", *, asked: str = "", attached: bool = True
    ) -> RunBuilder:
        """A fact arrives; `asked` stands for the request. It is kept beside its event, or as an artifact."""
        fact = seal_artifact(
            Fact(
                artifact="fact",
                state=state,
                instance=instance,
                request=digest_bytes(asked.encode()),
                value=value,
            )
        )
        self._facts[state, instance] = fact.digest
        if not attached:
            self._artifacts.append(fact)
        event = FactRecorded(type="fact_recorded", state=state, instance=instance, fact=fact.digest)
        return self.note(event, fact.content if attached else b"")

    def complete(self, state: str, instance: str = "") -> RunBuilder:
        """The attempt ends well."""
        self._advance(state, instance, [self._facts[state, instance]], [])
        return self.note(
            StateCompleted(
                type="StateCompleted",
                state=state,
                instance=instance,
                attempt=self._attempts[state, instance],
                snapshot=self._snapshot,
            )
        )

    def fail(self, state: str, error: ErrorRecord, instance: str = "") -> RunBuilder:
        """The attempt ends with an error."""
        return self.note(
            StateFailed(
                type="StateFailed",
                state=state,
                instance=instance,
                attempt=self._attempts[state, instance],
                error=error,
            )
        )

    def do(self, state: str, value: JsonValue, instance: str = "") -> RunBuilder:
        """An attempt from its beginning to its end."""
        return self.enter(state, instance).answer(state, value, instance).complete(state, instance)

    def finish(self, type_: str, value: JsonValue) -> RunBuilder:
        """The run returns."""
        output = seal_artifact(Output(artifact="output", type=type_, value=value))
        self._artifacts.append(output)
        self._advance("", "", [], [output.digest])
        return self._end("completed", [output.digest], [])

    def finish_failed(self, error: ErrorRecord) -> RunBuilder:
        """The run fails."""
        return self._end("failed", [], [error])

    def append(self, at_epoch_ms: int, status: RunStatus = "running", due: int | None = None) -> RunBuilder:
        """Store what was added, and how the run stands then."""
        append = Append(
            lease=self._lease,
            expected_head=self._stored_head,
            events=self._events,
            artifacts=self._artifacts,
            standing=Standing(status, due),
            recorded_at_epoch_ms=at_epoch_ms,
            opening=self._opening,
        )
        (refused,) = self._store.append([append])
        if refused is not None:
            raise refused
        self._opening, self._stored_head = None, self._head
        self._events, self._artifacts = [], list[SealedArtifact]()
        return self

    def take_lease(self, owner: str = "test") -> RunBuilder:
        """Another driver takes the run."""
        self._lease = self._store.acquire_lease(self.run, owner, LEASE_MS)
        return self

    def _end(self, outcome: Any, output: list[str], error: list[ErrorRecord]) -> RunBuilder:
        return self.note(
            RunCompleted(
                type="RunCompleted", outcome=outcome, snapshot=self._snapshot, output=output, error=error
            )
        )

    def _advance(self, state: str, instance: str, fact: list[str], output: list[str]) -> None:
        snapshot = Snapshot(
            artifact="snapshot",
            parent=self._snapshot,
            state=state,
            instance=instance,
            fact=fact,
            output=output,
        )
        self._snapshot = seal_artifact(snapshot).digest
