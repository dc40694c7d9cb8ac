from math import sqrt

from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    return int(sqrt(n))
