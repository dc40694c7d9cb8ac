"""What no committed file may hold, and what every part of the tree has."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from house.pins import ROOT

LAYERS = ("ir", "sdk", "compiler", "runtime", "cli")
FOLDERS = (*LAYERS, "schema", "corpus", "examples", "benchmarks", "adrs", "house")

REGISTRY_HOST = re.compile(rb"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|crates\.io|proxy\.golang\.org")
MACHINE_PATH = re.compile(rb"(?<![\w.~/-])/(?:work|root|home/\w+|Users/\w+)/|[A-Z]:\\\\?Users\\")
LONGEST_MODULE = 500


@cache
def _committed() -> tuple[Path, ...]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listing.returncode:
        pytest.skip("not a git checkout, so there is no list of committed files")
    names = listing.stdout.decode("utf-8").split("\0")
    return tuple(path for name in names if name and (path := ROOT / name).is_file())


def _holding(pattern: re.Pattern[bytes]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]!r}"
        for path in _committed()
        for number, line in enumerate(path.read_bytes().splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    ("pattern", "seen", "unseen"),
    [
        (REGISTRY_HOST, "https://{}/simple".format("pypi" + ".org"), "a package index"),
        (REGISTRY_HOST, "files.{}".format("pythonhosted" + ".org"), "pypi"),
        (MACHINE_PATH, "see {}".format("/" + "home/ann/op.py"), ".github/workflows/ci.yml"),
        (MACHINE_PATH, '"{}"'.format("/" + "root/x"), "the root/path of a project"),
    ],
)
def test_the_patterns_see_what_they_are_for(pattern: re.Pattern[bytes], seen: str, unseen: str) -> None:
    assert pattern.search(seen.encode())
    assert not pattern.search(unseen.encode())


def test_no_file_names_a_registry_host() -> None:
    assert _holding(REGISTRY_HOST) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _holding(MACHINE_PATH) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_folder_says_what_it_is_for(folder: str) -> None:
    assert (ROOT / folder / "README.md").read_text(encoding="utf-8").startswith("# ")


def test_every_package_is_typed() -> None:
    packages = [path.parent for layer in LAYERS for path in ROOT.glob(f"{layer}/src/*/__init__.py")]
    assert len(packages) == len(LAYERS) + 1  # the sdk has one for pytest too
    assert [str(package) for package in packages if not (package / "py.typed").is_file()] == []


def test_a_module_has_one_subject() -> None:
    """A module that is longer than this has a second subject, which wants a module of its own."""
    modules = [path for path in _committed() if path.suffix == ".py" and path.name != "_ir.py"]
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in modules}
    assert lengths
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}
