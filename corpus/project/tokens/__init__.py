"""Tokens."""

from tokens.registry import DECIMALS, scale


def total(names: list[str]) -> int:
    return sum(DECIMALS[name] for name in names)


def describe(name: str, n: int) -> str:
    return f"{name} {scale(n)}"
