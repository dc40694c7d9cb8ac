"""Op files of a given number of nodes, mixed as authors write them: reads, records, loops, arithmetic."""

from __future__ import annotations

from typing import Final

__all__ = ["ENTRY", "NODES_OF_A_TASK", "Files", "build_program", "build_project"]

ENTRY: Final = "app.py"
NODES_OF_A_TASK: Final = 50
"""About how many nodes one of the repeated parts compiles to; what all parts share is not counted."""

_SHARED: Final = '''\
"""What all files of the program use."""

from decimal import Decimal

from opforge import Address, Block, Contract, chain, log, record

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
UNIT = 10**6
FLOOR = 250 * UNIT
CENT = Decimal("0.01")


class ERC20(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...


@record
class Wallet:
    address: Address
    label: str
    limit: int | None


@record
class Row:
    label: str
    wei: int
    held: int
    low: bool
    share: Decimal


def is_low(wei: int, floor: int) -> bool:
    """Whether a wallet has less than it should."""
    return wei < floor


def holding(token: Address, owner: Address, at: Block) -> int:
    """The whole units of a token that somebody holds."""
    raw = ERC20(token).balanceOf(owner, at=at)
    return raw // UNIT
'''

_HEAD: Final = '''\
"""A generated program."""

from decimal import Decimal

from opforge import Address, Block, Contract, chain, log, op, record, workload

workload("generated", version="1.0.0")

'''

_IMPORTS: Final = '''\
"""A part of a generated program."""

from decimal import Decimal

from opforge import chain, log

from shared import CENT, FLOOR, UNIT, USDC, Row, Wallet, holding, is_low

'''

_TASK: Final = '''

def clamp_{n}(value: int, low: int, high: int) -> int:
    """The value within its bounds."""
    if value < low:
        return low
    if value > high:
        return high
    return value


{decorator}def check_{n}(wallets: list[Wallet], floor: int = FLOOR) -> list[Row]:
    """Read every wallet at one finalized block, and report on each of them."""
    at = chain.block("mainnet", tag="finalized")
    balances = [chain.balance(w.address, at=at) for w in wallets]
    held = [holding(USDC, w.address, at) for w in wallets]
    total = sum(balances) + {n}
    lowest = floor
    count = 0
    rows: list[Row] = []
    for wallet, wei in zip(wallets, balances):
        limit = floor if wallet.limit is None else wallet.limit
        low = is_low(wei, limit)
        if low:
            count += 1
            lowest = min(lowest, wei)
        elif wei > 4 * limit:
            lowest = lowest - 1
        else:
            lowest = clamp_{n}(lowest, 0, limit)
        share = (Decimal(wei) / Decimal(max(total, 1))).quantize(CENT)
        rows.append(Row(label=wallet.label, wei=wei, held=wei // UNIT, low=low, share=share))
    spare = total - floor * len(wallets)
    mean = total // max(len(wallets), 1)
    missing = max(0, floor - mean)
    reserve = clamp_{n}(spare - missing, 0, 10 * floor)
    worst = min(reserve, lowest) if count > 0 else reserve
    is_short = worst < floor and missing > 0
    labels = [row.label for row in rows if row.low]
    amounts = {{row.label: row.wei for row in rows if not row.low}}
    richest = 0
    for label, amount in amounts.items():
        if amount > richest and label != "":
            richest = amount
    assert richest <= total, f"{{richest}} of {{total}}"
    tokens = sum(held) + richest % 7
    if is_short or tokens == 0:
        names = ", ".join(labels)
        log.warning(f"{{len(labels)}} of {{len(rows)}} wallets are low ({{worst:,}}): {{names}}")
    return [row for row in rows if row.low or row.held > tokens]
'''

_DECORATOR: Final = '@op(retry=3, timeout="2m", tags=["treasury"])\n'
_TASKS_OF_A_FILE: Final = 25

Files = dict[str, str]
"""The sources of a program by path; `ENTRY` is the one that is compiled."""


def build_program(nodes: int) -> Files:
    """One file of this many nodes, or a few more."""
    tasks = [_TASK.format(n=n, decorator=_DECORATOR) for n in range(_count_tasks(nodes))]
    return {ENTRY: "".join([_HEAD, _SHARED.partition("record\n\n")[2], *tasks])}


def build_project(nodes: int) -> Files:
    """The same in several files: one of what all use, some of helpers, and the entry with an op for each."""
    count = _count_tasks(nodes)
    files: Files = {"shared.py": _SHARED}
    entry = [_HEAD, "from shared import FLOOR, Row, Wallet\n"]
    ops: list[str] = []
    for part, first in enumerate(range(0, count, _TASKS_OF_A_FILE)):
        numbers = range(first, min(first + _TASKS_OF_A_FILE, count))
        files[f"part_{part}.py"] = _IMPORTS + "".join(_TASK.format(n=n, decorator="") for n in numbers)
        entry.append(f"from part_{part} import {', '.join(f'check_{n}' for n in numbers)}\n")
        ops += [
            f"\n\n{_DECORATOR}def run_{n}(wallets: list[Wallet], floor: int = FLOOR) -> list[Row]:\n"
            f"    return check_{n}(wallets, floor)\n"
            for n in numbers
        ]
    files[ENTRY] = "".join(entry + ops)
    return files


def _count_tasks(nodes: int) -> int:
    return max(1, -(-nodes // NODES_OF_A_TASK))
