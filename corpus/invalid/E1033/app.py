from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Block:
    label: str


@op
def run(n: int) -> int:
    return n
