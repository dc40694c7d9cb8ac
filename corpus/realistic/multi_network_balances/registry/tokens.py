"""The tokens, by network."""

from opforge import Address, record


@record
class Token:
    symbol: str
    network: str
    address: Address
    decimals: int = 18


TOKENS = [
    Token("USDC", "mainnet", Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"), decimals=6),
    Token("WETH", "mainnet", Address("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2")),
    Token("USDC", "base", Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"), decimals=6),
    Token("WETH", "base", Address("0x4200000000000000000000000000000000000006")),
    Token("USDC", "arbitrum", Address("0xaf88d065e77c8cC2239327C5EDb3A432268e5831"), decimals=6),
    Token("USDC", "optimism", Address("0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85"), decimals=6),
]


def tokens_on(network: str) -> list[Token]:
    return [token for token in TOKENS if token.network == network]
