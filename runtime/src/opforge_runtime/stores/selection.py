"""Which runs a filter means, and which of them somebody should drive: what every store must agree on."""

from __future__ import annotations

from opforge_runtime.stores.protocol import RunFilter, RunRecord

__all__ = ["is_drivable", "matches"]


def matches(record: RunRecord, which: RunFilter) -> bool:
    """Whether a filter lets a run through; its `limit` is not looked at."""
    start = record.started_at_epoch_ms
    return (
        (not which.statuses or record.standing.status in which.statuses)
        and which.workload in (None, record.opening.workload)
        and which.op in (None, record.opening.op)
        and which.parent in (None, record.opening.parent)
        and (which.started_from_epoch_ms is None or start >= which.started_from_epoch_ms)
        and (which.started_before_epoch_ms is None or start < which.started_before_epoch_ms)
        and record.run.startswith(which.beginning)
    )


def is_drivable(record: RunRecord, last_message: int, now_epoch_ms: int) -> bool:
    """Whether somebody should drive a run now. `last_message` is the position of its last message."""
    standing = record.standing
    lease = record.lease
    if lease is not None and lease.expires_at_epoch_ms > now_epoch_ms:
        return False
    match standing.status:
        case "queued" | "running":
            return True
        case "sleeping" | "waiting":
            is_due = standing.due_at_epoch_ms is not None and standing.due_at_epoch_ms <= now_epoch_ms
            return is_due or last_message > standing.messages_read
        case _:
            return False
