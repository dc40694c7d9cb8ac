"""An op, and a helper whose name is that of an op elsewhere."""

from opforge import log, op


def double(n: int) -> int:
    return n + n


@op
def sweep(limit: int) -> bool:
    log.info("sweeping")
    return double(limit) > 3


@op
def unused(limit: int) -> bool:
    return limit > 3
