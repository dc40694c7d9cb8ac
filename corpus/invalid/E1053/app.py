from opforge import on, op, workload

workload("demo", version="1.0.0")


@on.message("orders.created")
@on.message("orders.created")
@op
def run(text: str) -> int:
    return len(text)
