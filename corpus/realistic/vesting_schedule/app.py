"""What each grant of the team has vested by now, and whether the vesting contracts agree."""

from dataclasses import replace
from typing import Final, TypeAlias

from opforge import Address, Contract, EffectError, Fail, chain, log, op, record, workload
from opforge.units import days, ether

workload("vesting-schedule", version="1.1.0")

YEAR: Final = days(365)
MONTH: Final = YEAR // 12
LAUNCH: Final = 1_735_689_600  # 2025-01-01T00:00:00Z
TOLERANCE: Final = ether("0.001")


@record
class Linear:
    """Vests second by second."""

    start: int
    duration: int


@record
class Cliff:
    """Nothing until the cliff; then what had accrued, and second by second from there."""

    start: int
    cliff: int
    duration: int


@record
class Monthly:
    """The same amount at the end of each month; the last one takes the rest."""

    start: int
    months: int


@record
class Milestones:
    """A share in percent at each of these times."""

    steps: list[tuple[int, int]]


Schedule: TypeAlias = Linear | Cliff | Monthly | Milestones


@record
class Grant:
    holder: str
    wallet: Address
    amount: int
    schedule: Schedule
    revoked_at: int | None = None


@record
class Line:
    holder: str
    vested: int
    released: int | None
    claimable: int
    is_over_released: bool


@record
class Statement:
    at: int
    lines: list[Line]
    vested: int
    outstanding: int
    next_unlock: int | None


class VestingWallet(Contract):
    @chain.view
    def released(self, token: Address) -> int: ...


TOKEN: Final = Address("0xaf88d065e77c8cC2239327C5EDb3A432268e5831")
GRANTS: Final[list[Grant]] = [
    Grant(
        "alice",
        Address("0x40B985E8Da06e60a9A4Aa571B76f424265BFf511"),
        ether(1_200_000),
        Cliff(start=LAUNCH, cliff=YEAR, duration=4 * YEAR),
    ),
    Grant(
        "bob",
        Address("0x81b637d8fCD2C6da6359E6963113a1170de795e4"),
        ether(365_000),
        Linear(start=LAUNCH + 3 * MONTH, duration=YEAR),
    ),
    Grant(
        "carol",
        Address("0x4c26D9074C27d89eDE59270C0ac14B71E071b152"),
        ether("100000.1"),
        Monthly(start=LAUNCH, months=7),
        revoked_at=LAUNCH + 5 * MONTH,
    ),
    Grant(
        "dan",
        Address("0xec4F2DbB3b140095550C9afbbb69b5D6FD9e814B"),
        ether(40_000),
        Milestones(steps=[(LAUNCH, 10), (LAUNCH + YEAR, 40), (LAUNCH + 2 * YEAR, 50)]),
    ),
]
TOTAL: Final = sum(grant.amount for grant in GRANTS)


def vested_at(amount: int, schedule: Schedule, at: int) -> int:
    """The part of `amount` that has vested at a time, rounded down."""
    match schedule:
        case Linear(start, duration) | Cliff(start, _, duration) if at >= start + duration:
            return amount
        case Linear(start=start) if at <= start:
            return 0
        case Cliff(start=start, cliff=cliff) if at < start + cliff:
            return 0
        case Linear(start, duration) | Cliff(start=start, duration=duration):
            return amount * (at - start) // duration
        case Monthly(start, months):
            passed = max(0, min((at - start) // MONTH, months))
            share, rest = divmod(amount, months)
            return share * passed + (rest if passed == months else 0)
        case Milestones(steps):
            percent = sum(share for when, share in steps if when <= at)
            return amount * percent // 100


def next_unlock(grants: list[Grant], at: int) -> int | None:
    """When the next amount that does not flow by itself is unlocked."""
    times: list[int] = []
    for grant in grants:
        if grant.revoked_at is not None and grant.revoked_at <= at:
            continue
        match grant.schedule:
            case Cliff(start=start, cliff=cliff):
                times.append(start + cliff)
            case Monthly(start=start, months=months):
                times += [start + month * MONTH for month in range(1, months + 1)]
            case Milestones(steps=steps):
                times.extend(when for when, _ in steps)
            case Linear():
                pass
    return min((time for time in times if time > at), default=None)


def build_line(grant: Grant, released: int | None, at: int) -> Line:
    until = at if grant.revoked_at is None else min(at, grant.revoked_at)
    vested = vested_at(grant.amount, grant.schedule, until)
    paid = released or 0
    line = Line(grant.holder, vested, released, vested - paid, is_over_released=False)
    if paid > vested + TOLERANCE:
        line = replace(line, claimable=0, is_over_released=True)
    return line


def check_schedules(grants: list[Grant]) -> None:
    for grant in grants:
        match grant.schedule:
            case Linear(duration=length) | Cliff(duration=length) | Monthly(months=length) if length <= 0:
                raise Fail(f"the schedule of {grant.holder} has no length")
            case Milestones(steps=steps):
                total = sum([share for _, share in steps])
                assert total == 100, f"the milestones of {grant.holder} add up to {total} %"
            case _:
                pass


@op(retry=2, timeout="1m")
def statement(at: int | None = None) -> Statement:
    """The state of all grants at a time, by default that of the latest finalized block."""
    check_schedules(GRANTS)
    block = chain.block("arbitrum", tag="finalized")
    moment = block.timestamp if at is None else at

    lines: list[Line] = []
    for grant in sorted(GRANTS, key=lambda grant: grant.holder):
        released: int | None
        try:
            released = VestingWallet(grant.wallet).released(TOKEN, at=block)
        except EffectError:
            log.warning(f"the wallet of {grant.holder} cannot be read")
            released = None
        line = build_line(grant, released, moment)
        if line.is_over_released:
            log.warning(f"{grant.holder} was paid {line.released} of {line.vested} vested")
        lines.append(line)

    vested = sum(line.vested for line in lines)
    log.info(f"{vested // 10**18:,} of {TOTAL // 10**18:,} tokens are vested")
    return Statement(
        at=moment,
        lines=lines,
        vested=vested,
        outstanding=TOTAL - vested,
        next_unlock=next_unlock(GRANTS, moment),
    )
