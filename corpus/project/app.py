"""A project of several files: a package, names that collide, constants of constants."""

import tokens.registry as registry
from limits import LIMIT, Limits
from opforge import op, workload
from tokens import describe, total

workload("project", version="1.0.0")

NAMES = [name for name in registry.NAMES if name != "DAI"]


def scale(n: int) -> int:
    return n * LIMIT


@op
def main(n: int) -> list[str]:
    limits = Limits(low=LIMIT, high=registry.LIMIT)
    lines = [describe(name, scale(n)) for name in NAMES]
    lines.append(f"{total(NAMES)} {limits.low} {limits.high}")
    return lines
