"""What tests append to stores: events, artifacts, messages and runs that need no engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opforge_ir.digest import Digest, digest_bytes
from opforge_ir.ids import RunId
from opforge_runtime.stores import SealedArtifact, SealedEvent
from opforge_runtime.stores.protocol import Append, Lease, Message, Opening, RunStatus, Standing

__all__ = [
    "LEASE_MS",
    "OPENING",
    "OTHER",
    "OWNER",
    "RUN",
    "Clock",
    "begin",
    "build_artifact",
    "build_event",
    "build_signal",
    "follow",
    "own_lease",
]

RUN, OTHER = RunId("sample-0001"), RunId("sample-0002")
OWNER = "host:1"
LEASE_MS = 30_000
OPENING = Opening(workload="watch", version="1.2.0", op="check", ir=Digest("a" * 64))


@dataclass(slots=True)
class Clock:
    """The clock of a store under test, which a test sets."""

    now_epoch_ms: int = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_epoch_ms


def build_event(seq: int, text: str = "", attachment: str = "") -> SealedEvent:
    """An event whose envelope is shaped like one, with an attachment when there is text for it."""
    content = f'{{"artifact":"event","seq":{seq},"text":"{text}"}}'.encode()
    attached = f'{{"artifact":"fact","value":"{attachment}"}}'.encode() if attachment else b""
    return SealedEvent(seq, digest_bytes(content), content, attached)


def build_artifact(text: str) -> SealedArtifact:
    """An artifact with these bytes."""
    content = text.encode()
    return SealedArtifact(digest_bytes(content), content)


def build_signal(name: str, message_id: str = "") -> Message:
    """A signal whose id is its name, unless another one is given."""
    return Message(kind="signal", name=name, content=b'"yes"', id=message_id or name)


def own_lease(run: RunId = RUN, token: int = 1, owner: str = OWNER) -> Lease:
    """A lease as a driver holds it; stores look at the run and the token."""
    return Lease(run, owner, token, LEASE_MS, 0)


def begin(
    run: RunId = RUN,
    *,
    count: int = 1,
    status: RunStatus = "running",
    at: int = 10,
    opening: Opening = OPENING,
    due: int | None = None,
    artifacts: Sequence[SealedArtifact] = (),
) -> Append:
    """The first append of a run, with some events."""
    return Append(
        lease=own_lease(run),
        expected_head=0,
        events=[build_event(seq) for seq in range(1, count + 1)],
        artifacts=artifacts,
        standing=Standing(status, due),
        recorded_at_epoch_ms=at,
        opening=opening,
    )


def follow(
    head: int,
    run: RunId = RUN,
    *,
    count: int = 1,
    token: int = 1,
    owner: str = OWNER,
    text: str = "",
    artifacts: Sequence[SealedArtifact] = (),
    standing: Standing = Standing("running"),  # noqa: B008 - it cannot be changed
    at: int = 20,
    posts: Sequence[tuple[RunId, Message]] = (),
) -> Append:
    """An append after `head`, with some events."""
    return Append(
        lease=own_lease(run, token, owner),
        expected_head=head,
        events=[build_event(seq, text) for seq in range(head + 1, head + 1 + count)],
        artifacts=artifacts,
        standing=standing,
        recorded_at_epoch_ms=at,
        posts=posts,
    )
