"""What `forge validate --fix` makes of a file: the changes that are certain, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from opforge_compiler.check import validate_file
from opforge_compiler.repair import apply_edits, find_repairs
from opforge_ir.diagnostics import Edit, Span

HEAD = 'from opforge import op, workload\n\nworkload("demo", version="1.0.0")\n\n\n'
RUN = "@op\ndef run(n: int | None) -> int:\n"


def mend(folder: Path, source: bytes) -> bytes:
    """The file after as many rounds as there is something to mend."""
    path = folder / "app.py"
    path.write_bytes(source)
    for _ in range(5):
        for repair in find_repairs(path):
            repair.path.write_bytes(repair.data)
    return path.read_bytes()


def test_a_float_becomes_the_decimal_of_its_spelling(tmp_path: Path) -> None:
    mended = mend(tmp_path, f"{HEAD}RATE = 1_0.50\n\n\n{RUN}    return int(RATE)\n".encode()).decode()
    assert "from decimal import Decimal\n" in mended
    assert 'RATE = Decimal("10.50")\n' in mended
    assert validate_file(tmp_path / "app.py").diagnostics == []


def test_a_name_is_written_as_the_file_has_it(tmp_path: Path) -> None:
    source = f"import decimal as d\n{HEAD}RATE = 0.5\n\n\n{RUN}    return int(RATE)\n"
    assert 'RATE = d.Decimal("0.5")' in mend(tmp_path, source.encode()).decode()


def test_a_name_that_stands_for_something_else_is_left_alone(tmp_path: Path) -> None:
    source = f"{HEAD}Decimal = 3\nRATE = 0.5\n\n\n{RUN}    return Decimal\n".encode()
    assert mend(tmp_path, source) == source


@pytest.mark.parametrize(
    ("body", "mended"),
    [
        (
            "    if n == None:\n        return 0\n    return n\n",
            "    if n is None:\n        return 0\n    return n\n",
        ),
        ("    return n if n != None else 0\n", "    return n if n is not None else 0\n"),
        ('    print(f"é {n is None}")\n    return 0\n', '    log.info(f"é {n is None}")\n    return 0\n'),
    ],
)
def test_what_has_one_meaning_is_mended(tmp_path: Path, body: str, mended: str) -> None:
    assert mend(tmp_path, f"{HEAD}{RUN}{body}".encode()).decode().endswith(RUN + mended)
    assert validate_file(tmp_path / "app.py").diagnostics == []


def test_what_has_two_meanings_is_advice_only(tmp_path: Path) -> None:
    source = f"{HEAD}{RUN}    total = 10\n    print(total, n)\n    return totl / 2\n".encode()
    assert mend(tmp_path, source) == source


def test_line_ends_and_the_byte_order_mark_stay(tmp_path: Path) -> None:
    source = f"{HEAD}{RUN}    return 0 if n == None else n\n".replace("\n", "\r\n").encode("utf-8-sig")
    assert mend(tmp_path, source) == source.replace(b"n == None", b"n is None")


def test_a_file_of_the_project_is_mended_too(tmp_path: Path) -> None:
    (tmp_path / "rates.py").write_text("RATE = 0.5\n", encoding="utf-8")
    mend(tmp_path, f"from rates import RATE\n{HEAD}{RUN}    return int(RATE)\n".encode())
    mended = (tmp_path / "rates.py").read_text(encoding="utf-8")
    assert mended == 'from decimal import Decimal\nRATE = Decimal("0.5")\n'


def test_places_count_code_points() -> None:
    edit = Edit(Span("a.py", 1, 6, 1, 9), "x")
    assert apply_edits('é = "𝄞é" + b'.encode(), [edit]) == 'é = "x + b'.encode()


def test_an_insertion_at_the_end_of_a_file_is_a_line_of_its_own() -> None:
    edit = Edit(Span("a.py", 2, 1, 2, 1), "b\n")
    assert apply_edits(b"a", [edit]) == b"a\nb\n"
    assert apply_edits(b"a\n", [edit]) == b"a\nb\n"
