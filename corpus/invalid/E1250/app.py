from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amounts: list[int], names: list[str]) -> int:
    total = 0
    for share, name in zip((100 // amount for amount in amounts), names):
        total += share * len(name)
    return total
