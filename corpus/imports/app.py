"""Definitions from other files of the project: modules, a package, other names."""

from lib import Account, describe
from lib.limits import DAILY
from lib.limits import limit as limit_of
from opforge import op, workload
from shared import scale as enlarge

workload("imports", version="1.0.0")


def limit() -> int:
    return 7


@op
def check(accounts: list[Account], factor: int = 2) -> list[str]:
    allowed = enlarge(limit_of(DAILY), factor)
    return [describe(account, allowed) for account in accounts if account.spent + limit() < allowed]
