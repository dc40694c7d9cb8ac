from __future__ import annotations

import decimal
import subprocess
import sys

from opforge_ir.decimal_context import DEFAULT_PRECISION, build_decimal_context


def test_it_is_the_default_context_of_python() -> None:
    """Compared in a process of its own, where nothing has changed the default."""
    program = "import decimal; print(repr(decimal.Context()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == repr(build_decimal_context(DEFAULT_PRECISION))


def test_the_precision_is_the_only_difference() -> None:
    wide = build_decimal_context(60)
    assert wide.prec == 60
    wide.prec = DEFAULT_PRECISION
    assert repr(wide) == repr(build_decimal_context(DEFAULT_PRECISION))


def test_a_changed_default_of_the_machine_does_not_show() -> None:
    with decimal.localcontext() as machine:
        machine.prec = 3
        machine.rounding = decimal.ROUND_UP
        third = build_decimal_context(DEFAULT_PRECISION).divide(decimal.Decimal(1), decimal.Decimal(3))
    assert third == decimal.Decimal("0." + "3" * 28)
