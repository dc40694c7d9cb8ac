"""A package that defines something itself."""

from opforge import record

from words import join_words


@record
class Account:
    name: str
    spent: int


def describe(account: Account, allowed: int) -> str:
    return join_words([account.name, str(account.spent), "of", str(allowed)])
