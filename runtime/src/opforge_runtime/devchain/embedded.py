"""The embedded chain behind a JSON-RPC server on a free port of the loopback interface.

The chain runs in this process; the server in threads of its own, which end with it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from typing import TYPE_CHECKING, ClassVar

import orjson

from opforge_ir.codes.transport import E_DEVCHAIN_UNAVAILABLE

if TYPE_CHECKING:
    from opforge_runtime.devchain.rpc_methods import RpcMethods

__all__ = ["EmbeddedServer"]

_MAX_REQUEST_BYTES = 16 * 1024 * 1024


class EmbeddedServer:
    """A running server, until `close`."""

    def __init__(self, balances: Mapping[str, int]) -> None:
        """Make the chain with these balances in wei, and serve it.

        Raises DiagnosticError (E_DEVCHAIN_UNAVAILABLE) when the extra `dev-chain` is not installed.
        """

        class Handler(_Handler):
            methods = _build_methods(balances)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="devchain", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop serving and free the port; calling it again does nothing."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingMixIn, TCPServer):
    # Not http.server's own server, which asks the name service for this machine's name.
    daemon_threads = True


class _Handler(BaseHTTPRequestHandler):
    methods: ClassVar[RpcMethods]
    timeout = 30

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > _MAX_REQUEST_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        try:
            answer = self.methods.answer(orjson.loads(self.rfile.read(int(length))))
        except orjson.JSONDecodeError:
            answer = {"jsonrpc": "2.0", "id": None, "error": {"code": -32700, "message": "not JSON"}}
        body = orjson.dumps(answer)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the base class
        """Write no access log."""


def _build_methods(balances: Mapping[str, int]) -> RpcMethods:
    # For contracts that call each other a thousand deep, py-evm and its libraries raise the recursion limit
    # of the whole process when they are imported. What else runs here relies on the usual limit.
    limit = sys.getrecursionlimit()
    try:
        from opforge_runtime.devchain.evm import EmbeddedEvm
        from opforge_runtime.devchain.rpc_methods import RpcMethods
    except ModuleNotFoundError as error:
        problem = f"the library {error.name} is not installed, and there is no Anvil"
        raise E_DEVCHAIN_UNAVAILABLE.error(problem=problem) from error
    finally:
        sys.setrecursionlimit(limit)
    return RpcMethods(EmbeddedEvm({bytes.fromhex(address[2:]): wei for address, wei in balances.items()}))
