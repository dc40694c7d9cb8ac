from opforge import op, time, workload

workload("demo", version="1.0.0")


def today() -> int:
    return time.now() // 86400


TODAY = today()


@op
def run(n: int) -> int:
    return n + TODAY
