from decimal import Decimal

from opforge import Contract, chain, op, workload

workload("demo", version="1.0.0")


class Feed(Contract):
    @chain.view
    def price(self) -> Decimal: ...


@op
def run(n: int) -> int:
    return n
