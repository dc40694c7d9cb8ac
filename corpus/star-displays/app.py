"""Lists and dicts that are put together of others in one display."""

from opforge import log, op, workload

workload("star-displays", version="1.0.0")

BASE = ["ETH", "USDC"]
ALL = [*BASE, "DAI"]
LIMITS = {"ETH": 10, **{symbol: 5 for symbol in ALL}}


@op
def main(symbols: list[str], amounts: dict[str, int]) -> dict[str, int]:
    wanted = ["first", *symbols, *ALL]
    log.info(", ".join(wanted))
    return {**LIMITS, **amounts, "count": len(wanted)}
