"""Records: defaults, nesting, Optional fields and narrowing."""

from __future__ import annotations

from dataclasses import dataclass

from opforge import Address, op, record, workload

workload("records", version="1.0.0")

Wallets = list["Wallet"]


@record
class Limit:
    low: int
    high: int | None = None


@dataclass(frozen=True)
class Wallet:
    address: Address
    limit: Limit | None
    label: str = "unnamed"
    tags: tuple[str, str] = ("a", "b")


DEFAULT_LIMIT = Limit(low=10**18)


def excess(wallet: Wallet, wei: int) -> int:
    limit = wallet.limit
    if limit is None:
        limit = DEFAULT_LIMIT
    if limit.high is not None and wei > limit.high:
        return wei - limit.high
    return min(0, wei - limit.low)


@op
def check(wallets: Wallets, wei: list[int]) -> list[tuple[str, int]]:
    made = Wallet(Address("0x52908400098527886E0F7030069857D2E4169EE7"), limit=Limit(1, high=2))
    found = [(w.label, excess(w, n)) for w, n in zip(wallets + [made], wei) if w != made]
    return [(label + wallets[0].tags[1], n) for label, n in found if n]
