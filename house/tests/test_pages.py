"""What the pages for people show is what the commands print."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from house.console import find_commands, matches_shown
from house.pins import ROOT
from house.postgres_samples import get_store_url
from house.postgres_server import PostgresServer

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("examples/*/README.md"))]
COMMANDS = {
    page.relative_to(ROOT).as_posix(): find_commands(page.read_text(encoding="utf-8")) for page in PAGES
}


@pytest.mark.parametrize("page", [page for page, commands in COMMANDS.items() if commands])
def test_a_page_shows_what_its_commands_print(
    page: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """The commands of a page are run in order in one folder: each sees what the ones before it left.

    A page that uses `$STORE` is about a store in PostgreSQL.
    """
    for name in ("examples", "corpus", "docs"):
        (tmp_path / name).symlink_to(ROOT / name)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "120",
    }
    if any("$STORE" in command.command for command in COMMANDS[page]):
        server: PostgresServer = request.getfixturevalue("postgres_server")
        environment["STORE"] = get_store_url(server, tmp_path)
    for command in COMMANDS[page]:
        done = subprocess.run(
            ["bash", "-c", command.command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        place = f"{page}:{command.line}: {command.command}"
        assert matches_shown(command.shown, done.stdout), f"{place} printed\n{done.stdout}"


@pytest.mark.parametrize(
    ("shown", "printed", "is_equal"),
    [
        ("one", "one\n", True),
        ("one", "two\n", False),
        ("run …", "run abc\n", True),
        ("run …", "ran abc\n", False),
        ("first\n…\nlast", "first\nx\ny\nlast\n", True),
        ("first\n…", "first\n", True),
        ("first", "first\nmore\n", False),
    ],
)
def test_shown_text_is_compared(shown: str, printed: str, is_equal: bool) -> None:
    assert matches_shown(shown, printed) is is_equal
