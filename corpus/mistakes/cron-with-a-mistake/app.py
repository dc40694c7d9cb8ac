from opforge import on, op, workload

workload("demo", version="1.0.0")


@on.cron("0 25 * * *", missed="last")
@op
def run(at: int) -> int:
    return at
