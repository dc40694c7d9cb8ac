"""The error-code registry: every code that any part of Opforge may emit, one module per area.

Numbers: E01xx reading JSON text; E02xx the shape of an IR; E03xx the meaning of an IR; E10xx-E14xx the
author's source; E20xx execution and effects; E30xx stores and replay; E40xx command line and
configuration; E90xx faults of our own. The registry only grows within a major version.
"""

from __future__ import annotations

import importlib
import pkgutil

from opforge_ir.diagnostics import Code

__all__ = ["get_code", "load_registry"]


def load_registry() -> dict[str, Code]:
    """Every registered code by number, in order of number.

    Raises ValueError when two codes share a number or a name: a mistake of ours.
    """
    codes: dict[str, Code] = {}
    names: set[str] = set()
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for attribute, value in vars(module).items():
            if not isinstance(value, Code):
                continue
            if value.number in codes or value.name in names or attribute != value.name:
                raise ValueError(
                    f"the code {value.number} {value.name} is registered twice or under another name"
                )
            codes[value.number] = value
            names.add(value.name)
    return dict(sorted(codes.items()))


def get_code(number_or_name: str) -> Code | None:
    """The code with this number (`E0103`) or name (`E_DUPLICATE_KEY`), in any letter case, or None."""
    wanted = number_or_name.upper()
    return next((code for code in load_registry().values() if wanted in (code.number, code.name)), None)
