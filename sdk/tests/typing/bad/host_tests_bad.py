# mypy: disable-error-code="empty-body"
"""Answers that no node or server gives."""

from opforge import Address, Contract, Fail, chain, op, testing
from opforge.testing import ChainBalance, ChainCall, TimeNow, answers, in_turn

ALICE = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")


class Vault(Contract):
    @chain.view
    def name(self) -> str: ...

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...


@op
def total(owners: list[Address]) -> int:
    return len(owners)


answers.balance({ALICE: "5"})  # error
answers.balance({"0x5FbDB2315678afecb367f032d93F642f64180aa3": 5})  # error
answers.balance(Fail("a"))  # error
answers.balance(lambda owner: str(owner))  # error
answers.block("latest")  # error
answers.call(Vault.name, 5)  # error
answers.call(Vault.balanceOf, {"owner": 5})  # error
answers.call(Vault.balanceOf, {ALICE: "5"})  # error
answers.call("balanceOf", 5)  # error
answers.http_get({"https://a.example/": 200})  # error
answers.time(in_turn("now"))  # error
answers.when(TimeNow(), "now")  # error
answers.when(ChainCall.of(Vault.name), 5)  # error
ChainCall.of(Vault.balanceOf, "owner")  # error
ChainBalance(adress=ALICE)  # error
testing.host("latest")  # error
with testing.host() as h:
    h.run(total, ["owner"])  # error
    h.assert_effects("chain.balance")  # error
    h.get_effects("chain.balance")  # error
