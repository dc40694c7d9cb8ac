from opforge import Address, chain, op, workload

workload("demo", version="1.0.0")


@op
def run(owner: Address) -> int:
    at = chain.block("ethereum")
    return chain.balance(owner, at=at)
