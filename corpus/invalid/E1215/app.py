from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    value = 1
    if n > 0:
        value = "one"
    shown = value
    return n
