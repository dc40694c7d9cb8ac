"""The tables of a PostgreSQL store, and how its schema is brought to the present version.

The database itself refuses what a history must not suffer: its triggers abort every UPDATE, DELETE and
TRUNCATE of segments and messages, a segment that does not follow its run's last one, a lease token or a head
that goes back, and every change of an artifact. Only who names an artifact in `opforge.collected` may delete
it. Who owns the tables can take the triggers away; give drivers another role where that matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, LiteralString

from psycopg import sql

from opforge_ir.codes.store import E_STORE_NEWER, E_STORE_NOT_OURS

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

__all__ = ["MIGRATIONS", "SCHEMA_VERSION", "migrate"]

_VERSION_1: Final = """
CREATE TABLE opforge_schema (version integer NOT NULL);
INSERT INTO opforge_schema VALUES (0);

CREATE TABLE opforge_runs (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run text COLLATE "C" NOT NULL UNIQUE,
  workload text NOT NULL,
  version text NOT NULL,
  op text NOT NULL,
  ir text NOT NULL CHECK (length(ir) = 64),
  parent text COLLATE "C",
  head bigint NOT NULL CHECK (head >= 1),
  started_at_epoch_ms bigint NOT NULL,
  last_event_at_epoch_ms bigint NOT NULL,
  status text NOT NULL CHECK (status IN (
    'queued', 'running', 'sleeping', 'waiting', 'needs_resolution', 'completed', 'failed', 'cancelled')),
  due_at_epoch_ms bigint,
  messages_read bigint NOT NULL CHECK (messages_read >= 0),
  last_message bigint NOT NULL DEFAULT 0,
  token bigint NOT NULL CHECK (token >= 1),
  acquisition uuid,
  owner text,
  lease_duration_ms bigint,
  lease_expires_at_epoch_ms bigint,
  CHECK ((owner IS NULL) = (lease_duration_ms IS NULL)),
  CHECK ((owner IS NULL) = (lease_expires_at_epoch_ms IS NULL))
) WITH (fillfactor = 70);
COMMENT ON COLUMN opforge_runs.token IS 'the greatest that was given out';
COMMENT ON COLUMN opforge_runs.acquisition IS 'names the last one, so that who lost its answer finds it';
CREATE INDEX opforge_runs_by_start ON opforge_runs (started_at_epoch_ms, run);
CREATE INDEX opforge_runs_by_parent ON opforge_runs (parent) WHERE parent IS NOT NULL;
CREATE INDEX opforge_runs_open ON opforge_runs (status)
  WHERE status IN ('queued', 'running', 'sleeping', 'waiting');

CREATE TABLE opforge_segments (
  run_number bigint NOT NULL REFERENCES opforge_runs,
  first_seq bigint NOT NULL CHECK (first_seq >= 1),
  last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
  last_digest text NOT NULL CHECK (length(last_digest) = 64),
  token bigint NOT NULL,
  recorded_at_epoch_ms bigint NOT NULL,
  content bytea NOT NULL,
  PRIMARY KEY (run_number, first_seq)
);

CREATE TABLE opforge_messages (
  run_number bigint NOT NULL REFERENCES opforge_runs,
  position bigint NOT NULL CHECK (position >= 1),
  id text NOT NULL,
  kind text NOT NULL,
  name text NOT NULL,
  content bytea NOT NULL,
  posted_at_epoch_ms bigint NOT NULL,
  PRIMARY KEY (run_number, position),
  UNIQUE (run_number, id)
);

CREATE TABLE opforge_artifacts (
  digest text COLLATE "C" PRIMARY KEY CHECK (length(digest) = 64),
  content bytea NOT NULL
);

CREATE FUNCTION opforge_now() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint
$$;
COMMENT ON FUNCTION opforge_now() IS 'the clock of leases and messages, which all drivers share';

CREATE FUNCTION opforge_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE FUNCTION opforge_follow() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.first_seq <> 1 + coalesce((
    SELECT last_seq FROM opforge_segments WHERE run_number = NEW.run_number ORDER BY first_seq DESC LIMIT 1
  ), 0) THEN
    RAISE EXCEPTION 'a segment follows the last one of its run'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE FUNCTION opforge_collect() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('opforge.collected', true) IS DISTINCT FROM OLD.digest THEN
    RAISE EXCEPTION 'an artifact is deleted by the collector only'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER runs_go_forward BEFORE UPDATE ON opforge_runs FOR EACH ROW
  WHEN (NEW.token < OLD.token OR NEW.head < OLD.head OR NEW.last_message < OLD.last_message
    OR NEW.number <> OLD.number OR NEW.run <> OLD.run)
  EXECUTE FUNCTION opforge_refuse('a run goes forward');
CREATE TRIGGER segments_follow BEFORE INSERT ON opforge_segments FOR EACH ROW
  EXECUTE FUNCTION opforge_follow();
CREATE TRIGGER segments_stay BEFORE UPDATE OR DELETE ON opforge_segments FOR EACH ROW
  EXECUTE FUNCTION opforge_refuse('a segment is neither changed nor deleted');
CREATE TRIGGER segments_all_stay BEFORE TRUNCATE ON opforge_segments
  EXECUTE FUNCTION opforge_refuse('segments are not deleted');
CREATE TRIGGER messages_stay BEFORE UPDATE OR DELETE ON opforge_messages FOR EACH ROW
  EXECUTE FUNCTION opforge_refuse('a message is neither changed nor deleted');
CREATE TRIGGER messages_all_stay BEFORE TRUNCATE ON opforge_messages
  EXECUTE FUNCTION opforge_refuse('messages are not deleted');
CREATE TRIGGER artifacts_are_not_changed BEFORE UPDATE ON opforge_artifacts FOR EACH ROW
  EXECUTE FUNCTION opforge_refuse('an artifact is not changed');
CREATE TRIGGER artifacts_are_collected BEFORE DELETE ON opforge_artifacts FOR EACH ROW
  EXECUTE FUNCTION opforge_collect();
CREATE TRIGGER artifacts_all_stay BEFORE TRUNCATE ON opforge_artifacts
  EXECUTE FUNCTION opforge_refuse('artifacts are deleted one by one');
"""

MIGRATIONS: Final[tuple[LiteralString, ...]] = (_VERSION_1,)
"""Script n leads from version n to version n + 1; none is ever changed."""

SCHEMA_VERSION: Final = len(MIGRATIONS)

_LOCK_CLASS: Final = 0x6F70_6667
"""The letters `opfg`: the first half of the key of the advisory lock; the second is the schema's name."""

_FIND_TABLES: Final = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s"


def migrate(connection: Connection[TupleRow], schema: str, store: str, *, is_created: bool) -> None:
    """Bring the tables to the present version; makes them when `is_created` holds.

    `store` names it in errors. Several programs may do so at once; where nothing is to do, nothing is locked.
    Raises DiagnosticError: E_STORE_NEWER, E_STORE_NOT_OURS.
    """
    version = _get_version(connection, schema)
    if version is None and not is_created:
        raise E_STORE_NOT_OURS.error(store=store, problem="it has no tables of opforge")
    _check_is_known(version, store)
    if version == SCHEMA_VERSION:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK_CLASS, schema))
        # Another program may have been first.
        version = _get_version(connection, schema)
        _check_is_known(version, store)
        if version is None:
            _check_is_free(connection, schema, store)
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
        for migration in MIGRATIONS[version or 0 :]:
            connection.execute(migration)
        connection.execute("UPDATE opforge_schema SET version = %s", (SCHEMA_VERSION,))


def _get_version(connection: Connection[TupleRow], schema: str) -> int | None:
    """The version of the tables; None where there are none."""
    # Not `to_regclass`: after a wait for the advisory lock it still answers from before.
    tables = connection.execute(_FIND_TABLES, (schema,)).fetchall()
    if ("opforge_schema",) not in tables:
        return None
    (version,) = connection.execute("SELECT version FROM opforge_schema").fetchone() or (None,)
    return None if version is None else int(version)


def _check_is_known(version: int | None, store: str) -> None:
    if version is not None and version > SCHEMA_VERSION:
        raise E_STORE_NEWER.error(store=store, version=version, known=SCHEMA_VERSION)


def _check_is_free(connection: Connection[TupleRow], schema: str, store: str) -> None:
    """Whether the schema holds no table, so that none of another program's is mixed with ours."""
    if connection.execute(_FIND_TABLES, (schema,)).fetchall():
        problem = f"another program's tables are in the schema {schema}"
        raise E_STORE_NOT_OURS.error(store=store, problem=problem)
