"""Connections to PostgreSQL that break at the worst moment.

The server has done what it was asked, and its answer is lost; or it is still starting and lets nobody in.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["CuttingProxy", "run_proxy"]

_BUFFER = 65_536
_READY_FOR_QUERY = b"Z\x00\x00\x00\x05I"
"""Says that the server waits for the next statement, outside of a transaction."""
_STARTING = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
"""The fields of an error (postgresql.org/docs/current/protocol-error-fields.html)."""


class CuttingProxy:
    """Stands between clients and the Unix socket of a PostgreSQL server."""

    def __init__(self, server: Path, path: Path) -> None:
        self._server = server
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(path))
        self._listening.listen()
        self._marks: list[bytes] = []
        self.cut_count = 0
        self.refuse_count = 0
        """So many of the next connections are refused, as by a server that is still starting."""
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def cut_after(self, mark: bytes) -> None:
        """Lose the answer to the next message that holds these bytes, and the connection with it."""
        self._marks.append(mark)

    def close(self) -> None:
        """Take no more connections, and wait for the end of those that there are."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):  # it is closed
            while True:
                client, _ = self._listening.accept()
                thread = threading.Thread(target=self._receive, args=(client, self.refuse_count > 0))
                self.refuse_count = max(0, self.refuse_count - 1)
                self._threads.append(thread)
                thread.start()

    def _receive(self, client: socket.socket, is_refused: bool) -> None:
        with client, suppress(OSError):
            if is_refused:
                client.recv(_BUFFER)
                client.sendall(b"E" + (len(_STARTING) + 4).to_bytes(4, "big") + _STARTING)
                return
            with socket.socket(socket.AF_UNIX) as server:
                server.connect(str(self._server))
                self._serve(client, server)

    def _serve(self, client: socket.socket, server: socket.socket) -> None:
        """Carry what the client says, in this thread, and what the server says, in another."""
        is_cut = threading.Event()
        back = threading.Thread(target=self._answer, args=(client, server, is_cut))
        back.start()
        with suppress(OSError):
            while data := client.recv(_BUFFER):
                if any(mark in data for mark in self._marks):
                    self._marks.clear()
                    is_cut.set()
                server.sendall(data)
            server.shutdown(socket.SHUT_WR)
        back.join()

    def _answer(self, client: socket.socket, server: socket.socket, is_cut: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(_BUFFER):
                if not is_cut.is_set():
                    client.sendall(data)
                elif data.endswith(_READY_FOR_QUERY):
                    self.cut_count += 1
                    break
        with suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)


@contextmanager
def run_proxy(server: Path, path: Path) -> Generator[CuttingProxy]:
    """A proxy that listens at `path`, until the end."""
    proxy = CuttingProxy(server, path)
    try:
        yield proxy
    finally:
        proxy.close()
