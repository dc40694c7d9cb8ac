from opforge import Block, on, op, workload

workload("demo", version="1.0.0")


@on.block("mainnet", every=100)
@op
def run(at: Block, floor: int) -> bool:
    return at.number > floor
