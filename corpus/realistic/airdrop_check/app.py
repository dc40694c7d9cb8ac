"""Check an airdrop list before it is funded: every row, every sum, and what was claimed already."""

from opforge import Address, Contract, Fail, chain, log, op, record, workload
from opforge.units import ether

workload("airdrop-check", version="3.0.0")

NETWORK = "arbitrum"
TOKEN = Address("0x82aF49447D8a07e3bd95BD0d56f35241523fBab1")
DISTRIBUTOR = Address("0x62f2F0F1EFf10D3152C95f6F0596576e482bB8E4")

MAX_SHARE = ether(250_000)
DUST = ether("0.01")

# index, account, amount in whole tokens, note
LIST = """
# wave 1: contributors
0,0x2bd806c97F0e00aF1a1fC3328fA763a9269723C8,125000,core
1,0x81b637d8fCD2C6da6359E6963113a1170de795e4,80500.5,core
2,0x4c26D9074C27d89eDE59270C0ac14B71E071b152,40000,docs

# wave 2: early users
3,0xec4F2DbB3b140095550C9afbbb69b5D6FD9e814B,1250.25,
4,0x7CbcCb0C4CAADF9FCdB51Ee457a828cC72A45879,990,referral
"""
EXPECTED_TOTAL = ether("247740.75")
COLUMNS = ("index", "account", "amount", "note")


class ERC20(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...


class Distributor(Contract):
    @chain.view
    def token(self) -> Address: ...

    @chain.view
    def isClaimed(self, index: int) -> bool: ...


@record
class Row:
    index: int
    account: Address
    amount: int
    note: str


@record
class Problem:
    line: int
    text: str


@record
class Check:
    rows: int
    total: int
    claimed: int
    open: int
    missing_funds: int
    notes: dict[str, int]
    problems: list[Problem]


def parse_row(line: str) -> Row:
    """One row. Raises ValueError when a column is no number or no address, Fail when a column is missing."""
    parts = [part.strip() for part in line.split(",")]
    if len(parts) != len(COLUMNS):
        raise Fail(f"{len(parts)} columns where {len(COLUMNS)} are expected ({', '.join(COLUMNS)})")
    index, account, amount, note = parts
    return Row(int(index), Address(account), ether(amount), note or "-")


def parse(text: str) -> tuple[list[Row], list[Problem]]:
    rows: list[Row] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.partition("#")[0].strip()
        if not line:
            continue
        try:
            row = parse_row(line)
        except ValueError:
            problems.append(Problem(number, f"this row cannot be read: {line}"))
            continue
        except Fail as failure:
            problems.append(Problem(number, str(failure)))
            continue
        rows.append(row)
    return rows, problems


def find_problems(rows: list[Row]) -> list[Problem]:
    """What is wrong with rows that can be read, each at the number of its row."""

    def is_in_order(position: int, row: Row) -> bool:
        return row.index == position

    problems: list[Problem] = []
    first_seen: dict[Address, int] = {}
    for position, row in enumerate(rows):
        if not is_in_order(position, row):
            problems.append(Problem(position, f"index {row.index} stands at position {position}"))
        if row.account in first_seen:
            problems.append(
                Problem(position, f"{row.account} is listed twice, first at {first_seen[row.account]}")
            )
        else:
            first_seen[row.account] = position
        if not DUST <= row.amount <= MAX_SHARE:
            problems.append(Problem(position, f"{row.account} would get {row.amount // ether(1)} tokens"))
    return problems


@op(retry=3, timeout="1m")
def check(text: str = LIST, expected_total: int = EXPECTED_TOTAL) -> Check:
    """Check the list against itself and against the distributor's state on chain."""
    rows, problems = parse(text)
    problems.extend(find_problems(rows))
    if not rows:
        raise Fail("the list has no rows")

    total = sum(row.amount for row in rows)
    if total != expected_total:
        difference = total - expected_total
        problems.append(Problem(0, f"the total is off by {difference:+,} wei"))

    at = chain.block(NETWORK, tag="safe")
    distributor = Distributor(DISTRIBUTOR)
    assert distributor.token(at=at) == TOKEN, "the distributor pays out another token"
    is_claimed = [distributor.isClaimed(row.index, at=at) for row in rows]
    funds = ERC20(TOKEN).balanceOf(DISTRIBUTOR, at=at)

    claimed = sum(row.amount for row, done in zip(rows, is_claimed) if done)
    missing = max(0, total - claimed - funds)
    notes: dict[str, int] = {}
    for row in rows:
        notes.setdefault(row.note, 0)
        notes[row.note] += 1

    for problem in problems[:10]:
        log.warning(f"row {problem.line:>3}: {problem.text}")
    if len(problems) > 10:
        log.warning(f"… and {len(problems) - 10} more")
    if missing:
        log.warning(f"the distributor lacks {missing} wei")
    log.info(f"{len(rows)} rows, {sum(is_claimed)} claimed, {len(problems)} problems")
    return Check(
        rows=len(rows),
        total=total,
        claimed=claimed,
        open=total - claimed,
        missing_funds=missing,
        notes=notes,
        problems=problems,
    )
