from opforge import Contract, op, workload

workload("demo", version="1.0.0")


class Token(Contract):
    def decimals(self) -> int: ...


@op
def run(n: int) -> int:
    return n
