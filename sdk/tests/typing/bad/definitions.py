"""Records, ops, the workload and units."""

from opforge import Fail, op, record, units, workload

workload("typed")  # error
workload("typed", version=1)  # error
workload("typed", version="1.0.0", networks={"devnet": "31337"})  # error
workload("typed", version="1.0.0", precision=40)  # error


@record
class Wallet:
    label: str
    amount: int = 0


wallet = Wallet("hot")
wallet.label = "cold"  # error
Wallet()  # error
Wallet("hot", "1")  # error
Wallet(name="hot")  # error


@op(retry="3")  # error
def wrong_option() -> int:
    return 1


@op
def scale(amount: int, *, factor: int = 2) -> int:
    return amount * factor


@op(timeout="2m")
def double(amount: int) -> int:
    return amount * 2


scale("1")  # error
scale(1, 2)  # error
double()  # error
text: str = double(1)  # error

units.ether(0.5)  # error
amount: str = units.ether("0.5")  # error
Fail()  # error
