"""What may stand at the top of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from opforge import op, record, workload

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from shares import Share

__all__ = ["run"]
__all__ += ["LOW"]
__version__ = "1.0.0"

workload("file-statements", version=__version__)

LOW, HIGH = 10, 90
FIRST = SECOND = [LOW, HIGH]
(HEAD, *REST), NAME = ([1, 2, 3], "shares")
Percent = Part = int
PERCENTS = [40, 30, 30]
assert sum(PERCENTS) == 100, f"the parts are {sum(PERCENTS)} percent"
assert PERCENTS


@record
class Bounds:
    low: int = LOW
    high: int = HIGH


def total(shares: Sequence[Share], start: Percent = 0) -> Part:
    found: Decimal | None = None
    return start + sum(share.percent for share in shares) if found is None else start


@op
def run(shares: list[Share]) -> list[int]:
    return [total(shares), HEAD, len(NAME), Bounds().high] + FIRST + SECOND + REST + PERCENTS


if __name__ == "__main__":
    print(run([]))
