from opforge import op, workload
from opforge.units import gwei

workload("demo", version="1.0.0")


DUST = gwei("0.0000000001")


@op
def run(n: int) -> int:
    return n + DUST
