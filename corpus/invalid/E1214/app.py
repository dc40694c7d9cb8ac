from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(items: list[int]) -> str:
    return f"{items}"
