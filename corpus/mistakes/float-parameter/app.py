from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(price: float) -> bool:
    return price > 1
