"""A stand-in for a quote service: it quotes one price for every pair while a command runs.

python quote_server.py PRICE COMMAND…     quote this price
python quote_server.py kill COMMAND…      kill the command (SIGKILL) at its first request, to try a resume

The command finds its address, on a free port of this machine, in the environment variable QUOTES_URL.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def serve_quotes(
    price: str, status: int = 200, on_request: Callable[[], None] | None = None
) -> Generator[tuple[str, list[str]]]:
    """Serve quotes; gives the URL, and the list of paths that grows with each request."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            if on_request is not None:
                on_request()
                return
            body = json.dumps({"pair": self.path.rpartition("/")[2], "price": price}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Write no access log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", paths
        finally:
            server.shutdown()
            thread.join()


def main(price: str, *command: str) -> int:
    """Serve quotes while the command runs, and return its exit status."""
    processes: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        sys.stdout.write("the server was asked for a quote, and kills the command\n")
        sys.stdout.flush()
        processes[0].kill()

    with serve_quotes(price, on_request=kill if price == "kill" else None) as (url, _):
        processes.append(subprocess.Popen(command, env=os.environ | {"QUOTES_URL": url}))
        return processes[0].wait()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
