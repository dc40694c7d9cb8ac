from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    class Pair:
        first: int
        second: int

    return n
