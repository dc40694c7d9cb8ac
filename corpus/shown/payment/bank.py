"""A stand-in for a bank that takes a payment, and kills the command (SIGKILL) before it hears of that.

python bank.py COMMAND…

The command finds the bank's address, on a free port of this machine, in the environment variable BANK_URL.
"""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

processes: list[subprocess.Popen[bytes]] = []


class Bank(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        payment = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sys.stdout.write(f"the bank has paid {payment}, and kills the command\n")
        sys.stdout.flush()
        processes[0].kill()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write no access log."""


with ThreadingHTTPServer(("127.0.0.1", 0), Bank) as server:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        processes.append(subprocess.Popen(sys.argv[1:], env=os.environ | {"BANK_URL": address}))
        processes[0].wait()
    finally:
        server.shutdown()
        thread.join()
