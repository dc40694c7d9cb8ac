from opforge import Address, op, workload

workload("demo", version="1.0.0")


TOKEN = Address("0x1234")


@op
def run(n: int) -> Address:
    return TOKEN
