from opforge import Address, log, op, record, workload

workload("demo", version="1.0.0")


@record
class Wallet:
    address: Address
    label: str
    floor: int = 0


@op
def run(owner: Address) -> Wallet:
    wallet = Wallet(address=owner, lable="x")
    log.info(wallet.label)
    return wallet
