from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> str:
    match n:
        case None:
            return "none"
        case _:
            return "some"
