from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Wallet:
    label: str

    def shown(self) -> str:
        return self.label


@op
def run(wallet: Wallet) -> str:
    return wallet.label
