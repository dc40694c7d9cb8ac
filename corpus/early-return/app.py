"""Returns before the end: guards, returns out of loops, and a branch that never goes on."""

from opforge import Fail, op, workload

workload("early-return", version="1.0.0")


def first_over(values: list[int], limit: int) -> int:
    for value in values:
        if value > limit:
            return value
    return -1


@op
def choose(values: list[int], limit: int) -> str:
    if len(values) == 0:
        return "nothing to choose from"
    found = first_over(values, limit)
    if found < 0:
        if limit > 1_000:
            raise Fail(f"no value is over {limit}, which is too much to ask")
        return "none"
    for index, value in enumerate(values):
        for other in values:
            if index > 0 and value + other == found:
                return f"{value} and {other} make {found}"
    return f"{found} stands alone"
