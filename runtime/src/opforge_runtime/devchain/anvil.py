"""Anvil as a child process: found, started on a free port, and gone when we are gone."""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import orjson

from opforge_ir.codes.transport import E_DEVCHAIN_START
from opforge_runtime.devchain.sample import CHAIN_ID, GENESIS_TIMESTAMP, MNEMONIC, SLOTS_IN_EPOCH

__all__ = ["AnvilProcess", "find_anvil"]

_START_TIMEOUT_SECONDS = 20
_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:([0-9]+)")

# Runs beside Anvil and waits for the end of its input, which comes when we close it or when this
# process ends in whatever way, `kill -9` included. One byte before the end means that all is well.
_GUARD = """
import os, signal, sys
if not sys.stdin.buffer.read():
    os.kill(int(sys.argv[1]), signal.SIGKILL)
"""


def find_anvil(named: str | Path | None = None) -> Path | None:
    """The Anvil to start: `named`, else OPFORGE_ANVIL, else the one on PATH, else None.

    Raises DiagnosticError (E_DEVCHAIN_START) when one is named that is not an executable file.
    """
    wanted = named or os.environ.get("OPFORGE_ANVIL")
    found = shutil.which(wanted or "anvil")
    if found is None and wanted:
        raise E_DEVCHAIN_START.error(backend="anvil", problem=f"{wanted} is not an executable file")
    return None if found is None else Path(found)


class AnvilProcess:
    """A running Anvil, until `close` or the end of this process."""

    def __init__(self, program: Path, balances: Mapping[str, int]) -> None:
        """Start `program` with these balances in wei, and wait until it listens.

        Raises DiagnosticError (E_DEVCHAIN_START) when it does not.
        """
        with tempfile.TemporaryDirectory(prefix="opforge-devchain-") as folder:
            genesis = Path(folder, "genesis.json")
            genesis.write_bytes(orjson.dumps(_build_genesis(balances)))
            # A session of its own: Ctrl-C in the terminal is for us to handle, not for Anvil.
            try:
                self._process = subprocess.Popen(
                    [str(program), *_build_arguments(genesis)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    start_new_session=True,
                )
            except OSError as error:
                problem = f"{program.name} cannot be executed ({error.strerror})"
                raise E_DEVCHAIN_START.error(backend="anvil", problem=problem) from error
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", _GUARD, str(self._process.pid)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            ports: queue.Queue[int | None] = queue.Queue()
            assert self._process.stdout is not None
            self._reader = threading.Thread(
                target=_read_output, args=(self._process.stdout, ports), name="anvil-output", daemon=True
            )
            self._reader.start()
            try:
                port = ports.get(timeout=_START_TIMEOUT_SECONDS)
            except queue.Empty:
                port = None
        if port is None:
            self.close()
            raise E_DEVCHAIN_START.error(backend="anvil", problem="it ended or did not listen in time")
        self.port = port

    def close(self) -> None:
        """End Anvil at once and wait until it is gone; calling it again does nothing."""
        self._process.kill()
        # The guard goes before Anvil is waited for: until then nobody else can have its process id.
        self._guard.communicate(b"\n")
        self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _read_output(output: IO[str], ports: queue.Queue[int | None]) -> None:
    """Hand over the port when Anvil names it, and keep reading, so that its log never fills the pipe."""
    for line in output:
        listening = _LISTENING.search(line)
        if listening is not None:
            ports.put(int(listening[1]))
    ports.put(None)


def _build_arguments(genesis: Path) -> list[str]:
    return [
        *("--host", "127.0.0.1"),
        *("--port", "0"),
        *("--chain-id", str(CHAIN_ID)),
        *("--hardfork", "cancun"),
        *("--mnemonic", MNEMONIC),
        *("--slots-in-an-epoch", str(SLOTS_IN_EPOCH)),
        *("--init", str(genesis)),
    ]


def _build_genesis(balances: Mapping[str, int]) -> dict[str, object]:
    """A genesis file in the format of go-ethereum, with every fork up to Cancun from the start."""
    names = "homestead eip150 eip155 eip158 byzantium constantinople petersburg istanbul berlin london"
    return {
        "config": {
            "chainId": CHAIN_ID,
            **{f"{fork}Block": 0 for fork in names.split()},
            "shanghaiTime": 0,
            "cancunTime": 0,
            "terminalTotalDifficulty": 0,
        },
        "timestamp": hex(GENESIS_TIMESTAMP),
        "gasLimit": hex(30_000_000),
        "difficulty": "0x0",
        "baseFeePerGas": hex(1_000_000_000),
        "alloc": {address: {"balance": hex(wei)} for address, wei in balances.items()},
    }
