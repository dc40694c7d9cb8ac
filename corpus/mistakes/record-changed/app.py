from opforge import Address, op, record, workload

workload("demo", version="1.0.0")


@record
class Wallet:
    address: Address
    label: str
    floor: int = 0


@op
def run(wallet: Wallet) -> Wallet:
    wallet.floor = 3
    return wallet
