"""An infinity as a constant: the compiled program computes with it as CPython does."""

from __future__ import annotations

from decimal import Decimal

import pytest

from house.differential import compare
from house.program_generator import GeneratedProgram
from opforge._frontend import compile_program
from opforge_ir.types import parse_type

HEAD = """\
from decimal import Decimal

from opforge import op, workload

workload("infinities", version="1.0")

MOST = Decimal("Infinity")
LEAST = -MOST


@op
"""


@pytest.mark.parametrize("amount", [Decimal("1.50"), Decimal("Infinity"), Decimal("-Infinity")])
@pytest.mark.parametrize(
    "expression",
    [
        "LEAST < amount < MOST",
        "str(MOST + amount)",
        "str(min(amount, MOST))",
        'f"{amount / MOST:.2f} {LEAST}"',
        "str(amount * LEAST)",
        "int(MOST if amount > 0 else amount)",
        "amount in [MOST, LEAST]",
    ],
)
def test_an_infinity_is_computed_with(expression: str, amount: Decimal) -> None:
    result = (
        "int"
        if expression.startswith("int")
        else "str"
        if "str" in expression or '"' in expression
        else "bool"
    )
    source = f"{HEAD}def main(amount: Decimal) -> {result}:\n    return {expression}\n"
    compare(GeneratedProgram(source, {"amount": amount}, parse_type(result)))


def test_what_is_not_a_number_is_no_constant() -> None:
    class Files:
        def read(self, path: str) -> bytes | None:
            source = f'{HEAD}def main(n: Decimal = Decimal("NaN")) -> Decimal:\n    return n\n'
            return source.encode() if path == "app.py" else None

    (found,) = compile_program("app.py", Files()).diagnostics
    assert found.message.endswith("it is not a number")
