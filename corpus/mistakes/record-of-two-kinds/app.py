from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Won:
    amount: int


@record
class Lost:
    reason: str


@op
def run(outcome: Won | Lost) -> str:
    return outcome.reason
