"""Helper functions: pure ones in expressions, ones with effects as calls, and ones that change arguments."""

from opforge import Address, Block, chain, log, op, workload

workload("helpers", version="1.0.0", networks={"devnet": 31337})


def double(value: int) -> int:
    return value * 2


def clamp(value: int, *, low: int = 0, high: int = 1_000) -> int:
    return max(low, min(double(value), high))


def note(lines: list[str], line: str) -> None:
    lines.append(line)


def balance(owner: Address, at: Block, unit: int = 1) -> int:
    wei = chain.balance(owner, at=at)
    if wei == 0:
        log.info(f"{owner} is empty")
    return wei // unit


@op
def inspect(owners: list[Address], unit: int = 10**9) -> list[str]:
    at = chain.block("devnet")
    lines: list[str] = []
    for owner in owners:
        amount = balance(owner, at, unit=unit)
        note(lines, f"{owner}: {clamp(amount, high=500)}")
    amounts = [balance(owner, at) for owner in owners]
    note(lines, f"total {sum(amounts)}, doubled {double(sum(amounts))}")
    return lines


@op(retry=1, timeout="10s")
def single(owner: Address) -> int:
    at = chain.block("devnet", tag="safe")
    return balance(owner, at)
