from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    done = False
    while not done:
        n = 3 * n + 1 if n % 2 else n // 2
        done = n == 1
    return n
