"""PostgreSQL stores for tests: each in a schema of its own, with a clock that the test sets."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psycopg

from house.postgres_server import PostgresServer
from house.store_samples import Clock
from opforge_runtime.stores.postgres import PostgresStore

__all__ = ["ServerClock", "get_store_url", "open_clocked_store"]


def get_store_url(server: PostgresServer, place: Path) -> str:
    """The URL of a store that is this folder's own."""
    return f"{server.get_url()}&schema=at_{sha256(bytes(place)).hexdigest()[:16]}"


@dataclass(init=False)
class ServerClock(Clock):
    """The clock of the stores of a server, in place of the server's own: setting it writes it there."""

    def __init__(self, server: PostgresServer) -> None:
        self._url = server.get_url()
        with psycopg.connect(self._url) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS set_clock (now_epoch_ms bigint)")
            connection.execute("DELETE FROM set_clock")
            connection.execute("INSERT INTO set_clock VALUES (0)")
        self.now_epoch_ms = Clock().now_epoch_ms

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "now_epoch_ms":
            with psycopg.connect(self._url) as connection:
                connection.execute("UPDATE set_clock SET now_epoch_ms = %s", (value,))


def open_clocked_store(server: PostgresServer, place: Path) -> PostgresStore:
    """The store of a folder, on the clock of the last `ServerClock`."""
    url = get_store_url(server, place)
    store = PostgresStore(url)
    schema = url.partition("schema=")[2]
    with psycopg.connect(server.get_url()) as connection:
        connection.execute("SELECT set_config('search_path', %s, true)", (schema,))
        connection.execute(
            "CREATE OR REPLACE FUNCTION opforge_now() RETURNS bigint LANGUAGE sql VOLATILE"
            " AS 'SELECT now_epoch_ms FROM public.set_clock'"
        )
    return store
