from opforge import Address, chain, op, workload

workload("demo", version="1.0.0")

OTHER = Address("0xa0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")


@op
def run() -> int:
    return chain.balance(OTHER, network="mainnet")
