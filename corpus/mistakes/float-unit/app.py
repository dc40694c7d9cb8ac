from opforge import op, workload
from opforge.units import ether

workload("demo", version="1.0.0")


@op
def run() -> int:
    return ether(0.5)
