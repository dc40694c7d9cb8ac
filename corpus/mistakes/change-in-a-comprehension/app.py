from opforge import Address, chain, op, workload

workload("demo", version="1.0.0")


@op
def run(owners: list[Address]) -> list[int]:
    found: list[int] = []
    [found.append(chain.balance(owner, network="mainnet")) for owner in owners]
    return found
