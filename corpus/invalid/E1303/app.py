from opforge import chain, op, workload

workload("demo", version="1.0.0")


@op
def run(name: str) -> int:
    return chain.block("mainnet", tag=name).number
