"""The development chain's sample contracts: Vyper sources and what they compile to.

`compiled.json` is committed, so that nobody needs a Solidity or Vyper compiler to start the chain.
"""
