from opforge import op, workload

workload("demo", version="1.0.0")

COUNT = 0


@op
def run(n: int) -> int:
    global COUNT
    COUNT += n
    return COUNT
