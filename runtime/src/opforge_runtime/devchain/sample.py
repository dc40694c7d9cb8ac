"""What every development chain holds: the same accounts, tokens and price feed at the same addresses.

The accounts are the first ten of the mnemonic that Anvil, Hardhat and others use for development. Its
keys are public, so none of them may ever hold anything of value on a real network.

The first account deploys the contracts, in the order given here, with its first nonces; that fixes
their addresses (yellow paper, section 7) on whatever the chain runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = [
    "ACCOUNTS",
    "CHAIN_ID",
    "FEED",
    "GENESIS_TIMESTAMP",
    "MNEMONIC",
    "NATIVE_BALANCES",
    "SECONDS_PER_BLOCK",
    "SLOTS_IN_EPOCH",
    "TOKENS",
    "TOKEN_BALANCES",
    "DevFeed",
    "DevToken",
]

CHAIN_ID: Final = 31337
GENESIS_TIMESTAMP: Final = 1_735_689_600
"""2025-01-01T00:00:00Z, in seconds since the epoch. Blocks take their time from it and never from a clock."""
SECONDS_PER_BLOCK: Final = 12
SLOTS_IN_EPOCH: Final = 2
"""The block `safe` is this many behind `latest`, the block `finalized` twice as many."""

MNEMONIC: Final = "test test test test test test test test test test test junk"
ACCOUNTS: Final = (
    "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
    "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
    "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
    "0x90f79bf6eb2c4f870365e785982e1f101e93b906",
    "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65",
    "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc",
    "0x976ea74026e726554db657fa54763abd0c3a0aa9",
    "0x14dc79964da2c08b23698b3d3cc7ca32193d9955",
    "0x23618e81e3f5cdf7f54c3d65f7fbc0abf5b21e8f",
    "0xa0ee7a142d267c1f36714e4a8f75612f20a79720",
)

_ETHER = 10**18
_MILLIETHER = 10**15
NATIVE_BALANCES: Final[dict[str, int]] = dict(
    zip(
        ACCOUNTS,
        (
            10_000 * _ETHER,
            250_500 * _MILLIETHER,
            32 * _ETHER,
            7_250 * _MILLIETHER,
            1 * _ETHER,
            400 * _MILLIETHER,
            50 * _MILLIETHER,
            1 * _MILLIETHER,
            0,
            1_234_567_890_123_456_789_012,
        ),
        strict=True,
    )
)
"""Wei by account in the genesis block; some accounts are short of gas on purpose."""


@dataclass(frozen=True, slots=True)
class DevToken:
    """An ERC-20 token of the development chain."""

    symbol: str
    name: str
    decimals: int
    address: str


@dataclass(frozen=True, slots=True)
class DevFeed:
    """A contract with `latestAnswer() -> int256` and `decimals() -> uint8`."""

    description: str
    decimals: int
    answer: int
    """The answer in the first block, scaled by 10 to the power of `decimals`."""
    address: str


TOKENS: Final = (
    DevToken("OPF", "Opforge Sample", 18, "0x5fbdb2315678afecb367f032d93f642f64180aa3"),
    DevToken("DUSD", "Development Dollar", 6, "0xe7f1725e7734ce288f8367e1bb143e90bb3f0512"),
    DevToken("DBTC", "Development Bitcoin", 8, "0x9fe46736679d2d9a65f0992f2272de9f3c7fa6e0"),
)
FEED: Final = DevFeed("OPF / DUSD", 8, 241_750_000, "0xcf7ed3acca5a467e9e704c703e8d87f634fb0fc9")

TOKEN_BALANCES: Final[dict[str, dict[str, int]]] = {
    "OPF": {
        ACCOUNTS[1]: 1_200 * 10**18,
        ACCOUNTS[2]: 35_500_000_000_000_000_000,
        ACCOUNTS[3]: 1,
        ACCOUNTS[5]: 80_000 * 10**18,
        ACCOUNTS[9]: 123_456_789_012_345_678_901,
    },
    "DUSD": {
        ACCOUNTS[1]: 25_000_000_000,
        ACCOUNTS[2]: 1_500_250_000,
        ACCOUNTS[4]: 999_999,
        ACCOUNTS[7]: 310_000_000_000,
    },
    "DBTC": {
        ACCOUNTS[1]: 50_000_000,
        ACCOUNTS[6]: 212_345_678,
        ACCOUNTS[9]: 1,
    },
}
"""The smallest units of each token by symbol and holder, dealt out when it is deployed."""
