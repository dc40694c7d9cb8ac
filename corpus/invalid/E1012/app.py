from opforge import op, workload
from first import LIMIT

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    return n + LIMIT
