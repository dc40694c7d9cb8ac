from opforge import op, workload

workload("demo", version="1.0.0")


def keep(items: list[int], item: int) -> int:
    items.append(item)
    return item


@op
def run(n: int) -> int:
    kept: list[int] = []
    return sum([keep(kept, i) for i in range(n)])
