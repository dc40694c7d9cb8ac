from opforge import op, workload

workload("demo", version="1.0.0")


def factorial(n: int) -> int:
    return 1 if n < 2 else n * factorial(n - 1)


@op
def run(n: int) -> int:
    return factorial(n)
