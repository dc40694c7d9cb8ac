from opforge import op, workload
from opforge.abi import uint8

workload("demo", version="1.0.0")


@op
def run(decimals: uint8 = 256) -> int:
    return decimals
