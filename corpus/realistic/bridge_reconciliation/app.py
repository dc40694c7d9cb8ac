"""Reconcile a token bridge: what was locked on one side must be minted on the other, message by message."""

from decimal import Decimal
from enum import StrEnum

from opforge import (
    Address,
    Block,
    Contract,
    EffectError,
    Fail,
    Timeout,
    chain,
    http,
    log,
    on,
    op,
    record,
    workload,
)
from opforge.abi import bytes32, uint64
from opforge.units import hours

workload("bridge-reconciliation", version="1.0.0")

HOME = "mainnet"
AWAY = "base"
HOME_BRIDGE = Address("0x3154Cf16ccdb4C6d922629664174b904d80F2C35")
AWAY_BRIDGE = Address("0x4200000000000000000000000000000000000010")
HOME_TOKEN = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
AWAY_TOKEN = Address("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913")
INDEXER = "https://indexer.example.net/api"

UNIT = 10**6
LATE_AFTER = hours(6)
MAX_MESSAGES = 200
ATTEMPTS = 3


class State(StrEnum):
    DELIVERED = "delivered"
    WAITING = "waiting"
    LATE = "late"
    UNKNOWN = "unknown"
    ALTERED = "altered"


class HomeBridge(Contract):
    @chain.view
    def nonce(self) -> uint64: ...

    @chain.view
    def messageHash(self, nonce: uint64) -> bytes32: ...


class AwayBridge(Contract):
    @chain.view
    def deliveredHash(self, nonce: uint64) -> bytes32: ...


class Token(Contract):
    @chain.view
    def balanceOf(self, owner: Address) -> int: ...

    @chain.view
    def totalSupply(self) -> int: ...


@record
class Deposit:
    nonce: int
    sender: Address
    amount: int
    at: int


@record
class Finding:
    nonce: int
    state: State
    amount: int


@record
class Reconciliation:
    home_block: int
    away_block: int
    locked: Decimal
    minted: Decimal
    in_flight: Decimal
    unexplained: Decimal
    counts: dict[State, int]
    findings: list[Finding]
    gaps: list[tuple[int, int]]


EMPTY = bytes(32)


def fetch_deposits(first: int, last: int) -> dict[int, Deposit]:
    """The indexer's deposits by nonce. It is asked again when it takes too long."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            response = http.get(f"{INDEXER}/deposits?from={first}&to={last}")
        except Timeout:
            log.info(f"the indexer took too long ({attempt} of {ATTEMPTS})")
            continue
        if response.status == 200:
            deposits: list[Deposit] = response.json()
            return {deposit.nonce: deposit for deposit in deposits}
        elif response.status not in (429, 503):
            raise Fail(f"the indexer answered {response.status}")
    raise Fail(f"the indexer did not answer {ATTEMPTS} times")


def find_gaps(nonces: list[int], first: int, last: int) -> list[tuple[int, int]]:
    """The ranges of nonces, both ends included, that are missing."""
    gaps: list[tuple[int, int]] = []
    expected = first
    for nonce in sorted(nonces) + [last + 1]:
        if nonce > expected:
            gaps.append((expected, nonce - 1))
        expected = nonce + 1
    return gaps


def judge(sent: bytes, delivered: bytes, age: int) -> State:
    if delivered == EMPTY:
        return State.LATE if age > LATE_AFTER else State.WAITING
    if sent == EMPTY:
        return State.UNKNOWN
    return State.DELIVERED if sent == delivered else State.ALTERED


def read_hashes(nonces: list[int], home: Block, away: Block) -> list[tuple[bytes, bytes]]:
    sent = [HomeBridge(HOME_BRIDGE, network=HOME).messageHash(nonce, at=home) for nonce in nonces]
    got = [AwayBridge(AWAY_BRIDGE, network=AWAY).deliveredHash(nonce, at=away) for nonce in nonces]
    return list(zip(sent, got))


@on.block(HOME, every=300, missed="skip")
@on.manual()
@op(retry=2, timeout="5m", tags=["bridge"])
def reconcile(first: int = 1) -> Reconciliation:
    """Compare both sides from one nonce on."""
    if first < 1:
        raise Fail("nonces begin with 1")
    home = chain.block(HOME, tag="finalized")
    away = chain.block(AWAY, tag="safe")

    last = HomeBridge(HOME_BRIDGE, network=HOME).nonce(at=home)
    if last - first >= MAX_MESSAGES:
        log.warning(f"only the latest {MAX_MESSAGES} of {last - first + 1} messages are compared")
        first = last - MAX_MESSAGES + 1

    deposits = fetch_deposits(first, last)
    for nonce in list(deposits):
        if not first <= nonce <= last:
            del deposits[nonce]
    gaps = find_gaps(list(deposits.keys()), first, last)

    nonces = sorted(deposits)
    hashes = read_hashes(nonces, home, away)
    findings: list[Finding] = []
    counts = {state: 0 for state in State}
    in_flight = 0
    for nonce, (sent, delivered) in zip(nonces, hashes):
        deposit = deposits[nonce]
        state = judge(sent, delivered, home.timestamp - deposit.at)
        counts[state] += 1
        if state in (State.WAITING, State.LATE):
            in_flight += deposit.amount
        if state not in {State.DELIVERED, State.WAITING}:
            findings.append(Finding(nonce, state, deposit.amount))

    locked = Token(HOME_TOKEN, network=HOME).balanceOf(HOME_BRIDGE, at=home)
    try:
        minted = Token(AWAY_TOKEN, network=AWAY).totalSupply(at=away)
    except EffectError as error:
        raise Fail(f"the supply on {AWAY} cannot be read") from error
    unexplained = locked - minted - in_flight

    for finding in findings:
        if finding.state == State.ALTERED:
            log.warning(f"message {finding.nonce} was delivered with other contents than were sent")
            break
    else:
        log.info("no message was altered")
    if unexplained < 0:
        log.warning(f"{-unexplained / Decimal(UNIT):,.2f} more are minted than locked")

    return Reconciliation(
        home_block=home.number,
        away_block=away.number,
        locked=Decimal(locked) / UNIT,
        minted=Decimal(minted) / UNIT,
        in_flight=Decimal(in_flight) / UNIT,
        unexplained=Decimal(unexplained) / UNIT,
        counts={state: number for state, number in counts.items() if number},
        findings=sorted(findings, key=lambda finding: finding.amount, reverse=True),
        gaps=gaps,
    )
