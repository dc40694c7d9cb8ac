from opforge import Address, op, workload

workload("demo", version="1.0.0")


TOKEN = Address("0x5fbDB2315678afecb367f032d93F642f64180aa3")


@op
def run(n: int) -> Address:
    return TOKEN
