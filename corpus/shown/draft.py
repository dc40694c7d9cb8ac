"""A first draft with mistakes."""

import os

from opforge import op, workload

workload("draft", version="1.0.0")


@op
def compute(values: list[int], share: int) -> int:
    total = 0
    for value in values:
        total += value
    print(total)
    label = "total: " + total
    return total / share
