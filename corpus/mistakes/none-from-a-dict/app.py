from opforge import op, workload

workload("demo", version="1.0.0")

LIMITS = {"low": 1, "high": 2}


@op
def run(key: str) -> int:
    found = LIMITS.get(key)
    return found + 1
