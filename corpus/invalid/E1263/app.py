from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(names: list[str]) -> list[str]:
    return list(set(names))
