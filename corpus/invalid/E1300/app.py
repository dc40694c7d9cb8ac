from opforge import Address, chain, op, workload

workload("demo", version="1.0.0", networks={"devnet": 31337})


def held(owner: Address) -> int:
    return chain.balance(owner)


@op
def run(owner: Address) -> int:
    return held(owner)
