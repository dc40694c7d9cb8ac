from opforge import op, workload

workload("demo", version="1.0.0")


workload("other", version="2.0.0")


@op
def run(n: int) -> int:
    return n
