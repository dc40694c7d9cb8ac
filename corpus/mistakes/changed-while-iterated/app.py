from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amounts: list[int]) -> list[int]:
    for amount in amounts:
        if amount < 0:
            amounts.remove(amount)
    return amounts
