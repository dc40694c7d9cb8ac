"""The S3 tests against a real object store: Ceph's gateway, on this machine, with all its state in a folder.

    python -m house.ceph_gateway

One monitor, one storage daemon in memory and one gateway are started on loopback addresses, and stopped at
the end. Needs the Debian packages `radosgw`, `ceph-mon` and `ceph-osd`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from house.pins import ROOT
from house.s3_server import S3Server

__all__ = ["start_ceph"]

_TESTS = (
    "runtime/tests/test_store_s3.py",
    "runtime/tests/test_store_split.py",
    "runtime/tests/test_store_opening.py",
    "runtime/tests/test_collection.py",
)
_PORT = 17_480
_MONITOR_PORTS = (17_481, 17_482)
_PATIENCE_SECONDS = 120
_CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{first},v1:127.0.0.1:{second}]
public network = 127.0.0.0/8
cluster network = 127.0.0.0/8
ms bind ipv6 = false
keyring = {folder}/keyring
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = {folder}/mon
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = 4294967296
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw data = {folder}
"""


class _Cluster:
    """The programs of one Ceph cluster, and where it lives."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, program: str, *arguments: str) -> None:
        """Run one of its programs to the end."""
        command = [program, "-c", "ceph.conf", *arguments]
        subprocess.run(command, cwd=self._folder, check=True, capture_output=True)

    def author(self, *arguments: str) -> None:
        """Change the file of keys, or that of monitors."""
        subprocess.run(arguments, cwd=self._folder, check=True, capture_output=True)

    @contextmanager
    def keep(self, program: str, *arguments: str) -> Generator[None]:
        """Run one of its daemons until the end."""
        command = [program, "-c", "ceph.conf", *arguments, "-f"]
        with (
            (self._folder / f"{program}.out").open("wb") as log,
            subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log) as daemon,
        ):
            try:
                yield
            finally:
                daemon.kill()

    def wait(self, *arguments: str, shows: str = "") -> None:
        """Ask until the answer holds a text."""
        for _ in _repeat():
            command = ["ceph", "-c", "ceph.conf", "--connect-timeout", "5", *arguments]
            done = subprocess.run(
                command, cwd=self._folder, capture_output=True, encoding="utf-8", check=False
            )
            if done.returncode == 0 and shows in done.stdout:
                return


def _repeat() -> Iterator[None]:
    end = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < end:
        yield
        time.sleep(0.2)
    raise TimeoutError("Ceph did not come up")


@contextmanager
def start_ceph(folder: Path) -> Generator[S3Server]:
    """A cluster with a gateway, in an empty folder."""
    fsid = str(uuid.uuid4())
    for name in ("mon", "osd"):
        (folder / name).mkdir()
    (folder / "ceph.conf").write_text(
        _CONFIGURATION.format(
            fsid=fsid, folder=folder, port=_PORT, first=_MONITOR_PORTS[0], second=_MONITOR_PORTS[1]
        )
    )
    cluster = _Cluster(folder)
    key = ("ceph-authtool", "keyring", "--gen-key")
    cluster.author(
        "ceph-authtool", "--create-keyring", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"
    )
    cluster.author(*key, "-n", "client.admin", *_capabilities(mon="allow *", osd="allow *", mgr="allow *"))
    cluster.author(*key, "-n", "osd.0", *_capabilities(mon="allow profile osd", osd="allow *"))
    cluster.author(*key, "-n", "client.rgw.a", *_capabilities(mon="allow rw", osd="allow rwx"))
    monitors = f"[v2:127.0.0.1:{_MONITOR_PORTS[0]},v1:127.0.0.1:{_MONITOR_PORTS[1]}]"
    cluster.author("monmaptool", "--create", "--fsid", fsid, "--addv", "a", monitors, "monmap")
    cluster.run("ceph-mon", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
    with ExitStack() as daemons:
        daemons.enter_context(cluster.keep("ceph-mon", "-i", "a"))
        cluster.wait("status")
        disk = str(uuid.uuid4())
        cluster.run("ceph", "osd", "new", disk)
        cluster.run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", disk)
        cluster.run("ceph", "osd", "crush", "add", "osd.0", "1.0", "host=localhost", "root=default")
        daemons.enter_context(cluster.keep("ceph-osd", "-i", "0"))
        cluster.wait("osd", "stat", shows="1 up")
        daemons.enter_context(cluster.keep("radosgw", "-n", "client.rgw.a"))
        server = S3Server(f"http://127.0.0.1:{_PORT}")
        for _ in _repeat():
            try:
                httpx.get(server.endpoint)
                break
            except httpx.TransportError:
                continue
        who = (
            "--uid=opforge",
            "--display-name=opforge",
            f"--access-key={server.key}",
            f"--secret={server.secret}",
        )
        cluster.run("radosgw-admin", "user", "create", *who)
        yield server


def _capabilities(**allowed: str) -> list[str]:
    return [word for daemon, what in allowed.items() for word in ("--cap", daemon, what)]


def _main() -> int:
    missing = [name for name in ("ceph-mon", "ceph-osd", "radosgw") if shutil.which(name) is None]
    if missing:
        print(
            f"not installed: {', '.join(missing)}; try apt-get install radosgw ceph-mon ceph-osd",
            file=sys.stderr,
        )
        return 1
    with tempfile.TemporaryDirectory() as folder, start_ceph(Path(folder)) as server:
        environment = os.environ | {
            "OPFORGE_S3_ENDPOINT": server.endpoint,
            "OPFORGE_S3_KEY": server.key,
            "OPFORGE_S3_SECRET": server.secret,
        }
        command = [sys.executable, "-m", "pytest", "-q", *_TESTS]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(_main())
