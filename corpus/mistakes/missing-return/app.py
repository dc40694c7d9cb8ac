from opforge import log, op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    if n > 3:
        return n
    log.info("n is small")
