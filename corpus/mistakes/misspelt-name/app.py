from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(amount: int) -> int:
    total = amonut + 1
    doubled = total * 2
    return doubled + total
