"""The statements of a SQLite store. The connection prepares each once and keeps it."""

from __future__ import annotations

from typing import Final

__all__ = [
    "ADD_ARTIFACT",
    "ADD_MESSAGE",
    "ADD_RUN",
    "ADD_SEGMENT",
    "ADD_STEP",
    "CLEAR_LEASE",
    "SELECT_EVENTS",
    "SELECT_LAST_MESSAGE",
    "SELECT_LEASE",
    "SELECT_MESSAGES",
    "SELECT_MESSAGE_BY_ID",
    "SELECT_RECORD",
    "SELECT_RUN",
    "SET_LEASE",
    "SET_STANDING",
    "WHERE_DRIVABLE",
]

# --- runs -----------------------------------------------------------------------------------------

SELECT_RECORD: Final = """
SELECT run, workload, version, op, ir, parent, started_at_epoch_ms, status, due_at_epoch_ms, messages_read,
  token, owner, lease_duration_ms, lease_expires_at_epoch_ms, last_seq, recorded_at_epoch_ms
FROM runs JOIN segments ON place = (
  SELECT place FROM segments
  WHERE place > number << 32 AND place < number + 1 << 32 ORDER BY place DESC LIMIT 1
)
"""
"""What `build_record` takes; a condition may follow."""

WHERE_DRIVABLE: Final = """
WHERE status NOT IN ('completed', 'failed', 'cancelled')
  AND (owner IS NULL OR lease_expires_at_epoch_ms <= :now)
  AND (status IN ('queued', 'running') OR status IN ('sleeping', 'waiting') AND (
    due_at_epoch_ms <= :now OR EXISTS (
      SELECT 1 FROM messages AS m WHERE m.id > (number << 32) + messages_read AND m.id < number + 1 << 32
    )
  ))
ORDER BY coalesce(due_at_epoch_ms, recorded_at_epoch_ms), run LIMIT :limit
"""
"""The rule is `selection.is_drivable`. The first term is that of the index of runs that go on."""

SELECT_RUN: Final = """
SELECT number, status, due_at_epoch_ms, messages_read, token, owner, (
  SELECT last_seq FROM segments
  WHERE place > number << 32 AND place < number + 1 << 32 ORDER BY place DESC LIMIT 1
) FROM runs WHERE run = ?
"""

ADD_RUN: Final = """
INSERT INTO runs (run, workload, version, op, ir, parent, started_at_epoch_ms, status, due_at_epoch_ms,
  messages_read, token, owner, lease_duration_ms, lease_expires_at_epoch_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""

SET_STANDING: Final = "UPDATE runs SET status = ?, due_at_epoch_ms = ?, messages_read = ? WHERE number = ?"

# --- segments -------------------------------------------------------------------------------------

ADD_SEGMENT: Final = """
INSERT INTO segments (place, last_seq, recorded_at_epoch_ms, digest, content) VALUES (?, ?, ?, ?, ?)
"""

ADD_STEP: Final = """
INSERT INTO segments (place, last_seq, recorded_at_epoch_ms, digest, content)
SELECT ?, ?, ?, ?, ? FROM runs
WHERE number = ? AND run = ? AND token = ? AND owner IS NOT NULL
  AND status = ? AND due_at_epoch_ms IS ? AND messages_read = ?
"""

SELECT_EVENTS: Final = """
SELECT place, last_seq, recorded_at_epoch_ms, digest, content FROM segments
WHERE place < :number + 1 << 32 AND place >= coalesce((
  SELECT place FROM segments
  WHERE place > :number << 32 AND place <= (:number << 32) + :first_seq ORDER BY place DESC LIMIT 1
), (:number << 32) + 1)
ORDER BY place
"""

# --- leases ---------------------------------------------------------------------------------------

SELECT_LEASE: Final = """
SELECT number, token, owner, lease_duration_ms, lease_expires_at_epoch_ms FROM runs WHERE run = ?
"""

SET_LEASE: Final = """
UPDATE runs SET token = ?, owner = ?, lease_duration_ms = ?, lease_expires_at_epoch_ms = ? WHERE number = ?
"""

CLEAR_LEASE: Final = """
UPDATE runs SET owner = NULL, lease_duration_ms = NULL, lease_expires_at_epoch_ms = NULL WHERE number = ?
"""

# --- messages -------------------------------------------------------------------------------------

SELECT_MESSAGES: Final = """
SELECT id, kind, name, content, message_id, posted_at_epoch_ms FROM messages
WHERE id > (:number << 32) + :after AND id < :number + 1 << 32 ORDER BY id
"""

SELECT_LAST_MESSAGE: Final = """
SELECT id FROM messages WHERE id > :number << 32 AND id < :number + 1 << 32 ORDER BY id DESC LIMIT 1
"""

SELECT_MESSAGE_BY_ID: Final = "SELECT id FROM messages WHERE id >> 32 = ? AND message_id = ?"

ADD_MESSAGE: Final = """
INSERT INTO messages (id, kind, name, content, message_id, posted_at_epoch_ms) VALUES (?, ?, ?, ?, ?, ?)
"""

# --- artifacts ------------------------------------------------------------------------------------

ADD_ARTIFACT: Final = """
INSERT INTO artifacts (digest, content) SELECT :digest, :content
WHERE NOT EXISTS (SELECT 1 FROM artifacts WHERE digest = :digest)
"""
