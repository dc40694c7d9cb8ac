from functools import cache

from opforge import op, workload

workload("demo", version="1.0.0")


@cache
def steps(n: int) -> list[int]:
    return [step * step for step in range(n)]


@op
def run(n: int) -> list[int]:
    return steps(n)
