"""The power fails at any moment: what had been acknowledged is there, and what is there is whole.

A process appends to a store while `strace` writes down what it asks of the kernel. From that, disks are put
together as a loss of power may leave them: of what was written to a file, all up to its last flush, and of
the sectors written since then any, in any order. Where `strace` is not installed, or may not look, the test
is skipped.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from house.pins import ROOT
from house.store_samples import RUN, build_event
from opforge_ir.digest import Digest
from opforge_runtime.stores import SqliteStore

SECTOR_BYTES = 512
"""What a disk writes whole or not at all."""

APPENDER = """
import os, sys
from pathlib import Path
from house.store_samples import begin, build_artifact, follow
from house.store_suite import append_one
from opforge_runtime.stores import SqliteStore

store = SqliteStore(Path(sys.argv[1]))
store._file.connection.execute("PRAGMA wal_autocheckpoint = 12")
for head in range(60):
    large = [] if head % 5 else [build_artifact(f"{head}" * 2000)]
    append_one(store, follow(head, text="x" * 100 * (head % 7), artifacts=large) if head else begin())
    os.write(1, f"{head + 1}\\n".encode())
os._exit(0)
"""


@dataclass(slots=True)
class Disk:
    """The files of one folder: what is safe, and what was written since the last flush."""

    safe: dict[str, bytearray] = field(default_factory=dict[str, bytearray])
    pending: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict[str, list[tuple[int, bytes]]])
    acknowledged: int = 0
    """The head that the process was told of last."""

    def write(self, name: str, position: int, content: bytes) -> None:
        first = position - position % SECTOR_BYTES
        for start in range(first, position + len(content), SECTOR_BYTES):
            begin = max(start, position)
            piece = content[begin - position : start + SECTOR_BYTES - position]
            self.pending.setdefault(name, []).append((begin, piece))

    def flush(self, name: str) -> None:
        file = self.safe.setdefault(name, bytearray())
        for position, content in self.pending.pop(name, []):
            put(file, position, content)

    def lose_power(self, chance: random.Random) -> dict[str, bytes]:
        """The files as they are found afterwards."""
        found: dict[str, bytes] = {}
        for name in self.safe.keys() | self.pending.keys():
            file = bytearray(self.safe.get(name, b""))
            likelihood = chance.choice([0.0, 0.5, 0.9, 1.0])
            for position, content in self.pending.get(name, []):
                if chance.random() < likelihood:
                    put(file, position, content)
            found[name] = bytes(file)
        return found


def put(file: bytearray, position: int, content: bytes) -> None:
    file.extend(bytes(max(0, position + len(content) - len(file))))
    file[position : position + len(content)] = content


def trace(folder: Path) -> list[str]:
    """What the process asked of the kernel, call by call."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    output = folder / "trace"
    calls = "trace=pwrite64,fdatasync,fsync,ftruncate,unlink,write"
    command = [strace, "-y", "-xx", "-s", "100000", "-e", calls, "-o", str(output)]
    done = subprocess.run(
        [*command, sys.executable, "-c", APPENDER, str(folder / "runs.db")],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    said = done.stderr.decode(errors="replace")
    if done.returncode != 0 and "ptrace" in said:
        pytest.skip(f"strace may not look: {said[:200]}")
    assert done.returncode == 0, said
    return output.read_text(encoding="ascii").splitlines()


CALL = re.compile(
    r"(?P<name>\w+)\((?P<fd>\d+)<(?P<path>[^>]*)>"
    r"(?:, \"(?P<content>[^\"]*)\", \d+)?(?:, (?P<number>\d+))?\) = "
)


def play(lines: list[str], disk: Disk) -> Iterator[None]:
    """Do to a disk what the process did, and stop after every call."""
    for line in lines:
        call = CALL.match(line)
        if call is None:
            continue
        name = Path(decode(call["path"]).decode()).name
        content = decode(call["content"] or "")
        match call["name"]:
            case "write" if call["fd"] == "1":
                disk.acknowledged = int(content)
            case "pwrite64":
                disk.write(name, int(call["number"]), content)
            case "ftruncate":
                del disk.safe.setdefault(name, bytearray())[int(call["number"]) :]
            case "fsync" | "fdatasync":
                disk.flush(name)
            case _:
                continue
        yield


def decode(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", "")) if text.startswith("\\x") else text.encode()


def test_what_was_acknowledged_survives_the_loss_of_power(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    lines = trace(tmp_path / "live")
    chance = random.Random(7)
    disk = Disk()
    cuts = 0
    for _ in play(lines, disk):
        if chance.random() < 0.4:
            cuts += 1
            check(disk.lose_power(chance), disk.acknowledged, tmp_path / "found")
    assert cuts > 50
    assert disk.acknowledged == 60


def check(files: dict[str, bytes], acknowledged: int, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("runs.db", "runs.db-wal"):
        if name in files:
            (folder / name).write_bytes(files[name])
    with SqliteStore(folder / "runs.db") as store:
        head = store.get_head(RUN)
        assert head >= acknowledged
        assert [event.sealed.seq for event in store.read_events(RUN)] == list(range(1, head + 1))
        for digest in store.list_artifacts():
            store.get_artifact(Digest(digest))
        if head:
            assert store.read_events(RUN)[0].sealed == build_event(1)
