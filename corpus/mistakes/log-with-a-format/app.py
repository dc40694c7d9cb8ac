from opforge import log, op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> None:
    log.info("n is %d", n)
