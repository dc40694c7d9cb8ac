from opforge import op, workload
from opforge.units import eter

workload("demo", version="1.0.0")


@op
def run() -> int:
    half = eter("0.5")
    return half * 2
