from opforge import op, workload

workload("demo", version="1.0.0")


def count(n: int) -> list[int]:
    for i in range(n):
        yield i
    return []


@op
def run(n: int) -> int:
    return sum(count(n))
