"""Holding a run's lease while it is driven, and knowing who else may hold one."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from opforge_ir.codes.store import E_LEASE_LOST, E_RUN_LEASED
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.ids import RunId
from opforge_runtime.stores.protocol import Lease, LeaseStore

if TYPE_CHECKING:
    from opforge_runtime.journal import Journal

__all__ = ["DEFAULT_LEASE_MS", "LeaseKeeper", "build_owner", "is_gone", "take_lease"]

DEFAULT_LEASE_MS: Final = 15_000
_RENEWALS: Final = 3
"""How often a lease is renewed within its duration."""


class LeaseKeeper:
    """Renews the lease of one run from the event loop, as long as the session lasts."""

    def __init__(
        self, store: LeaseStore, journal: Journal, is_leaving: Callable[[], bool], leased_at: float
    ) -> None:
        """`is_leaving` says whether the lease is to be given back as soon as nothing is under way.

        `leased_at` is the event loop's time before the lease was asked for: whatever happened since counts.
        """
        self.is_leaving = is_leaving
        self._store = store
        self._journal = journal
        self._loop = asyncio.get_running_loop()
        self._valid_until = leased_at + journal.lease.duration_ms / 1000
        self._timer = self._schedule()

    def stop(self) -> None:
        """The session is over."""
        self._timer.cancel()

    async def assure(self) -> None:
        """Make sure, as far as clocks can tell, that nobody else drives the run: before a side effect.

        A process that was stopped for longer than its lease finds out here.
        Raises DiagnosticError (E_LEASE_LOST).
        """
        if self._loop.time() >= self._valid_until:
            self._renew_now()

    def _schedule(self) -> asyncio.TimerHandle:
        return self._loop.call_later(self._journal.lease.duration_ms / 1000 / _RENEWALS, self._renew)

    def _renew(self) -> None:
        try:
            if self._journal.holds_lease:
                self._renew_now()
        except DiagnosticError as error:
            if error.diagnostics[0].code is E_LEASE_LOST:
                return  # the next append is refused, which ends the session
        self._timer = self._schedule()

    def _renew_now(self) -> None:
        asked_at = self._loop.time()
        self._journal.lease = self._store.renew_lease(self._journal.lease)
        self._valid_until = asked_at + self._journal.lease.duration_ms / 1000


def take_lease(store: LeaseStore, run: RunId, owner: str, duration_ms: int) -> Lease:
    """Take a run's lease; one that a process of this machine left when it died is taken over at once.

    Raises DiagnosticError: E_RUN_UNKNOWN, E_RUN_LEASED.
    """
    try:
        return store.acquire_lease(run, owner, duration_ms)
    except DiagnosticError as error:
        problem = error.diagnostics[0]
        holder = str(problem.values.get("owner", ""))
        if problem.code is not E_RUN_LEASED or not is_gone(holder):
            raise
        return store.acquire_lease(run, owner, duration_ms, dead_owner=holder)


def build_owner() -> str:
    """What this process calls itself: host, process id, and what tells it from a later process of that id."""
    return f"{socket.gethostname()}:{os.getpid()}:{_get_birth(os.getpid())}"


def is_gone(owner: str) -> bool:
    """Whether an owner was a process of this machine that has ended; False where that is not known.

    Machines and containers may share a name, and each counts its processes from 1: who was born in another
    place cannot be looked for from here, be it after a restart.
    """
    host, _, rest = owner.rpartition(":")
    host, _, pid = host.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal() or not rest:
        return False
    place = _get_place()
    return bool(place) and rest.partition("-")[2] == place and _get_birth(int(pid)) != rest


def _get_birth(pid: int) -> str:
    """When a process began, in ticks since the boot, and where; empty where the system does not tell."""
    try:
        # The name, in parentheses, may hold anything; after it the fields are separated by spaces (proc(5)).
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return "" if Path("/proc/self/stat").exists() else "unknown"
    # A process that has ended and is not yet collected is gone too.
    return "" if fields[0] == "Z" else f"{fields[19]}-{_get_place()}"


def _get_place() -> str:
    """Which boot of which machine, and which numbering of processes (pid_namespaces(7)); empty if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
        numbering = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        return ""
    return f"{boot}-{''.join(filter(str.isdecimal, numbering))}"
