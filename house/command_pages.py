"""The commands of `forge` for the reference: what each takes, and what it answers with `--json`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import typer

from opforge_cli.main import app
from opforge_ir.result_models import RESULTS

__all__ = ["CommandPage", "list_commands"]


@dataclass(frozen=True, slots=True)
class CommandPage:
    """One command."""

    name: str
    """With the group that it is in: `runs list`."""
    doc: str
    usage: str
    """What follows the name: arguments."""
    options: list[tuple[str, str]]
    """Spelling and meaning."""
    members: list[tuple[str, str]]
    """The members of its result, each with what it means where the name does not say it."""


def list_commands() -> list[CommandPage]:
    """All commands, in the order in which `forge --help` shows them."""
    return list(_walk("", typer.main.get_command(app)))


def _walk(prefix: str, command: Any) -> Iterator[CommandPage]:
    if hasattr(command, "commands"):
        for name, each in command.commands.items():
            yield from _walk(f"{prefix}{name} ", each)
        return
    name = prefix.strip()
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    yield CommandPage(
        name=name,
        doc=" ".join(command.help.split()),
        usage=" ".join(each.metavar or each.name.upper() for each in arguments),
        options=[(", ".join(each.opts), each.help or "") for each in options],
        members=list(_list_members(name)),
    )


def _list_members(command: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for shape in RESULTS.get(command, ()):
        for name, field in shape.model_fields.items():
            if name not in seen:
                seen.add(name)
                yield name, " ".join((field.description or "").split())
