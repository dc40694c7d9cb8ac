"""The networks that every program knows by name, with their chain ids (EIP-155, ethereum-lists/chains).

Others are declared by the program: `workload(networks={"devnet": 31337})`.
"""

from __future__ import annotations

from typing import Final

__all__ = ["WELL_KNOWN_NETWORKS"]

WELL_KNOWN_NETWORKS: Final[dict[str, int]] = {
    "arbitrum": 42161,
    "arbitrum-sepolia": 421614,
    "avalanche": 43114,
    "base": 8453,
    "base-sepolia": 84532,
    "bsc": 56,
    "celo": 42220,
    "gnosis": 100,
    "hoodi": 560048,
    "linea": 59144,
    "mainnet": 1,
    "mantle": 5000,
    "optimism": 10,
    "optimism-sepolia": 11155420,
    "polygon": 137,
    "scroll": 534352,
    "sepolia": 11155111,
    "unichain": 130,
    "zksync": 324,
}
"""Chain id by name. Names and ids are permanent: they are written into programs."""
