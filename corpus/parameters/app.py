"""Parameters of every form, with defaults of every kind."""

from decimal import Decimal

from opforge import Address, op, record, workload

workload("parameters", version="1.0.0")

ORIGIN = Address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8")


@record
class Limits:
    low: int
    high: int = 100


def clamp(value: int, /, limits: Limits = Limits(0), *, step: int = 1) -> int:
    return min(max(value // step * step, limits.low), limits.high)


def both(pair: tuple[int, int] = (1, 2), /) -> int:
    """Positional only, and left out."""
    return pair[0] + pair[1]


def unused(_first: int, _second: str = "") -> None:
    """Does nothing."""


@op
def run(
    value: int,
    /,
    rate: Decimal = Decimal("0.5"),
    pair: tuple[int, int] = (3, 4),
    *,
    limits: Limits = Limits(low=1),
    owner: Address | None = ORIGIN,
) -> list[int]:
    unused(value)
    unused(1, _second="x")
    return [
        clamp(value),
        clamp(value, limits, step=5),
        clamp(value, step=2, limits=limits),
        both(),
        both(pair),
        int(rate * 10),
        0 if owner is None else 1,
    ]
