"""The command `worker`: drives the runs of a store that many machines share."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated, Final, Self

import typer

from opforge_cli.execution import ConfigPath, JsonFlag, StoreUrl

if TYPE_CHECKING:
    import asyncio
    from collections import Counter

    from opforge_cli.configuration import Configuration
    from opforge_cli.output import Output
    from opforge_ir.diagnostics import Diagnostic
    from opforge_ir.ids import RunId
    from opforge_runtime import Engine, RunOutcome, Store

__all__ = ["register"]

_ATTENDED_MS: Final = 1_000
"""A run that waits for longer is given back, and taken up when it is due."""
_MOST_DOCUMENTS: Final = 64
"""Of how many documents it is remembered which networks they need."""


def register(app: typer.Typer) -> None:
    """Add this command to the program."""
    app.command()(worker)


def worker(
    *,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=1_000, help="How many runs are driven side by side.")
    ] = 8,
    lease_seconds: Annotated[
        float,
        typer.Option(
            "--lease",
            min=1.0,
            max=3_600.0,
            metavar="SECONDS",
            help="How long a run stays with a worker that is not heard of any more.",
        ),
    ] = 15.0,
    is_once: Annotated[
        bool, typer.Option("--once", help="Drive what there is to drive now, and end.")
    ] = False,
    store: StoreUrl = None,
    config: ConfigPath = None,
    is_json: JsonFlag = False,
) -> None:
    """Drive queued, due and abandoned runs of a store in PostgreSQL, until it is told to stop (SIGTERM)."""
    import asyncio
    from pathlib import Path

    from opforge_cli.opening import configure, open_store
    from opforge_cli.output import Output
    from opforge_ir.canonical import JsonValue
    from opforge_runtime import check_is_shared

    out = Output("worker", is_json=is_json)
    configuration = configure(config, Path.cwd())
    url = store if store is not None else configuration.store
    check_is_shared(url)
    with open_store(configuration, store, is_created=True) as opened:
        engines = _Engines(configuration, opened, round(lease_seconds * 1_000))
        outcomes = asyncio.run(_work(out, engines, url, opened, concurrency, is_once=is_once))
    counted = sorted(outcomes.items())
    out.text(", ".join(f"{count} {outcome}" for outcome, count in counted) or "nothing to drive")
    sessions: list[JsonValue] = [{"outcome": outcome, "count": count} for outcome, count in counted]
    out.finish({"sessions": sessions})


async def _work(
    out: Output, engines: _Engines, url: str, store: Store, concurrency: int, *, is_once: bool
) -> Counter[str]:
    """Drive runs until there are none, or until a signal comes; how the sessions ended."""
    import asyncio
    import signal

    from opforge_runtime import Worker, build_owner, get_work_source, open_dispatcher

    stop = asyncio.Event()
    async with engines, open_dispatcher(url) as dispatcher:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _leave, out, engines, stop)
        working = Worker(
            get_work_source(store),
            dispatcher,
            engines.resume,
            concurrency=concurrency,
            report=lambda run, found: _report(out, run, found),
        )
        out.note(f"{build_owner()} drives up to {concurrency} runs")
        await (working.run_once(stop) if is_once else working.run(stop))
        return working.outcomes


def _leave(out: Output, engines: _Engines, stop: asyncio.Event) -> None:
    out.note("leaving; the runs under way are given back at their next step")
    engines.leave()
    stop.set()


def _report(out: Output, run: RunId | None, found: RunOutcome | Diagnostic) -> None:
    from opforge_cli.rendering import printable
    from opforge_runtime import RunOutcome

    if isinstance(found, RunOutcome):
        out.note(f"{found.run}: {found.outcome}")
    else:
        subject = "" if run is None else f"{run}: "
        out.note(printable(f"{subject}{found.code.number} {found.code.name}: {found.message}"))


class _Engines:
    """One engine for each set of networks that documents name; they share the store. A context manager."""

    def __init__(self, configuration: Configuration, store: Store, lease_ms: int) -> None:
        self._configuration = configuration
        self._store = store
        self._lease_ms = lease_ms
        self._stack = AsyncExitStack()
        self._networks: dict[str, frozenset[tuple[str, int]]] = {}
        """By digest of the document."""
        self._engines: dict[frozenset[tuple[str, int]], Engine] = {}
        self._is_leaving = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def resume(self, run: RunId) -> RunOutcome:
        """Go on with a run. Raises DiagnosticError as `Engine.resume` does."""
        networks = self._find_networks(run)
        engine = self._engines.get(networks)
        if engine is None:
            engine = await self._build(networks)
        return await engine.resume(run)

    def leave(self) -> None:
        """Have all runs given back."""
        self._is_leaving = True
        for engine in self._engines.values():
            engine.leave()

    def _find_networks(self, run: RunId) -> frozenset[tuple[str, int]]:
        from opforge_runtime import get_document, get_record

        digest = get_record(self._store, run).opening.ir
        networks = self._networks.get(digest)
        if networks is None:
            networks = frozenset(get_document(self._store, run).networks.items())
            if len(self._networks) == _MOST_DOCUMENTS:
                self._networks.clear()
            self._networks[digest] = networks
        return networks

    async def _build(self, networks: frozenset[tuple[str, int]]) -> Engine:
        from opforge_cli.clock import now_epoch_ms
        from opforge_cli.session import print_log
        from opforge_runtime import Engine, NetworkEndpoint, open_live_io

        chosen = self._configuration
        endpoints = {
            name: NetworkEndpoint(chain_id, chosen.endpoints[name])
            for name, chain_id in networks
            if name in chosen.endpoints
        }
        effect_io = await self._stack.enter_async_context(
            open_live_io(endpoints, log=print_log, resolve=chosen.resolve, max_batch=chosen.run.batch_size)
        )
        engine = Engine(
            self._store,
            effect_io,
            clock=now_epoch_ms,
            durability=chosen.run.durability,
            is_shared=True,
            longest_attended_ms=_ATTENDED_MS,
            # A child is queued; the store's notice has it handed out.
            dispatch=lambda _: None,
            lease_ms=self._lease_ms,
            max_memory_mib=chosen.run.max_memory_mib,
        )
        if self._is_leaving:
            engine.leave()
        return self._engines.setdefault(networks, engine)
