"""Names for types: aliases, new types, sized types, literals and metadata, which all mean a type of the language."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal, NewType, TypeAlias

from opforge import op, record, workload
from opforge.abi import bytes4, int128, uint8

workload("type-names", version="1.0.0")

Wei = NewType("Wei", int)
Balances: TypeAlias = "dict[str, Wei]"
Mode = Literal["fast", "safe"]

DECIMALS: Final[uint8] = 18
SELECTOR: bytes4 = b"\x70\xa0\x82\x31"


@record
class Transfer:
    amount: Wei
    fee: Annotated[int, "in wei"] = 0
    change: int128 = -1
    mode: Mode = "safe"


def total(amounts: Mapping[str, Wei], extra: Sequence[Wei]) -> Wei:
    return Wei(sum(amounts.values()) + sum(extra))


@op
def spend(balances: Balances, transfers: list[Transfer], decimals: uint8 = DECIMALS) -> "dict[str, int]":
    limit: Final[int] = 10**decimals
    fees = [Wei(transfer.fee) for transfer in transfers if transfer.mode == "fast"]
    return {"total": min(limit, total(balances, fees)), "selector": len(SELECTOR)}
