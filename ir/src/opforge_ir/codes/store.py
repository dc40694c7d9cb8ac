"""Codes of the stores: E3001 to E3009 runs, E3010 to E3019 the store itself, E3020 on what it holds.

From E3060 on: where a store is, and what is taken out of it and into it.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

__all__ = [
    "E_ARTIFACT_CORRUPT",
    "E_ARTIFACT_KIND",
    "E_ARTIFACT_MISPLACED",
    "E_ARTIFACT_MISSING",
    "E_BUCKET_MISSING",
    "E_EVENT_CORRUPT",
    "E_EXPORT_INVALID",
    "E_FACT_MISMATCH",
    "E_FACT_MISSING",
    "E_HISTORY_BROKEN",
    "E_LEASE_LOST",
    "E_REPLAY_DIFFERS",
    "E_RUN_DIFFERS",
    "E_RUN_EXISTS",
    "E_RUN_FINISHED",
    "E_RUN_LEASED",
    "E_RUN_UNKNOWN",
    "E_STALE_HEAD",
    "E_STORE_CANNOT_OPEN",
    "E_STORE_DAMAGED",
    "E_STORE_DENIED",
    "E_STORE_EXTRA",
    "E_STORE_FULL",
    "E_STORE_IO",
    "E_STORE_LOCKED",
    "E_STORE_LOG_DAMAGED",
    "E_STORE_NEWER",
    "E_STORE_NOT_OURS",
    "E_STORE_READ_ONLY",
    "E_STORE_REPLACED",
    "E_STORE_SLOW",
    "E_STORE_UNREACHABLE",
    "E_STORE_URL",
]

# --- runs -----------------------------------------------------------------------------------------

E_STALE_HEAD: Final = Code(
    "E3001",
    "E_STALE_HEAD",
    "store",
    "the run {run} ends at event {actual}, not at {expected}: another process drives it",
    "let the other process finish, then look at the run with `forge runs show {run}`",
)
E_RUN_EXISTS: Final = Code(
    "E3002",
    "E_RUN_EXISTS",
    "store",
    "there is a run {run} already",
    "start the run under another id, or continue this one with `forge resume {run}`",
)
E_RUN_UNKNOWN: Final = Code(
    "E3003",
    "E_RUN_UNKNOWN",
    "store",
    "there is no run {run} in this store",
    "see which runs there are with `forge runs list`, and which store is used with --store",
)
E_RUN_FINISHED: Final = Code(
    "E3004",
    "E_RUN_FINISHED",
    "store",
    "the run {run} is over: {outcome}",
    "there is nothing to resume; see what it did with `forge runs show {run}`, or start a new run",
)

E_RUN_LEASED: Final = Code(
    "E3005",
    "E_RUN_LEASED",
    "store",
    "the run {run} is being driven by {owner}, for {left_ms} ms more unless it renews its lease",
    "let it go on, or stop that process and wait until its lease is over; then `forge resume {run}`",
)
E_LEASE_LOST: Final = Code(
    "E3006",
    "E_LEASE_LOST",
    "store",
    "{owner} does not drive the run {run} any more: its lease was over and another process took it",
    "nothing was recorded twice; see how the run stands with `forge runs show {run}`",
)

# --- the store itself -----------------------------------------------------------------------------

E_STORE_CANNOT_OPEN: Final = Code(
    "E3010",
    "E_STORE_CANNOT_OPEN",
    "store",
    "the store {store} cannot be opened",
    "check that its folder exists and that you may read and write there",
)
E_STORE_LOCKED: Final = Code(
    "E3011",
    "E_STORE_LOCKED",
    "store",
    "the store {store} was locked by another process for {waited_ms} ms",
    "wait until the other process is done; nothing was lost, and the run can be resumed",
)
E_STORE_READ_ONLY: Final = Code(
    "E3012",
    "E_STORE_READ_ONLY",
    "store",
    "the store {store} cannot be written to",
    "check the permissions of the file and its folder, then resume the run",
)
E_STORE_NOT_OURS: Final = Code(
    "E3013",
    "E_STORE_NOT_OURS",
    "store",
    "{store} is not a store of runs: {problem}",
    "name another file; this one was left as it is",
)
E_STORE_NEWER: Final = Code(
    "E3014",
    "E_STORE_NEWER",
    "store",
    "the store {store} has version {version}, and this program knows versions up to {known}",
    "use the newer opforge that wrote it",
)
E_STORE_FULL: Final = Code(
    "E3015",
    "E_STORE_FULL",
    "store",
    "there is no space left for the store {store}",
    "make space, then resume the run; what was recorded is kept",
)
E_STORE_IO: Final = Code(
    "E3016",
    "E_STORE_IO",
    "store",
    "reading or writing the store {store} failed ({problem})",
    "check the disk; when it is well again, resume the run",
)
E_STORE_DAMAGED: Final = Code(
    "E3017",
    "E_STORE_DAMAGED",
    "store",
    "the file of the store {store} is damaged",
    "make a copy of the file before anything else, and take the store from a backup",
)

E_STORE_REPLACED: Final = Code(
    "E3018",
    "E_STORE_REPLACED",
    "store",
    "the file of the store {store}, or the log beside it, was removed or replaced while it was in use",
    "leave `{store}`, `{store}-wal` and `{store}-shm` to opforge; see what is there: `forge verify --all`",
)
E_STORE_LOG_DAMAGED: Final = Code(
    "E3019",
    "E_STORE_LOG_DAMAGED",
    "store",
    "the log {store}-wal is damaged at byte {position}, and what was recorded after that cannot be read",
    "make a copy of `{store}` and `{store}-wal` before anything else, and take the store from a backup",
)

# --- what it holds --------------------------------------------------------------------------------

E_ARTIFACT_MISSING: Final = Code(
    "E3020",
    "E_ARTIFACT_MISSING",
    "store",
    "the artifact {digest} is not in the store",
    "take it from a backup or another copy of the store; its name says what its bytes must be",
)
E_ARTIFACT_CORRUPT: Final = Code(
    "E3021",
    "E_ARTIFACT_CORRUPT",
    "store",
    "the artifact {digest} was changed after it was stored: its bytes have the digest {actual}",
    "take it from a backup or another copy of the store; do not trust the run until it replays",
)
E_ARTIFACT_KIND: Final = Code(
    "E3022",
    "E_ARTIFACT_KIND",
    "store",
    "the artifact {digest} is not a well-formed {expected}",
    "the event that names it was not written by opforge; do not trust the run",
)
E_EVENT_CORRUPT: Final = Code(
    "E3023",
    "E_EVENT_CORRUPT",
    "store",
    "the event {seq} of the run {run} was changed after it was stored: {problem}",
    "take the store from a backup; do not trust the run from this event on",
)
E_HISTORY_BROKEN: Final = Code(
    "E3024",
    "E_HISTORY_BROKEN",
    "store",
    "the event {seq} of the run {run} cannot stand there: {rule}",
    "the history was not written by opforge as it is; do not trust the run from this event on",
)
E_FACT_MISMATCH: Final = Code(
    "E3030",
    "E_FACT_MISMATCH",
    "store",
    "{state} [{instance}] asks {asked}, and the recorded fact answers {recorded}",
    "run the program that recorded the fact; if it is the same one, report this with the run",
)
E_FACT_MISSING: Final = Code(
    "E3031",
    "E_FACT_MISSING",
    "store",
    "the history of the run {run} holds no answer to attempt {attempt} of {state} [{instance}]",
    "the history was cut, or another program wrote it; `forge resume` goes on with a run that is not over",
)
E_REPLAY_DIFFERS: Final = Code(
    "E3032",
    "E_REPLAY_DIFFERS",
    "store",
    "the replay of {run} differs at event {seq}: recorded {recorded}, derived {derived}",
    "use the version of opforge that recorded the run; if it is this one, the history was changed",
)

# --- where it is, and what leaves it --------------------------------------------------------------

E_STORE_URL: Final = Code(
    "E3060",
    "E_STORE_URL",
    "store",
    "the address of a store cannot be used: {problem}",
    "write one of {known}",
)
E_STORE_EXTRA: Final = Code(
    "E3061",
    "E_STORE_EXTRA",
    "store",
    "a store at {scheme}: needs a library that is not installed",
    "install it with `pip install 'opforge[{extra}]'`",
)
E_STORE_DENIED: Final = Code(
    "E3062",
    "E_STORE_DENIED",
    "store",
    "the store {store} refuses access ({problem})",
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY to a key that may read, write and list there",
)
E_BUCKET_MISSING: Final = Code(
    "E3063",
    "E_BUCKET_MISSING",
    "store",
    "there is no bucket for the store {store}",
    "check its name and endpoint, or make the bucket; opforge makes none",
)
E_STORE_UNREACHABLE: Final = Code(
    "E3064",
    "E_STORE_UNREACHABLE",
    "store",
    "the store {store} cannot be reached",
    "check its address and the network; nothing was lost, and the run can be resumed",
)
E_STORE_SLOW: Final = Code(
    "E3065",
    "E_STORE_SLOW",
    "store",
    "the store {store} did not answer in time",
    "look after the server; nothing was lost, and the run can be resumed",
)
E_ARTIFACT_MISPLACED: Final = Code(
    "E3066",
    "E_ARTIFACT_MISPLACED",
    "store",
    "the artifact {digest} in {store} is not an ordinary file in a folder of the store",
    "somebody put a link or something else in its place; put the file itself there",
)
E_EXPORT_INVALID: Final = Code(
    "E3067",
    "E_EXPORT_INVALID",
    "store",
    "line {line} of {file} is not what an export of runs has there: {problem}",
    "nothing was stored; make the file again with `forge runs export`",
)
E_RUN_DIFFERS: Final = Code(
    "E3068",
    "E_RUN_DIFFERS",
    "store",
    "this store has a run {run} already, and its event {seq} is another one",
    "nothing was stored; import into another store with `--store`, and compare with `forge runs diff`",
)
