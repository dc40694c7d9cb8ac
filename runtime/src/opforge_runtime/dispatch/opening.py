"""The one place that chooses what hands out the runs of a store: Procrastinate, where that is PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.util import find_spec

from opforge_ir.codes.server import E_QUEUE_LOST, E_WORKER_EXTRA, E_WORKER_STORE
from opforge_runtime.dispatch.port import Dispatcher, QueueLostError, WorkSource
from opforge_runtime.stores.opening import describe_store
from opforge_runtime.stores.protocol import Store
from opforge_runtime.stores.split import SplitStore

__all__ = ["check_is_shared", "get_work_source", "open_dispatcher"]


def check_is_shared(url: str) -> None:
    """Whether workers can share the store at an address.

    Raises DiagnosticError: E_WORKER_STORE, and E_WORKER_EXTRA when a library is missing.
    """
    if not url.startswith(("postgresql:", "postgres:")):
        raise E_WORKER_STORE.error(store=describe_store(url))
    if find_spec("procrastinate") is None:
        raise E_WORKER_EXTRA.error(library="procrastinate")


@asynccontextmanager
async def open_dispatcher(url: str) -> AsyncGenerator[Dispatcher]:
    """What hands out the runs of the store at an address that workers can share.

    Raises DiagnosticError (E_QUEUE_LOST) when it cannot be reached.
    """
    from opforge_runtime.dispatch.procrastinate_queue import open_queue

    try:
        async with open_queue(url) as queue:
            yield queue
    except QueueLostError as error:
        raise E_QUEUE_LOST.error(problem=str(error)) from error


def get_work_source(store: Store) -> WorkSource:
    """The part of a store that workers share which knows what there is to do."""
    from opforge_runtime.stores.postgres import PostgresStore

    events = store.events if isinstance(store, SplitStore) else store
    if not isinstance(events, PostgresStore):
        raise TypeError("only a store in PostgreSQL wakes its workers")
    return events
