"""S3 servers for tests: moto, and whichever one the environment names.

    OPFORGE_S3_ENDPOINT, OPFORGE_S3_KEY, OPFORGE_S3_SECRET

`just s3-on-ceph` runs the same tests against Ceph's object gateway.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import obstore
from obstore.store import S3Store

from opforge_runtime.stores.s3_place import S3Place

__all__ = ["S3Server", "start_s3"]

_REGION = "us-east-1"
_RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


@dataclass(frozen=True, slots=True)
class S3Server:
    """A server, and who may use it."""

    endpoint: str
    key: str = "opforge-test-key"
    secret: str = "opforge-test-secret"

    def make_bucket(self) -> S3Place:
        """An empty bucket of its own."""
        name = f"opforge-{secrets.token_hex(8)}"
        # Addressed as a host of its own, the whole server is what an object's name is put behind.
        whole = S3Store(
            name,
            config={
                "endpoint": self.endpoint,
                "region": _REGION,
                "access_key_id": self.key,
                "secret_access_key": self.secret,
                "virtual_hosted_style_request": True,
            },
        )
        httpx.put(obstore.sign(whole, "PUT", name, timedelta(minutes=1))).raise_for_status()
        return S3Place(name, "", self.endpoint, _REGION, self.key, self.secret)


@contextmanager
def start_s3() -> Generator[S3Server]:
    """The server that the environment names, or a new process of moto's."""
    if endpoint := os.environ.get("OPFORGE_S3_ENDPOINT"):
        yield S3Server(endpoint, os.environ["OPFORGE_S3_KEY"], os.environ["OPFORGE_S3_SECRET"])
        return
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8"
    ) as server:
        try:
            assert server.stderr is not None
            lines = iter(server.stderr.readline, "")
            found = next((match for line in lines if (match := _RUNNING.search(line))), None)
            assert found is not None, "moto's server did not start"
            # Its log is read on, or it would stop when the pipe is full.
            threading.Thread(target=server.stderr.read, daemon=True).start()
            yield S3Server(found[1])
        finally:
            server.kill()
