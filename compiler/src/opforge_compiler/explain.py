"""The page of an error code."""

from __future__ import annotations

from importlib.resources import files

from opforge_ir.codes import get_code, load_registry
from opforge_ir.codes.command import E_UNKNOWN_CODE
from opforge_ir.diagnostics import Code

__all__ = ["explain_code"]


def explain_code(number_or_name: str) -> tuple[Code, str]:
    """The code and its page in Markdown. Raises DiagnosticError with E_UNKNOWN_CODE and the nearest names."""
    code = get_code(number_or_name)
    if code is None:
        import difflib

        names = [name for c in load_registry().values() for name in (c.number, c.name)]
        near = difflib.get_close_matches(number_or_name.upper(), names, n=3)
        raise E_UNKNOWN_CODE.error(code=number_or_name[:80], near=", ".join(near) or "none")
    page = files("opforge_ir").joinpath("pages", f"{code.number}.md").read_text(encoding="utf-8")
    return code, page
