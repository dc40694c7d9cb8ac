"""The vote tracker: proposals in every state, an indexer in pages and in trouble, delegates that are late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Address, Fail, HttpError, Response, Reverted
from opforge.testing import ChainCall, HttpGet, Scripted, answers, response

APP = BothWays(ROOT / "corpus/realistic/governance_vote/app.py")
app = APP.module
WEI = 10**18
ALICE, BOB, CAROL = (delegate.account for delegate in app.DELEGATES)
VOTES_URL = "https://votes.example.org/proposals/7/votes?page="


def vote(voter: Address, support: int, weight: int) -> dict[str, Any]:
    return {"voter": str(voter), "support": support, "weight": str(weight * WEI)}


def governor(
    state: object,
    *,
    block: int = 1_000,
    deadline: int = 10_000,
    voted: Sequence[Address] = (ALICE,),
    pages: Mapping[str, Any] | None = None,
) -> Answers:
    def make() -> Sequence[Scripted]:
        return [
            answers.block(block),
            answers.call(app.Governor.state, state),
            answers.call(app.Governor.proposalSnapshot, {7: 900}),
            answers.call(app.Governor.proposalDeadline, {7: deadline}),
            answers.call(app.Governor.quorum, {900: 400 * WEI}),
            answers.call(
                app.Governor.hasVoted, {(7, account): account in voted for account in (ALICE, BOB, CAROL)}
            ),
            answers.call(
                app.VotesToken.getPastVotes,
                {(ALICE, 900): 100 * WEI, (BOB, 900): 20 * WEI, (CAROL, 900): 50 * WEI},
            ),
            answers.http_get(pages or {f"{VOTES_URL}0": response({"votes": []})}),
        ]

    return make


PAGES = {
    f"{VOTES_URL}0": response({"votes": [vote(ALICE, 1, 300), vote(BOB, 0, 50)], "next": 3}),
    f"{VOTES_URL}3": response({"votes": [vote(CAROL, 2, 101), vote(BOB, 1, 9)], "next": None}),
}


def test_an_open_vote_is_counted_over_all_pages() -> None:
    ended = APP.run("track", proposal=7, answers=governor(1, pages=PAGES))
    assert ended.result == app.Open(
        tally=app.Tally(yes=309 * WEI, no=50 * WEI, abstain=101 * WEI, voters=3),
        quorum=400 * WEI,
        blocks_left=9_000,
        missing=["carol", "bob"],
        is_passing=True,
    )
    assert ended.lines == ["passing, 309 for and 50 against, 30 h 0 blocks left"]
    assert ended.warnings == []
    assert [effect.url for effect in ended.effects if isinstance(effect, HttpGet)] == list(PAGES)


def test_late_delegates_are_named() -> None:
    ended = APP.run("track", proposal=7, answers=governor(1, deadline=1_500, voted=()))
    assert ended.result.missing == ["alice", "carol", "bob"]
    assert not ended.result.is_passing
    assert ended.warnings == ["alice, carol, bob can still cast 170 votes"]


def test_only_the_delegates_that_are_given_are_asked() -> None:
    dora = app.Delegate("dora", BOB)
    ended = APP.run("track", proposal=7, delegates=[dora], answers=governor(1, block=20_000))
    assert (ended.result.missing, ended.result.blocks_left) == (["dora"], 0)
    asked = [e for e in ended.effects if isinstance(e, ChainCall) and e.function == "hasVoted"]
    assert [effect.arguments for effect in asked] == [(7, BOB)]


@pytest.mark.parametrize(
    ("state", "name", "has_passed"),
    [
        (2, "canceled", False),
        (3, "defeated", False),
        (4, "succeeded", True),
        (5, "queued", True),
        (6, "expired", False),
        (7, "executed", True),
    ],
)
def test_a_decided_proposal_asks_nobody_else(state: int, name: str, has_passed: bool) -> None:
    ended = APP.run("track", proposal=7, answers=governor(state))
    assert ended.result == app.Decided(name, has_passed=has_passed)
    assert len(ended.effects) == 3


def test_a_vote_that_has_not_begun_is_waited_for() -> None:
    assert APP.run("track", proposal=7, answers=governor(0)).result == app.Waiting(starts_at=900)


def test_an_unknown_proposal_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^the governor knows no proposal 7$"):
        APP.run("track", proposal=7, answers=governor(Reverted("Governor: unknown proposal id")))


def test_a_state_outside_of_the_standard_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^the governor answers with a state that is not in the standard$"):
        APP.run("track", proposal=7, answers=governor(8))


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (response("no such proposal", status=404), "the indexer answered 404: no such proposal"),
        (response("x" * 200, status=500), "the indexer answered 500: " + "x" * 80),
    ],
)
def test_an_indexer_that_refuses_ends_the_run(answer: Response, message: str) -> None:
    with pytest.raises(Fail, match=rf"^{message}$"):
        APP.run("track", proposal=7, answers=governor(1, pages={f"{VOTES_URL}0": answer}))


def test_an_indexer_that_is_away_ends_the_run() -> None:
    with pytest.raises(HttpError):
        APP.run("track", proposal=7, answers=governor(1, pages={f"{VOTES_URL}0": HttpError}))


@pytest.mark.parametrize("text", ["<html>", {"votes": [{"voter": str(ALICE), "support": 9, "weight": "1"}]}])
def test_an_answer_that_cannot_be_read_leaves_the_tally_empty(text: object) -> None:
    ended = APP.run("track", proposal=7, answers=governor(1, pages={f"{VOTES_URL}0": response(text)}))
    assert ended.result.tally == app.Tally(0, 0, 0, 0)
    assert ended.warnings == ["the indexer's answer cannot be read; the tally is left empty"]


def test_endless_pages_are_cut_off() -> None:
    endless = {
        f"{VOTES_URL}{number}": response({"votes": [vote(ALICE, 1, 1)], "next": number + 1})
        for number in range(20)
    }
    ended = APP.run("track", proposal=7, answers=governor(1, pages=endless))
    assert ended.result.tally == app.Tally(20 * WEI, 0, 0, voters=1)
    assert ended.warnings == ["only the first 20 pages of votes were read"]
