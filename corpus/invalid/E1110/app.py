from opforge import op, workload

workload("demo", version="1.0.0")


async def fetch(n: int) -> int:
    return n


@op
def run(n: int) -> int:
    return n
