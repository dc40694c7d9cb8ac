"""The tables of a SQLite store, and how a file is known to be one.

`application_id` marks the file as ours, `user_version` counts the schema's versions. The file itself
refuses what a history must not suffer: its triggers abort every UPDATE and DELETE, every event that
does not follow its run's last one, and every second artifact of one digest (REPLACE included, which
fires no trigger for what it removes).
"""

from __future__ import annotations

from typing import Final

__all__ = ["APPLICATION_ID", "MIGRATIONS", "SCHEMA_VERSION"]

APPLICATION_ID: Final = 0x6F70_6667
"""The letters `opfg`."""

_VERSION_1: Final = """
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

MIGRATIONS: Final[tuple[str, ...]] = (_VERSION_1,)
"""Statement n leads from version n to version n + 1; none is ever changed."""

SCHEMA_VERSION: Final = len(MIGRATIONS)
