from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> list[int]:
    items = [n]
    items = items.append(3)
    return items
