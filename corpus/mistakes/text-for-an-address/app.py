from opforge import Address, Contract, chain, op, workload

workload("demo", version="1.0.0")


class ERC20(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...


@op
def run() -> int:
    token = ERC20("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
    return token.balanceOf(token.address, at=chain.block("mainnet"))
