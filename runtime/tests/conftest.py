"""What the tests of the runtime share: development chains, and servers that say what a test wants."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from socketserver import BaseRequestHandler, TCPServer, ThreadingMixIn
from typing import TypeAlias

import pytest

from house.s3_server import S3Server, start_s3
from opforge_runtime.devchain import DevChain, start_devchain

Respond: TypeAlias = Callable[[bytes, bytes], "bytes | None"]
"""From a request's head and body to the bytes of the response; None leaves the client waiting."""


@pytest.fixture(scope="module", params=["embedded", "anvil"])
def devchain(request: pytest.FixtureRequest) -> Iterator[DevChain]:
    """A fresh development chain on each backend; tests of one module share it and may mine on it."""
    anvil = request.getfixturevalue("anvil_path") if request.param == "anvil" else None
    with start_devchain(anvil is not None, anvil=anvil) as chain:
        yield chain


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """A real S3 server in a process of its own; each test makes buckets."""
    with start_s3() as server:
        yield server


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def serve() -> Iterator[Callable[[Respond], str]]:
    """Start servers that answer each connection's one request as `respond` says; gives their URL."""
    servers: list[_Server] = []
    test_is_over = threading.Event()

    def start(respond: Respond) -> str:
        class Handler(BaseRequestHandler):
            def handle(self) -> None:
                response = respond(*_read_request(self.request))
                if response is None:
                    test_is_over.wait()
                else:
                    self.request.sendall(response)

        server = _Server(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    test_is_over.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def _read_request(connection: socket.socket) -> tuple[bytes, bytes]:
    with connection.makefile("rb") as stream:
        head = b"".join(iter(stream.readline, b"\r\n"))
        lengths = re.findall(rb"(?im)^content-length: *(\d+)", head)
        return head, stream.read(int(lengths[0]) if lengths else 0)
