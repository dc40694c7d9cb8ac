from opforge import workload

workload("demo", version="1.0.0")


def run(n: int) -> int:
    return n
