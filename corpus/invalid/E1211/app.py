from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Wallet:
    label: str


@op
def run(wallet: Wallet) -> bool:
    if wallet:
        return True
    return False
