"""What Pythons with different Unicode databases say of the same character, and what is refused for it."""

from __future__ import annotations

import hashlib

import pytest

from opforge_ir.codes.execution import E_CHARACTER_REFUSED
from opforge_ir.operators import OPERATORS
from opforge_ir.operators.bounds import OperationRefusedError

ALONE = [
    *("str.isalnum", "str.isalpha", "str.isdecimal", "str.isdigit", "str.isidentifier", "str.islower"),
    *("str.isnumeric", "str.isspace", "str.istitle", "str.isupper", "str.upper", "str.lower", "str.casefold"),
    *("str.capitalize", "str.swapcase", "str.title", "str.int", "str.decimal", "str.strip"),
]
QUESTIONS = [
    *((name, "{}") for name in ALONE),
    *(("str.lower", frame) for frame in ("a{}\u03a3", "a\u03a3{}", "a\u03a3{}a")),
    *(("str.title", "a{}b"), ("str.istitle", "A{}b"), ("str.isidentifier", "a{}")),
]
"""Operators, and what a character stands in: the case of a word and the form of a sigma depend on that."""
ASSIGNED = [*range(0xD800), *range(0xE000, 0x32400), *range(0xE0000, 0xE0200)]
"""Everything but the planes in which no database has a character."""


def ask(name: str, text: str) -> str:
    try:
        return str(OPERATORS[name].compute(text))
    except OperationRefusedError:
        return "refused"
    except (ValueError, ArithmeticError):
        return "none"


def test_every_python_says_the_same_of_every_character() -> None:
    digest = hashlib.sha256()
    for number in ASSIGNED:
        answers = [ask(name, frame.format(chr(number))) for name, frame in QUESTIONS]
        digest.update("\x00".join(answers).encode())
    assert digest.hexdigest() == "e311001220ba8841eeae8c175b0a9f6ef9efba973fd74438d9ecef21f2c89ebf"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("str.isalpha", "a\U00011f04"),
        ("str.int", "\U00011f51"),
        ("str.decimal", "1\U0001e4f1"),
        ("str.isnumeric", "\u4eac"),
        ("str.islower", "\u10fc"),
        ("str.title", "\uab69b"),
        ("str.isidentifier", "a\u30fb"),
        ("str.lower", "a\u03a3\U0001df25"),
    ],
)
def test_what_pythons_disagree_about_is_refused(name: str, text: str) -> None:
    with pytest.raises(OperationRefusedError) as refused:
        OPERATORS[name].compute(text)
    assert refused.value.code is E_CHARACTER_REFUSED
    assert OPERATORS["str.upper"].compute(text)  # a property that they agree about


def test_half_of_a_surrogate_pair_is_refused() -> None:
    for number in (0xD800, 0xDFFF, 2**31):
        with pytest.raises(OperationRefusedError):
            OPERATORS["int.chr"].compute(number)
    assert OPERATORS["int.chr"].compute(0xE000) == "\ue000"
