from opforge import op, workload

workload("demo", version="1.0.0")


@cached
@op
def run(n: int) -> int:
    return n
