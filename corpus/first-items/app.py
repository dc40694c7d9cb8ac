"""The first item that fits, or something else."""

from opforge import Address, op, record, workload

workload("first-items", version="1.0.0")


@record
class Wallet:
    address: Address
    label: str
    wei: int


@op
def main(wallets: list[Wallet], label: str, spender: Address) -> str:
    known = next((wallet for wallet in wallets if wallet.label == label and wallet.address != spender), None)
    if known is not None:
        return f"{known.label} has {known.wei}"
    return next((wallet.label for wallet in wallets if wallet.wei > 0), "nobody")
