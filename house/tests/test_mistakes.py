"""Mistakes that authors make: each is reported once, where it is, with what to write instead.

`corpus/mistakes/<mistake>/expected.txt` is what `forge validate` prints about the program beside it.
"""

from __future__ import annotations

import pytest

from house.golden import assert_golden
from house.pins import ROOT
from opforge_cli.rendering import render_diagnostic
from opforge_compiler.emit import emit_file
from opforge_ir.diagnostics import DiagnosticError

ENTRIES = {path.parent.name: path for path in sorted((ROOT / "corpus" / "mistakes").glob("*/app.py"))}


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_mistake_is_reported_once(entry: str, pytestconfig: pytest.Config) -> None:
    with pytest.raises(DiagnosticError) as refused:
        emit_file(ENTRIES[entry])
    (found,) = refused.value.diagnostics
    shown = f"{render_diagnostic(found, is_coloured=False)}\n"
    assert_golden(pytestconfig, ENTRIES[entry].with_name("expected.txt"), shown.encode())
