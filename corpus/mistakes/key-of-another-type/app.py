from opforge import op, workload

workload("demo", version="1.0.0")

LIMITS = {"low": 1, "high": 2}


@op
def run(n: int) -> int:
    return LIMITS[n]
