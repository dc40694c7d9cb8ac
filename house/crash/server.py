"""A server that remembers what it did: the other side, which cannot be asked to forget a request.

It answers by the request alone, without a date, so that runs can be compared by their facts. A POST is an
effect. One with an Idempotency-Key is applied once: the same key again gets the first outcome. One without
is applied each time.

| path | |
| --- | --- |
| `/moved/N` | a GET leads elsewhere when N is odd |
| `/flaky…` | the first request of its text or key is done, and the connection lost before the answer |
| any other | answered with the last part of the path, or with what was posted |
"""

from __future__ import annotations

import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

__all__ = ["RecordingServer"]

_POLL_SECONDS = 0.02


class RecordingServer:
    """A context manager that serves from threads of this process, on a port of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connections = 0
        self._is_idle = threading.Condition(self._lock)
        self.applied: dict[str, str] = {}
        """What was posted with each key, at its first request."""
        self.unkeyed: Counter[str] = Counter()
        """How often each text was posted without a key."""
        self.reads: Counter[str] = Counter()
        """How often each path was read."""
        self.conflicts: list[str] = []
        """Keys that came with another text later."""
        self._lost: set[str] = set()
        self._http = _Server(self)
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}
        )

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def reset(self) -> None:
        """Forget everything: another run is looked at."""
        with self._lock:
            for each in (self.applied, self.unkeyed, self.reads, self.conflicts, self._lost):
                each.clear()

    def settle(self) -> None:
        """Return when every request that was sent is done; those who sent them are gone."""
        with self._is_idle:
            self._is_idle.wait_for(lambda: self._connections == 0)

    def connect(self, change: int) -> None:
        """A connection was made (1) or is over (-1)."""
        with self._is_idle:
            self._connections += change
            self._is_idle.notify_all()

    def read(self, path: str) -> bool:
        """Note a GET; says whether its answer is lost."""
        with self._lock:
            self.reads[path] += 1
            return self._is_lost(path, path)

    def apply(self, path: str, key: str | None, text: str) -> tuple[str, bool]:
        """Do what was posted; gives the answer, and whether it is lost."""
        with self._lock:
            if key is None:
                self.unkeyed[text] += 1
                return f"noted {text}", self._is_lost(path, text)
            first = self.applied.setdefault(key, text)
            if first != text:
                self.conflicts.append(key)
            return f"receipt for {first}", self._is_lost(path, key)

    def _is_lost(self, path: str, name: str) -> bool:
        if not path.startswith("/flaky") or name in self._lost:
            return False
        self._lost.add(name)
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, book: RecordingServer) -> None:
        class Handler(_Handler):
            server_book = book

        super().__init__(("127.0.0.1", 0), Handler)
        self._book = book

    def process_request(self, request: Any, client_address: Any) -> None:
        self._book.connect(1)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self._book.connect(-1)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed leaves a broken connection; anything else is a fault of this server."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server_book: RecordingServer

    def do_GET(self) -> None:
        is_lost = self.server_book.read(self.path)
        name = self.path.rpartition("/")[2]
        is_moved = self.path.startswith("/moved/") and int(name) % 2 == 1
        self._answer(302 if is_moved else 200, name, is_lost=is_lost)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:
            self.close_connection = True
            return  # who sent it died while it did
        text, is_lost = self.server_book.apply(self.path, self.headers.get("Idempotency-Key"), body.decode())
        self._answer(200, text, is_lost=is_lost)

    def _answer(self, status: int, text: str, *, is_lost: bool) -> None:
        if is_lost:
            self.close_connection = True
            return
        content = text.encode()
        # Without a date and the server's name: the facts are to be the same each time.
        self.send_response_only(status)
        if status == 302:
            self.send_header("Location", "https://elsewhere.example/")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - named by the base class
        pass
