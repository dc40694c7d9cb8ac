"""The networks and tokens that the treasury uses."""

from registry.networks import NETWORKS, Network, Tier
from registry.tokens import TOKENS, Token, tokens_on

__all__ = ["NETWORKS", "TOKENS", "Network", "Tier", "Token", "tokens_on"]
