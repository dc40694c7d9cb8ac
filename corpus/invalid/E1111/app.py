from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    total = 0
    for i in range(n):
        if i == 5:
            break
        total += i
    return total
