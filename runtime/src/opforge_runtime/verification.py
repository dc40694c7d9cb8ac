"""Whether what a store holds of a run is what was recorded: each violation by its name.

1. Every event has its own digest, its place and the digest of the one before it.
2. Every fact that is attached to an event, and every artifact that an event names, has the digest by which it
   is named, and is of the kind that the event says: the manifest, the document, the facts, the output.
3. Every snapshot is what the chain of facts gives: its digest is computed again.
4. The events can stand where they stand (`history_rules`).

Nothing of the program is run; that is what a replay is for.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.store import (
    E_ARTIFACT_CORRUPT,
    E_ARTIFACT_KIND,
    E_EVENT_CORRUPT,
    E_HISTORY_BROKEN,
    E_RUN_UNKNOWN,
)
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.document import Document
from opforge_ir.events import (
    GENESIS,
    Envelope,
    Event,
    Fact,
    Manifest,
    Output,
    RunCompleted,
    RunConfiguration,
    RunStarted,
    Snapshot,
    StateCompleted,
)
from opforge_ir.ids import RunId
from opforge_ir.jsontext import read_json
from opforge_ir.validation import validate_document
from opforge_runtime.history_rules import check_history
from opforge_runtime.interpreter import compile_document
from opforge_runtime.references import get_fact
from opforge_runtime.sealing import digest_snapshot
from opforge_runtime.stores.artifacts import ARTIFACT_LIMITS, read_artifact, seal_artifact
from opforge_runtime.stores.protocol import Store, StoredEvent

__all__ = ["StoreVerification", "Verification", "verify_run", "verify_store"]

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was looked at of one run, and what is wrong with it."""

    run: RunId
    events: int
    digests: int
    """How many facts, artifacts and snapshots the events name."""
    problems: list[Diagnostic]
    """In the order in which they were found; empty when all is well."""


@dataclass(frozen=True, slots=True)
class StoreVerification:
    """What was looked at of a whole store."""

    runs: list[Verification]
    unnamed: int
    """How many artifacts there are that no run names."""
    problems: list[Diagnostic]
    """What is wrong with those."""


def verify_run(store: Store, run: RunId) -> Verification:
    """Look at everything that a store holds of a run.

    Raises DiagnosticError: E_RUN_UNKNOWN, or a code of the store's own; not for what is wrong with the run.
    """
    return _verify(store, run, set(), set())


def verify_store(store: Store) -> StoreVerification:
    """Look at every run, and at the artifacts that none of them needs.

    Raises DiagnosticError with a code of the store's own.
    """
    named: set[str] = set()
    read: set[str] = set()
    runs = [_verify(store, record.run, named, read) for record in store.list_runs()]
    problems: list[Diagnostic] = []
    unnamed = 0
    for digest in store.list_artifacts():
        unnamed += digest not in named
        if digest in read:
            continue
        try:
            store.get_artifact(digest)
        except DiagnosticError as error:
            problems += _require_of_artifact(error)
    return StoreVerification(runs, unnamed, problems)


def _verify(store: Store, run: RunId, named: set[str], read: set[str]) -> Verification:
    try:
        stored = store.read_events(run)
    except DiagnosticError as error:
        if error.diagnostics[0].code != E_EVENT_CORRUPT:
            raise
        return Verification(run, 0, 0, list(error.diagnostics))
    if not stored:
        raise E_RUN_UNKNOWN.error(run=run)
    verifier = _Verifier(store, run)
    verifier.check_all(stored)
    named |= verifier.named
    read |= verifier.read
    return Verification(run, len(stored), len(verifier.named), verifier.problems)


def _require_of_artifact(error: DiagnosticError) -> list[Diagnostic]:
    """What is wrong with an artifact; an error of the store itself goes on its way."""
    if error.diagnostics[0].code.number[:4] != E_ARTIFACT_CORRUPT.number[:4]:
        raise error
    return error.diagnostics


@dataclass(slots=True)
class _Verifier:
    """Walks along the events of one run."""

    store: Store
    run: RunId
    problems: list[Diagnostic] = field(default_factory=list[Diagnostic])
    named: set[str] = field(default_factory=set[str])
    """Every digest that an event names."""
    read: set[str] = field(default_factory=set[str])
    """The artifacts that were read."""
    _facts: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    _manifest: Manifest | None = None
    _document: Document | None = None
    _snapshot: str = ""

    def check_all(self, stored: Sequence[StoredEvent]) -> None:
        """Take all events."""
        envelopes = self._read_all(stored)
        for each, envelope in zip(stored, envelopes, strict=True):
            if envelope is not None:
                self._check_fact(envelope, each.sealed.attachment)
                self._check_artifacts(envelope.event)
                self._check_snapshot(envelope)
        readable = [envelope for envelope in envelopes if envelope is not None]
        if len(readable) == len(stored):
            self.problems += check_history(
                readable, is_closing=self._is_closing(), waits=self._find_waits(readable)
            )

    def _read_all(self, stored: Sequence[StoredEvent]) -> list[Envelope | None]:
        """The envelopes; None for one that is none."""
        envelopes: list[Envelope | None] = []
        previous: str = GENESIS
        for seq, each in enumerate(stored, start=1):
            sealed = each.sealed
            envelope: Envelope | None = None
            try:
                envelope = Envelope.model_validate(read_json(sealed.envelope, ARTIFACT_LIMITS))
            except (ValidationError, DiagnosticError):
                self._corrupt(seq, "it is not an event")
            if digest_bytes(sealed.envelope) != sealed.digest:
                self._corrupt(seq, "its bytes have another digest")
            if envelope is not None and (envelope.run, envelope.seq, sealed.seq) != (self.run, seq, seq):
                self._corrupt(seq, "it belongs elsewhere")
            if envelope is not None and envelope.previous != previous:
                self._corrupt(seq, "it does not follow the event before it")
            previous = sealed.digest
            envelopes.append(envelope)
        return envelopes

    # --- facts and other artifacts ----------------------------------------------------------------

    def _check_fact(self, envelope: Envelope, attachment: bytes) -> None:
        event, digest = envelope.event, get_fact(envelope.event)
        if digest is None:
            if attachment:
                self._corrupt(envelope.seq, "something is attached to it that it does not name")
            return
        self.named.add(digest)
        key = getattr(event, "state", ""), getattr(event, "instance", "")
        self._facts.setdefault(key, digest)
        if not attachment:
            fact = self._read(digest, Fact)
        elif digest_bytes(attachment) != digest:
            self._corrupt(envelope.seq, "the fact that is attached to it has another digest")
            return
        else:
            fact = self._read_attached(digest, attachment)
        if fact is not None and (fact.state, fact.instance) != key:
            self._break(envelope.seq, "its fact is of another state")

    def _read_attached(self, digest: str, attachment: bytes) -> Fact | None:
        try:
            return Fact.model_validate(read_json(attachment, ARTIFACT_LIMITS))
        except (ValidationError, DiagnosticError):
            self.problems.append(E_ARTIFACT_KIND.at(None, digest=digest, expected="fact"))
            return None

    def _check_artifacts(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._manifest = self._read(event.manifest, Manifest)
                if self._manifest is not None:
                    self._document = self._read(self._manifest.ir, Document)
            case RunCompleted():
                for digest in event.output:
                    self._read(digest, Output)
            case _:
                pass

    def _read(self, digest: str, model: type[_Model]) -> _Model | None:
        """An artifact as a model; None, and a problem noted, when it is missing, changed or another kind."""
        self.named.add(digest)
        self.read.add(digest)
        try:
            return read_artifact(self.store, digest, model)
        except DiagnosticError as error:
            self.problems += _require_of_artifact(error)
            return None

    # --- snapshots --------------------------------------------------------------------------------

    def _check_snapshot(self, envelope: Envelope) -> None:
        event = envelope.event
        match event:
            case RunStarted():
                expected: str = self._seal(event.manifest, [])
            case StateCompleted():
                fact = self._facts.get((event.state, event.instance))
                if fact is None:
                    return  # that it completes without one is a broken rule
                expected = digest_snapshot(self._snapshot, event.state, event.instance, fact)
            case RunCompleted(output=[output]):
                expected = self._seal(self._snapshot, [output])
            case _:
                return
        self.named.add(event.snapshot)
        if event.snapshot != expected:
            self._break(envelope.seq, "its snapshot is not that of its facts")
        # What follows is held to what this event says, so that one change is one problem.
        self._snapshot = event.snapshot

    def _seal(self, parent: str, output: list[str]) -> Digest:
        snapshot = Snapshot(artifact="snapshot", parent=parent, state="", instance="", fact=[], output=output)
        return seal_artifact(snapshot).digest

    # --- what the rules need to know --------------------------------------------------------------

    def _is_closing(self) -> bool:
        return self._manifest is not None and isinstance(self._manifest.configuration, RunConfiguration)

    def _find_waits(self, envelopes: Sequence[Envelope]) -> Collection[str]:
        """The states that may wait; all of them, where the document is not one that can be compiled."""
        document = self._document
        if document is None or validate_document(cast("JsonValue", document.model_dump())):
            return frozenset(str(getattr(envelope.event, "state", "")) for envelope in envelopes)
        return compile_document(document).waits

    def _corrupt(self, seq: int, problem: str) -> None:
        self.problems.append(E_EVENT_CORRUPT.at(None, run=self.run, seq=seq, problem=problem))

    def _break(self, seq: int, rule: str) -> None:
        self.problems.append(E_HISTORY_BROKEN.at(None, run=self.run, seq=seq, rule=rule))
