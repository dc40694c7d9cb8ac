from opforge import op, workload
from opforge.units import *

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    return n
