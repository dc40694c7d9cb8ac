"""f-strings: conversions, format specifications, nested quotes, and how each type is spelled."""

from decimal import Decimal

from opforge import Address, op, workload

workload("formatting", version="1.0.0")


@op
def spell(count: int, amount: Decimal, name: str, owner: Address, data: bytes, ready: bool) -> list[str]:
    return [
        f"{count}|{count:,}|{count:>8}|{count:08d}|{count:+}|{count:x}|{count:_}",
        f"{amount}|{amount:,.2f}|{amount:>12.3f}|{amount:e}|{amount:%}",
        f"{name}|{name:<12}|{name:*^9}|{name:.3}",
        f"{owner} {{literal braces}} {data.hex()}",
        f"ready: {ready}, {'yes' if ready else 'no'}",
        f"{count + 1} of {len(name) * 2}" + " and " + str(amount),
        "",
    ]
