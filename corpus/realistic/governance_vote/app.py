"""Follow one governance proposal: how far the vote is, and which of our delegates have not voted."""

from enum import IntEnum
from typing import Final

from opforge import Address, Contract, DecodeError, Fail, Reverted, chain, http, log, op, record, workload
from opforge.abi import uint8

workload("governance-vote", version="1.3.0")

NETWORK: Final = "mainnet"
GOVERNOR: Final = Address("0x323A76393544d5ecca80cd6ef2A560C6a395b7E3")
TOKEN: Final = Address("0xC18360217D8F7Ab5e7c516566761Ea12Ce7F9D72")
VOTES_URL: Final = "https://votes.example.org"

BLOCKS_PER_HOUR: Final = 60 * 60 // 12
URGENT_BLOCKS: Final = 12 * BLOCKS_PER_HOUR
WEI: Final = 10**18
MAX_PAGES: Final = 20


class Governor(Contract):
    @chain.view
    def state(self, proposalId: int) -> uint8: ...

    @chain.view
    def proposalSnapshot(self, proposalId: int) -> int: ...

    @chain.view
    def proposalDeadline(self, proposalId: int) -> int: ...

    @chain.view
    def quorum(self, timepoint: int) -> int: ...

    @chain.view
    def hasVoted(self, proposalId: int, account: Address) -> bool: ...


class VotesToken(Contract):
    @chain.view
    def getPastVotes(self, account: Address, timepoint: int) -> int: ...


class ProposalState(IntEnum):
    PENDING = 0
    ACTIVE = 1
    CANCELED = 2
    DEFEATED = 3
    SUCCEEDED = 4
    QUEUED = 5
    EXPIRED = 6
    EXECUTED = 7


class Support(IntEnum):
    AGAINST = 0
    FOR = 1
    ABSTAIN = 2


@record
class Delegate:
    name: str
    account: Address


@record
class Vote:
    voter: Address
    support: Support
    weight: int


@record
class VotePage:
    votes: list[Vote]
    next: int | None = None


@record
class Tally:
    yes: int
    no: int
    abstain: int
    voters: int


@record
class Waiting:
    starts_at: int


@record
class Open:
    tally: Tally
    quorum: int
    blocks_left: int
    missing: list[str]
    is_passing: bool


@record
class Decided:
    state: str
    has_passed: bool


Status = Waiting | Open | Decided

DELEGATES: Final = (
    Delegate("alice", Address("0x2bd806c97F0e00aF1a1fC3328fA763a9269723C8")),
    Delegate("bob", Address("0x81b637d8fCD2C6da6359E6963113a1170de795e4")),
    Delegate("carol", Address("0x4c26D9074C27d89eDE59270C0ac14B71E071b152")),
)


def fetch_votes(proposal: int) -> list[Vote]:
    """All votes that the indexer knows, page by page."""
    votes: list[Vote] = []
    page: int | None = 0
    for _ in range(MAX_PAGES):
        if page is None:
            break
        response = http.get(f"{VOTES_URL}/proposals/{proposal}/votes?page={page}")
        if response.status != 200:
            raise Fail(f"the indexer answered {response.status}: {response.text[:80]}")
        answer: VotePage = response.json()
        votes += answer.votes
        page = answer.next
    else:
        log.warning(f"only the first {MAX_PAGES} pages of votes were read")
    return votes


def count(votes: list[Vote]) -> Tally:
    totals = {support: 0 for support in (Support.AGAINST, Support.FOR, Support.ABSTAIN)}
    for vote in votes:
        totals[vote.support] += vote.weight
    return Tally(
        yes=totals[Support.FOR],
        no=totals[Support.AGAINST],
        abstain=totals[Support.ABSTAIN],
        voters=len({vote.voter for vote in votes}),
    )


def is_passing(tally: Tally, quorum: int) -> bool:
    return tally.yes > tally.no and tally.yes + tally.abstain >= quorum


def describe(status: Status) -> str:
    match status:
        case Waiting(starts_at=block):
            return f"the vote starts at block {block}"
        case Open(tally=Tally(yes=yes, no=no), is_passing=passing, blocks_left=left):
            hours, blocks = divmod(left, BLOCKS_PER_HOUR)
            outlook = "passing" if passing else "failing"
            return f"{outlook}, {yes // WEI:,} for and {no // WEI:,} against, {hours} h {blocks} blocks left"
        case Decided(state=state):
            return f"the proposal is {state}"


@op(retry=2, timeout="5m", tags=("governance",))
def track(proposal: int, delegates: list[Delegate] | None = None) -> Status:
    """Where the proposal stands at the latest finalized block."""
    at = chain.block(NETWORK, tag="finalized")
    governor = Governor(GOVERNOR)
    try:
        state = ProposalState(governor.state(proposal, at=at))
    except Reverted:
        raise Fail(f"the governor knows no proposal {proposal}") from None
    except ValueError as error:
        raise Fail("the governor answers with a state that is not in the standard") from error

    snapshot = governor.proposalSnapshot(proposal, at=at)
    match state:
        case ProposalState.PENDING:
            return Waiting(starts_at=snapshot)
        case ProposalState.ACTIVE:
            pass
        case ProposalState.SUCCEEDED | ProposalState.QUEUED | ProposalState.EXECUTED:
            return Decided(state.name.lower(), has_passed=True)
        case _:
            return Decided(state.name.lower(), has_passed=False)

    if delegates is None:
        delegates = list(DELEGATES)
    deadline = governor.proposalDeadline(proposal, at=at)
    quorum = governor.quorum(snapshot, at=at)
    voted = [governor.hasVoted(proposal, delegate.account, at=at) for delegate in delegates]
    power = [VotesToken(TOKEN).getPastVotes(delegate.account, snapshot, at=at) for delegate in delegates]
    silent = [
        (weight, delegate.name)
        for delegate, weight, has_voted in zip(delegates, power, voted)
        if not has_voted and weight > 0
    ]
    silent.sort(key=lambda entry: (-entry[0], entry[1]))

    try:
        tally = count(fetch_votes(proposal))
    except DecodeError:
        log.warning("the indexer's answer cannot be read; the tally is left empty")
        tally = Tally(0, 0, 0, 0)

    status = Open(
        tally=tally,
        quorum=quorum,
        blocks_left=max(deadline - at.number, 0),
        missing=[name for _, name in silent],
        is_passing=is_passing(tally, quorum),
    )
    log.info(describe(status))
    if silent and status.blocks_left < URGENT_BLOCKS:
        weight = sum(weight for weight, _ in silent)
        log.warning(f"{', '.join(status.missing)} can still cast {weight // WEI:,} votes")
    return status
