from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(name: str) -> str:
    return name.uper()
