from opforge import Address, op, workload

workload("demo", version="1.0.0")


@op
def run(owner: Address) -> bool:
    return owner == "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
