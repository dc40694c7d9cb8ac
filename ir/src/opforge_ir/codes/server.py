"""Codes of what runs on a server: E3050 to E3059 stores in PostgreSQL, E3070 to E3079 workers."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

__all__ = [
    "E_QUEUE_LOST",
    "E_STORE_ACCESS_DENIED",
    "E_STORE_CONNECTION_LOST",
    "E_WORKER_EXTRA",
    "E_WORKER_STORE",
]

# --- stores in PostgreSQL -------------------------------------------------------------------------

E_STORE_ACCESS_DENIED: Final = Code(
    "E3050",
    "E_STORE_ACCESS_DENIED",
    "store",
    "the server of the store {store} does not let this user in ({problem})",
    "check user, password and database in the store's address, and what the user may do there",
)
E_STORE_CONNECTION_LOST: Final = Code(
    "E3051",
    "E_STORE_CONNECTION_LOST",
    "store",
    "the connection to the store {store} was lost, and none was to be had for {waited_ms} ms",
    "what was recorded is kept; when the server answers again, see how the runs stand with `forge runs list`",
)

# --- workers --------------------------------------------------------------------------------------

E_WORKER_STORE: Final = Code(
    "E3070",
    "E_WORKER_STORE",
    "store",
    "workers cannot share the store {store}: it is not in PostgreSQL",
    "use `forge worker --store postgresql://USER@HOST:PORT/DATABASE`; drive these with `forge resume`",
)
E_WORKER_EXTRA: Final = Code(
    "E3071",
    "E_WORKER_EXTRA",
    "store",
    "a worker needs the library {library}, which is not installed",
    "install it with `pip install 'opforge[worker]'`",
)
E_QUEUE_LOST: Final = Code(
    "E3072",
    "E_QUEUE_LOST",
    "store",
    "the queue of the workers cannot be used ({problem})",
    "look after the server of the store; nothing is lost, and a worker that runs tries again by itself",
)
