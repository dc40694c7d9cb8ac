from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amounts: list[int]) -> list[int]:
    def share(amount: int) -> int:
        return amount * 100 // total

    total = sum(amounts)
    return [share(amount) for amount in amounts]
