from opforge import on, op, workload

workload("demo", version="1.0.0")


@on.message("orders.created")
def take(text: str) -> int:
    return len(text)


@op
def run(text: str) -> int:
    return take(text)
