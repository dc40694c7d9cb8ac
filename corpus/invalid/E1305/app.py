from opforge import op, workload

workload("demo", version="1.0.0")


LIMITS = [1, 2]


@op
def run(n: int) -> int:
    LIMITS.append(n)
    return sum(LIMITS)
