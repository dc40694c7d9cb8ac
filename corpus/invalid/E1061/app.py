from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amount: int) -> int:
    def fee(amount: int) -> int:
        return amount // 100

    fee = fee(amount)
    return amount - fee
