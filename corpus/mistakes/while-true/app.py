from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    while True:
        n -= 1
        if n < 0:
            break
    return n
