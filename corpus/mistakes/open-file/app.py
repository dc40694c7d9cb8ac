from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    with open("wallets.json") as file:
        n = len(file.read())
    return n
