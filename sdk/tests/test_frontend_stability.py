"""Ids stay: a change of the source changes the nodes that it touches, and renames no others."""

from __future__ import annotations

from typing import Any, cast

import pytest

from opforge._frontend import compile_program
from opforge_ir.canonical import JsonValue, canonical_bytes

PROGRAM = '''\
"""Wallets."""

from decimal import Decimal

from opforge import Address, chain, log, op, record, time, workload

workload("stability", version="1.0.0", networks={"devnet": 31337})

FLOOR = 10


@record
class Wallet:
    address: Address
    label: str


def is_low(wei: int) -> bool:
    """Whether it is under the floor."""
    return wei < FLOOR


@op
def check(wallets: list[Wallet], factor: int = 2) -> list[str]:
    # first
    at = chain.block("devnet", tag="finalized")
    balances = [chain.balance(wallet.address, at=at) for wallet in wallets]
    total = 0
    for wallet, wei in zip(wallets, balances):
        if is_low(wei):
            log.warning(f"{wallet.label} is low")
            total += 1
        else:
            total -= factor
    labels = [wallet.label for wallet in wallets if wallet.label]
    if total > factor:
        log.info(f"{total} of {len(labels)}")
    return labels
'''


class Text:
    """One file."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, path: str) -> bytes | None:
        """Part of SourceFiles."""
        return self._text.encode() if path == "app.py" else None


def emit(source: str) -> bytes:
    compilation = compile_program("app.py", Text(source))
    assert [(d.span, d.message) for d in compilation.diagnostics] == []
    return canonical_bytes(cast("JsonValue", compilation.document))


def compile_op(source: str) -> list[dict[str, Any]]:
    compilation = compile_program("app.py", Text(source))
    assert compilation.document is not None
    return cast("list[dict[str, Any]]", compilation.document["ops"]["check"]["body"])


def replaced(old: str, new: str) -> str:
    assert PROGRAM.count(old) == 1
    return PROGRAM.replace(old, new)


LINES = [
    ("an assignment at the front", "    # first\n", "    extra = factor * 3\n"),
    ("an effect at the front", "    # first\n", "    time.now()\n"),
    ("a loop at the front", "    # first\n", "    for n in range(factor):\n        log.warning(str(n))\n"),
    (
        "a condition in the middle",
        "    total = 0\n",
        "    total = 0\n    if factor < 0:\n        return []\n",
    ),
    (
        "a comprehension in the middle",
        "    total = 0\n",
        "    total = 0\n    sizes = [len(w.label) for w in wallets]\n",
    ),
    ("a constant read", "    total = 0\n", "    total = 0\n    floor = FLOOR\n"),
]


@pytest.mark.parametrize(("old", "new"), [line[1:] for line in LINES], ids=[line[0] for line in LINES])
def test_an_inserted_statement_leaves_the_other_nodes_as_they_are(old: str, new: str) -> None:
    before, after = compile_op(PROGRAM), compile_op(replaced(old, new))
    assert [node for node in after if node in before] == before
    assert len(after) > len(before)


SPELLINGS = [
    ("a comment", "    total = 0\n", "    total = 0  # none yet\n\n\n"),
    ("a docstring", '"""Whether it is under the floor."""', '"""Is it?"""'),
    ("parentheses", "return wei < FLOOR", "return (wei) < (\n        FLOOR\n    )"),
    ("quotes", '"finalized"', "'finalized'"),
    ("the order of imports", "from opforge import Address, chain,", "from opforge import chain, Address,"),
    (
        "an import that nothing uses",
        "from decimal import Decimal\n",
        "from decimal import Decimal\nimport typing\n",
    ),
    ("a digit separator", "FLOOR = 10\n", "FLOOR = 1_0\n"),
    ("an alias of a type", "def is_low(wei: int)", "Wei = int\n\n\ndef is_low(wei: Wei)"),
    ("a function that nothing calls", "@op\n", "def unused(n: int) -> int:\n    return n\n\n\n@op\n"),
    ("pass", "            total += 1\n", "            total += 1\n            pass\n"),
]


@pytest.mark.parametrize(("old", "new"), [s[1:] for s in SPELLINGS], ids=[s[0] for s in SPELLINGS])
def test_another_spelling_is_the_same_program(old: str, new: str) -> None:
    assert emit(replaced(old, new)) == emit(PROGRAM)


def test_line_ends_and_a_byte_order_mark_are_not_part_of_a_program() -> None:
    class Bytes:
        def __init__(self, data: bytes) -> None:
            self._data = data

        def read(self, path: str) -> bytes | None:
            return self._data if path == "app.py" else None

    for data in (PROGRAM.replace("\n", "\r\n").encode(), b"\xef\xbb\xbf" + PROGRAM.encode()):
        compilation = compile_program("app.py", Bytes(data))
        assert canonical_bytes(cast("JsonValue", compilation.document)) == emit(PROGRAM)


def test_a_renamed_variable_changes_its_name_only() -> None:
    renamed = PROGRAM.replace("balances", "amounts")
    assert emit(renamed) == emit(PROGRAM).replace(b'"balances"', b'"amounts"')


def test_the_name_of_the_entry_file_is_not_in_the_bytes() -> None:
    class Anywhere:
        def read(self, path: str) -> bytes | None:
            return PROGRAM.encode() if path == "other name.py" else None

    compilation = compile_program("other name.py", Anywhere())
    assert canonical_bytes(cast("JsonValue", compilation.document)) == emit(PROGRAM)
