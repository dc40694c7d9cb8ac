"""An address is not a text, nor the other way round."""

from opforge import Address, Contract, chain, log

TEXT = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
OWNER = Address(TEXT)

chain.balance(TEXT)  # error
Contract(TEXT)  # error
log.info(OWNER)  # error
joined: str = "owner " + OWNER  # error
OWNER.text = "0x"  # error
Address(17)  # error
