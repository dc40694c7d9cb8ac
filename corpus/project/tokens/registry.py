"""The tokens that are known."""

NAMES = ["USDC", "WETH", "DAI"]
DECIMALS = {"USDC": 6, "WETH": 18, "DAI": 18}
LIMIT = max(DECIMALS.values())


def scale(n: int) -> int:
    return n // LIMIT
