"""The one place that builds the real parts of a session: endpoints, transports, clock, chance."""

from __future__ import annotations

import asyncio
import secrets
import sys
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from opforge_cli.clock import now_epoch_ms
from opforge_cli.configuration import Configuration
from opforge_cli.output import Output
from opforge_cli.progress import Progress
from opforge_cli.rendering import printable
from opforge_ir.canonical import JsonValue
from opforge_ir.document import Document
from opforge_ir.events import RunConfiguration
from opforge_ir.ids import RunId
from opforge_runtime import (
    Engine,
    LiveIo,
    NetworkEndpoint,
    RunOutcome,
    Store,
    build_run_id,
    get_document,
    get_provenance,
    open_live_io,
)

__all__ = ["Session", "print_log"]

_DEV_CHAIN_ID = 31337


@dataclass(frozen=True, slots=True)
class Session:
    """What a run is driven with."""

    out: Output
    configuration: Configuration
    store: Store
    progress: Progress
    is_dev: bool
    """Whether networks of chain id 31337 are a development chain that the session starts."""
    is_attended: bool = True
    """Whether a run that waits is waited for; otherwise the session ends where it waits."""

    def start(
        self,
        document: bytes,
        parsed: Document,
        op: str,
        inputs: Mapping[str, JsonValue],
        folder: Path,
        skip: Sequence[str],
    ) -> RunOutcome:
        """Run an op from its beginning; the program stands in `folder`. `skip` are tags of effects."""
        run = build_run_id(parsed.workload.id, now_epoch_ms(), secrets.randbelow)
        return self._drive(
            parsed,
            lambda effect_io: self._build_engine(effect_io).start(
                run,
                document,
                op,
                inputs,
                configuration=self._build_configuration(skip),
                provenance=get_provenance(folder),
            ),
        )

    def submit(
        self,
        document: bytes,
        parsed: Document,
        op: str,
        inputs: Mapping[str, JsonValue],
        folder: Path,
        skip: Sequence[str],
    ) -> RunId:
        """Record a run for a worker or a later `forge resume` to drive; returns its id."""
        run = build_run_id(parsed.workload.id, now_epoch_ms(), secrets.randbelow)

        async def submit() -> None:
            async with open_live_io({}, log=print_log) as effect_io:
                await self._build_engine(effect_io).submit(
                    run,
                    document,
                    op,
                    inputs,
                    configuration=self._build_configuration(skip),
                    provenance=get_provenance(folder),
                )

        asyncio.run(submit())
        return run

    def resume(self, run: RunId) -> RunOutcome:
        """Go on with a run under the program that it began with."""
        return self._drive(
            get_document(self.store, run), lambda effect_io: self._build_engine(effect_io).resume(run)
        )

    def _build_engine(self, effect_io: LiveIo) -> Engine:
        return Engine(
            self.store,
            effect_io,
            clock=now_epoch_ms,
            observer=self.progress,
            durability=self.configuration.run.durability,
            longest_attended_ms=None if self.is_attended else 0,
            max_memory_mib=self.configuration.run.max_memory_mib,
        )

    def _build_configuration(self, skip: Sequence[str]) -> RunConfiguration:
        chosen = self.configuration.run
        return RunConfiguration(
            format=2,
            batch_size=chosen.batch_size,
            profile=chosen.profile,
            skip=list(skip),
            max_steps=chosen.max_steps,
            max_events=chosen.max_events,
            max_fact_bytes=chosen.max_fact_bytes,
        )

    def _drive(
        self, document: Document, drive: Callable[[LiveIo], Coroutine[None, None, RunOutcome]]
    ) -> RunOutcome:
        with self._endpoints(document) as networks:

            async def session() -> RunOutcome:
                async with open_live_io(
                    networks,
                    log=print_log,
                    resolve=self.configuration.resolve,
                    max_batch=self.configuration.run.batch_size,
                ) as effect_io:
                    refreshing = asyncio.create_task(self.progress.refresh())
                    try:
                        return await drive(effect_io)
                    finally:
                        refreshing.cancel()

            return asyncio.run(session())

    @contextmanager
    def _endpoints(self, document: Document) -> Generator[dict[str, NetworkEndpoint]]:
        networks = {
            name: NetworkEndpoint(chain_id, self.configuration.endpoints[name])
            for name, chain_id in document.networks.items()
            if name in self.configuration.endpoints
        }
        local = {name: n for name, n in document.networks.items() if n == _DEV_CHAIN_ID}
        if not self.is_dev or not local:
            yield networks
            return
        from opforge_runtime.devchain import start_devchain

        self.out.note("starting a development chain")
        with start_devchain() as chain:
            self.out.note(f"development chain: {chain.backend}, chain id {chain.chain_id}")
            yield networks | {name: NetworkEndpoint(chain_id, chain.url) for name, chain_id in local.items()}


def print_log(level: str, message: str) -> None:
    """Print a line that a program says, on standard error."""
    print(f"{level}: {printable(message)}", file=sys.stderr)
