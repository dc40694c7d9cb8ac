"""The tables of a SQLite store, and how a file is known to be one.

`application_id` marks the file as ours, `user_version` counts the schema's versions. The file itself
refuses what a history must not suffer: its triggers abort every UPDATE and DELETE of segments and messages,
every one of them that does not follow its run's last one, and every second artifact of one digest (REPLACE
included, which fires no trigger for what it removes). An artifact is deleted only while `collected` names it.

Segments stand in the order in which they were appended, so that those of many runs which are committed
together share pages. A segment's place is its run's number and its first `seq`; the index of the places says
where a run ends without a look at its segments. An append of the steady state changes one page of each. A
run's row changes only when how it stands does.
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "SEQ_BITS", "VERSION_1", "VERSION_2_RULES", "VERSION_2_TABLES"]

APPLICATION_ID: Final = 0x6F70_6667
"""The letters `opfg`."""

SEQ_BITS: Final = 32
"""The low bits of a segment's place and of a message's id count within the run; above stands its number."""

VERSION_1: Final = """
CREATE TABLE events (
  run TEXT NOT NULL,
  seq INTEGER NOT NULL CHECK (seq >= 1),
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  envelope BLOB NOT NULL,
  recorded_at_epoch_ms INTEGER NOT NULL,
  PRIMARY KEY (run, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE artifacts (
  digest TEXT NOT NULL PRIMARY KEY CHECK (length(digest) = 64),
  content BLOB NOT NULL
) STRICT;

CREATE TRIGGER events_follow_each_other BEFORE INSERT ON events
WHEN NEW.seq <> 1 + coalesce((SELECT max(seq) FROM events WHERE run = NEW.run), 0)
BEGIN SELECT raise(ABORT, 'an event follows the last one of its run'); END;

CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN SELECT raise(ABORT, 'an event is not changed'); END;

CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
BEGIN SELECT raise(ABORT, 'an event is not deleted'); END;

CREATE TRIGGER artifacts_are_stored_once BEFORE INSERT ON artifacts
WHEN EXISTS (SELECT 1 FROM artifacts WHERE digest = NEW.digest)
BEGIN SELECT raise(ABORT, 'an artifact is stored once'); END;

CREATE TRIGGER artifacts_are_not_changed BEFORE UPDATE ON artifacts
BEGIN SELECT raise(ABORT, 'an artifact is not changed'); END;

CREATE TRIGGER artifacts_are_not_deleted BEFORE DELETE ON artifacts
BEGIN SELECT raise(ABORT, 'an artifact is not deleted'); END;
"""
"""The first version, as it was: stores of that time are read for ever."""

VERSION_2_TABLES: Final = """
CREATE TABLE runs (
  number INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 0x7FFFFFFF),
  run TEXT NOT NULL UNIQUE,
  workload TEXT NOT NULL,
  version TEXT NOT NULL,
  op TEXT NOT NULL,
  ir TEXT NOT NULL,
  parent TEXT,
  started_at_epoch_ms INTEGER NOT NULL,
  status TEXT NOT NULL,
  due_at_epoch_ms INTEGER,
  messages_read INTEGER NOT NULL,
  token INTEGER NOT NULL,
  owner TEXT,
  lease_duration_ms INTEGER,
  lease_expires_at_epoch_ms INTEGER,
  CHECK ((owner IS NULL) = (lease_duration_ms IS NULL)),
  CHECK ((owner IS NULL) = (lease_expires_at_epoch_ms IS NULL))
) STRICT;

CREATE INDEX runs_by_start ON runs (started_at_epoch_ms, run);

CREATE INDEX runs_by_parent ON runs (parent) WHERE parent IS NOT NULL;

CREATE INDEX runs_that_go_on ON runs (status) WHERE status NOT IN ('completed', 'failed', 'cancelled');

CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  recorded_at_epoch_ms INTEGER NOT NULL,
  digest TEXT NOT NULL CHECK (length(digest) = 64),
  content BLOB NOT NULL,
  CHECK (last_seq BETWEEN place & 0xFFFFFFFF AND 0xFFFFFFFF)
) STRICT;

CREATE UNIQUE INDEX segments_by_place ON segments (place, last_seq);

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  posted_at_epoch_ms INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX messages_by_message_id ON messages (id >> 32, message_id);

CREATE TABLE collected (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  digest TEXT NOT NULL
) STRICT;
"""

VERSION_2_RULES: Final = """
CREATE TRIGGER runs_are_opened_once BEFORE INSERT ON runs
WHEN EXISTS (SELECT 1 FROM runs WHERE run = NEW.run) OR EXISTS (SELECT 1 FROM runs WHERE number = NEW.number)
BEGIN SELECT raise(ABORT, 'a run is opened once'); END;

CREATE TRIGGER runs_keep_what_they_began_with
BEFORE UPDATE OF number, run, workload, version, op, ir, parent, started_at_epoch_ms ON runs
BEGIN SELECT raise(ABORT, 'a run keeps what it began with'); END;

CREATE TRIGGER tokens_grow BEFORE UPDATE OF token ON runs
WHEN NEW.token < OLD.token
BEGIN SELECT raise(ABORT, 'a token is not given out again'); END;

CREATE TRIGGER runs_are_not_deleted BEFORE DELETE ON runs
BEGIN SELECT raise(ABORT, 'a run is not deleted'); END;

CREATE TRIGGER segments_follow_each_other BEFORE INSERT ON segments
WHEN (NEW.place & 0xFFFFFFFF) <> 1 + coalesce((
    SELECT last_seq FROM segments
    WHERE place > NEW.place >> 32 << 32 AND place < (NEW.place >> 32) + 1 << 32 ORDER BY place DESC LIMIT 1
  ), 0)
  OR NOT EXISTS (SELECT 1 FROM runs WHERE number = NEW.place >> 32)
  OR EXISTS (SELECT 1 FROM segments WHERE id = NEW.id)
BEGIN SELECT raise(ABORT, 'a segment follows the last one of its run'); END;

CREATE TRIGGER segments_are_not_changed BEFORE UPDATE ON segments
BEGIN SELECT raise(ABORT, 'a segment is not changed'); END;

CREATE TRIGGER segments_are_not_deleted BEFORE DELETE ON segments
BEGIN SELECT raise(ABORT, 'a segment is not deleted'); END;

CREATE TRIGGER messages_follow_each_other BEFORE INSERT ON messages
WHEN (NEW.id & 0xFFFFFFFF) <> 1 + coalesce((
    SELECT id & 0xFFFFFFFF FROM messages
    WHERE id > NEW.id >> 32 << 32 AND id < (NEW.id >> 32) + 1 << 32 ORDER BY id DESC LIMIT 1
  ), 0)
  OR NOT EXISTS (SELECT 1 FROM runs WHERE number = NEW.id >> 32)
  OR EXISTS (SELECT 1 FROM messages WHERE id >> 32 = NEW.id >> 32 AND message_id = NEW.message_id)
BEGIN SELECT raise(ABORT, 'a message follows the last one of its run'); END;

CREATE TRIGGER messages_are_not_changed BEFORE UPDATE ON messages
BEGIN SELECT raise(ABORT, 'a message is not changed'); END;

CREATE TRIGGER messages_are_not_deleted BEFORE DELETE ON messages
BEGIN SELECT raise(ABORT, 'a message is not deleted'); END;

DROP TRIGGER artifacts_are_not_deleted;

CREATE TRIGGER artifacts_are_deleted_when_collected BEFORE DELETE ON artifacts
WHEN NOT EXISTS (SELECT 1 FROM collected WHERE digest = OLD.digest)
BEGIN SELECT raise(ABORT, 'an artifact is deleted by the collector only'); END;
"""
