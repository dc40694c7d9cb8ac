"""The exact versions that every environment of this repository uses, and the program that refreshes them.

`uv.lock` records download addresses, so it is not committed. What is committed are two lists in
`pyproject.toml` that uv applies to every resolution:

| list                            | pins                                                       |
| ------------------------------- | ---------------------------------------------------------- |
| `constraint-dependencies`       | what is installed: every extra and group, Python 3.11-3.13 |
| `build-constraint-dependencies` | what builds the distribution                               |

    python -m house.pins            resolve anew without the lists, and write both
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Pins", "read_pins", "refresh"]

ROOT = Path(__file__).resolve().parent.parent

_BLOCK = re.compile(r"(?<=^# pins: begin\n).*?(?=^# pins: end$)", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pins:
    """Requirements of the form `name==version`, some with a marker, in order of name."""

    installed: tuple[str, ...]
    """What an environment may hold."""
    build: tuple[str, ...]
    """What the build backend runs on."""

    def versions(self) -> dict[str, frozenset[str]]:
        """The versions that an installed distribution may have, by normalised name."""
        found: dict[str, set[str]] = {}
        for pin in self.installed:
            name, version = pin.partition(";")[0].strip().split("==")
            found.setdefault(name, set()).add(version)
        return {name: frozenset(versions) for name, versions in found.items()}


def read_pins(pyproject: Path = ROOT / "pyproject.toml") -> Pins:
    """Read the pins that are committed."""
    settings = tomllib.loads(pyproject.read_text(encoding="utf-8"))["tool"]["uv"]
    return Pins(tuple(settings["constraint-dependencies"]), tuple(settings["build-constraint-dependencies"]))


def refresh(pyproject: Path = ROOT / "pyproject.toml") -> None:
    """Resolve the newest versions that the requirements allow, and write them into `pyproject`."""
    text = pyproject.read_text(encoding="utf-8")
    unpinned = _BLOCK.sub("", text)
    requirements = tomllib.loads(unpinned)["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        (project / "pyproject.toml").write_text(unpinned, encoding="utf-8")
        (project / "build.in").write_text("\n".join(requirements), encoding="utf-8")
        everything = ("--all-extras", "--all-groups", "--no-emit-project", "--no-hashes")
        installed = _run_uv(project, "export", *everything)
        build = _run_uv(project, "pip", "compile", "build.in", "--universal", "--python-version", "3.11")
    block = _list("constraint-dependencies", _bare(installed)) + _list(
        "build-constraint-dependencies", _bare(build)
    )
    pyproject.write_text(_BLOCK.sub(lambda _: block, text), encoding="utf-8")


def _bare(requirements: Iterable[str]) -> list[str]:
    """Drop the marker of a distribution that has one version only: it then holds wherever it is needed."""
    pins = [requirement.strip() for requirement in requirements]
    names = [pin.partition("==")[0] for pin in pins]
    return [
        pin.partition(";")[0].strip() if names.count(name) == 1 else pin
        for pin, name in zip(pins, names, strict=True)
    ]


def _list(key: str, pins: Iterable[str]) -> str:
    return f"{key} = [\n" + "".join(f'  "{pin}",\n' for pin in pins) + "]\n"


def _run_uv(folder: Path, *arguments: str) -> list[str]:
    command = ["uv", *arguments, "--no-annotate", "--no-header", "--quiet"]
    done = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    return [line for line in done.stdout.splitlines() if line.strip()]


if __name__ == "__main__":
    refresh()
