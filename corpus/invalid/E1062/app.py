from opforge import op, workload

workload("demo", version="1.0.0")

SHARES = [40, 30, 20]
assert sum(SHARES) == 100, f"the shares are {sum(SHARES)} percent"


@op
def run(n: int) -> list[int]:
    return [n * share // 100 for share in SHARES]
