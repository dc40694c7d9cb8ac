from opforge import op, workload

workload("demo", version="1.0.0")


LIMITS = [1, 2]
for limit in LIMITS:
    pass


@op
def run(n: int) -> int:
    return n
