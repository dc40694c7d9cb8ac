from opforge import chain, op, workload

workload("demo", version="1.0.0")


@op
def run() -> int:
    return chain.block("mainnet", tag="finalised").number
