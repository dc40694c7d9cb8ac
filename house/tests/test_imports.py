"""What an installed `opforge` imports is what its metadata asks for.

The environment of the repository holds the tools as well, so an import that nobody declared works here and
fails for whoever installs the wheel.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from house.pins import ROOT

OWN = {"opforge_ir", "opforge", "opforge_pytest", "opforge_compiler", "opforge_runtime", "opforge_cli"}


LAYERS = ("ir", "sdk", "compiler", "runtime", "cli")
MODULES = [module for layer in LAYERS for module in sorted(ROOT.glob(f"{layer}/src/**/*.py"))]


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _imported(module: Path) -> set[str]:
    """The top-level names that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


@cache
def _declared() -> frozenset[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for group in project["optional-dependencies"].values() for each in group]
    names = [re.match(r"[\w.-]+", each) for each in (*project["dependencies"], *extras)]
    return frozenset(_normalised(name[0]) for name in names if name)


@cache
def _providers() -> dict[str, frozenset[str]]:
    """The distributions that hold each importable name."""
    found = packages_distributions()
    return {name: frozenset(map(_normalised, holders)) for name, holders in found.items()}


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_import_is_declared(module: Path) -> None:
    foreign = _imported(module) - OWN - sys.stdlib_module_names
    undeclared = {name for name in foreign if not _declared() & _providers().get(name, frozenset())}
    assert undeclared == set()
