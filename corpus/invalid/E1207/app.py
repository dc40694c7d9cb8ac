from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: bytearray) -> int:
    return 1
