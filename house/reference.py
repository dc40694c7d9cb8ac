"""The reference pages under `docs/reference/`, made from the definitions in `ir/`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from house.command_pages import list_commands
from opforge_ir.capabilities import CAPABILITIES, EffectClass, GrantRule, Parameter, Signature
from opforge_ir.codes import load_registry
from opforge_ir.operators import OPERATORS

__all__ = ["build_reference"]

_GRANTS: Final[dict[GrantRule, str]] = {
    "chain_read": "the verb, on the network",
    "chain_call": "the contract's address and the function's selector, on the network",
    "http": "the URL's host, with this verb",
    "ambient": "the capability itself",
}
_EFFECTS: Final[dict[EffectClass, str]] = {
    "read": "read: may be asked again",
    "side_effect": "side effect",
    "wait": "wait: the engine answers it itself, and it is never repeated",
}
_RESULTS: Final[dict[Signature, str]] = {
    "contract": "what the contract function returns",
    "op": "what the op returns",
    "any": "the type that the node states",
}
"""What `*` stands for as the result of a verb."""
_ARGUMENTS: Final[dict[Signature, str]] = {
    "contract": "the function's arguments",
    "op": "the op's arguments",
    "any": "what `type` spells",
}
"""What `*` stands for as an argument."""
_BEFORE_HEADING: Final = re.compile(r"\n+(?=##)")
_BLANK_LINES: Final = re.compile(r"\n{3,}")


def build_reference() -> dict[str, str]:
    """The text of each page, by its path from the root of the repository."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    values = {
        "capabilities": {
            "capabilities": CAPABILITIES.values(),
            "grants": _GRANTS,
            "effects": _EFFECTS,
            "results": _RESULTS,
            "arguments": _ARGUMENTS,
            "bounds": _describe_bounds,
        },
        "operators": {"operators": OPERATORS.values()},
        "codes": {"codes": load_registry().values()},
        "commands": {"commands": list_commands()},
    }
    return {
        f"docs/reference/{name}.md": _tidy(environment.get_template(f"{name}.md.j2").render(given))
        for name, given in values.items()
    }


def _describe_bounds(parameter: Parameter) -> str:
    """What an argument outside of its bounds fails with."""
    least = f"; less than {parameter.least} is a ValueError" if parameter.least is not None else ""
    most = f"; more than {parameter.most:,} an OverflowError" if parameter.most is not None else ""
    return least + most


def _tidy(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _BEFORE_HEADING.sub("\n\n", text)).rstrip() + "\n"
