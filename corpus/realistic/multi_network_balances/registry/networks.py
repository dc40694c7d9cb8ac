"""Where the treasury holds anything."""

from enum import Enum

from opforge import record


class Tier(Enum):
    """How much may lie on a network."""

    MAIN = "main"
    ROLLUP = "rollup"


@record
class Network:
    name: str
    tier: Tier
    symbol: str = "ETH"


NETWORKS = (
    Network("mainnet", Tier.MAIN),
    Network("base", Tier.ROLLUP),
    Network("arbitrum", Tier.ROLLUP),
    Network("optimism", Tier.ROLLUP),
)
