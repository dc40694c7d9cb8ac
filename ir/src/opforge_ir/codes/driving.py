"""Codes of driving a run: E2034 to E2049, what becomes of attempts and sessions whatever the program is."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

__all__ = [
    "E_ATTEMPT_ORPHANED",
    "E_ATTEMPT_TIMEOUT",
    "E_EVENT_BUDGET",
    "E_FACT_TOO_LARGE",
    "E_MEMORY_BUDGET",
    "E_RESOLVED_FAILED",
    "E_RUN_CANCELLED",
]

E_ATTEMPT_ORPHANED: Final = Code(
    "E2034",
    "E_ATTEMPT_ORPHANED",
    "execution",
    "the attempt was begun in session {session}, which ended before its outcome was recorded",
    "there is nothing to do: the attempt that follows takes its place",
)
E_RUN_CANCELLED: Final = Code(
    "E2035",
    "E_RUN_CANCELLED",
    "execution",
    "the run was cancelled: {reason}",
    "there is nothing to do; start a new run when the work is to be done after all",
)
E_RESOLVED_FAILED: Final = Code(
    "E2036",
    "E_RESOLVED_FAILED",
    "execution",
    "the attempt was found to have failed: {reason}",
    "a person decided so with `forge resolve`; look at the other side for why it failed",
)
E_EVENT_BUDGET: Final = Code(
    "E2037",
    "E_EVENT_BUDGET",
    "execution",
    "the run has written more than {limit} events, as many as it may",
    "raise `max_events` in forge.toml if so many are right, or let the program do its work in child runs",
)
E_FACT_TOO_LARGE: Final = Code(
    "E2038",
    "E_FACT_TOO_LARGE",
    "execution",
    "the answer to {verb} takes {bytes} bytes; the limit is {limit}",
    "raise `max_fact_bytes` in forge.toml if so large an answer is right, or ask for less",
)
E_ATTEMPT_TIMEOUT: Final = Code(
    "E2039",
    "E_ATTEMPT_TIMEOUT",
    "execution",
    "{verb} had no answer within {timeout_ms} ms",
    "raise `attempt_timeout` in the op's policy, or look at why the other side is slow",
)
E_MEMORY_BUDGET: Final = Code(
    "E2040",
    "E_MEMORY_BUDGET",
    "execution",
    "the process held more than {limit_mib} MiB of memory, as much as it may; nothing was recorded of that",
    "raise `max_memory_mib` in forge.toml and resume the run, or let the program hold less at once",
)
