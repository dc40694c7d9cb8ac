"""What a caught error is not in Python, it is not in a program: it has no fields and is like no other one."""

from __future__ import annotations

import pytest

from opforge._frontend import compile_program

SOURCE = """\
from opforge import Fail, op, workload

workload("caught", version="1.0")


@op
def main(n: int) -> str:
    try:
        if n > 0:
            raise Fail("too much")
        return ""
    except Fail as error:
        return {expression}
"""


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("error.message", "E_UNKNOWN_ATTRIBUTE"),
        ("error.kind", "E_UNKNOWN_ATTRIBUTE"),
        ("error.args[0]", "E_UNKNOWN_ATTRIBUTE"),
        ("'a' if error == error else 'b'", "E_OPERAND_TYPES"),
        ("'a' if (error, 1) != (error, 1) else 'b'", "E_OPERAND_TYPES"),
        ("'a' if error in (error,) else 'b'", "E_OPERAND_TYPES"),
        ("str(len([error]))", "E_OPERAND_TYPES"),
        ("str(len([error for _ in range(n)]))", "E_OPERAND_TYPES"),
    ],
)
def test_an_error_has_a_text_only(expression: str, code: str) -> None:
    class Files:
        def read(self, path: str) -> bytes | None:
            return SOURCE.format(expression=expression).encode() if path == "app.py" else None

    assert [each.code.name for each in compile_program("app.py", Files()).diagnostics] == [code]
