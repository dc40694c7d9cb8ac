from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    try:
        return 100 // n
    except Exception:
        return 0
