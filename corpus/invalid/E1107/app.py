from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    def double(x: int) -> int:
        return 2 * x

    return n
