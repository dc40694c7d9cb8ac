"""Capability functions take what their definitions say."""

from opforge import Address, chain, http, log, random, time

OWNER = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")

chain.block("mainnet", tag="pending")  # error
chain.block("mainnet", "safe")  # error
chain.block(1)  # error
at = chain.block("mainnet")
chain.balance(OWNER, at)  # error
chain.balance(OWNER, at="latest")  # error
chain.balance(OWNER, netwrok="mainnet")  # error
text: str = chain.balance(OWNER, at=at)  # error
at.number = 5  # error
http.get()  # error
http.get("https://quotes.example", {"accept": "text/plain"})  # error
http.get("https://quotes.example").status_code  # error
http.post("https://quotes.example", {"a": 1})  # error
log.error("x")  # error
log.info(1)  # error
random.integer(1)  # error
time.now(1)  # error
