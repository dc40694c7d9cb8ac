"""The airdrop check: the list as it is, and lists with every mistake that it looks for."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Address, Fail, RpcError
from opforge.testing import ChainBlock, ChainCall, Scripted, answers

APP = BothWays(ROOT / "corpus/realistic/airdrop_check/app.py")
app = APP.module
WEI = 10**18
ALICE = "0x2bd806c97F0e00aF1a1fC3328fA763a9269723C8"
BOB = "0x81b637d8fCD2C6da6359E6963113a1170de795e4"


def chain(*, claimed: Sequence[int] = (), funds: int = 10**24, token: Address = app.TOKEN) -> Answers:
    def make() -> Sequence[Scripted]:
        return [
            answers.block(77),
            answers.call(app.Distributor.token, token),
            answers.call(app.Distributor.isClaimed, {index: index in claimed for index in range(9)}),
            answers.call(app.ERC20.balanceOf, {app.DISTRIBUTOR: funds}),
        ]

    return make


def test_the_list_is_right() -> None:
    ended = APP.run("check", answers=chain(claimed=[1, 4]))
    total = 247_740 * WEI + 75 * WEI // 100
    claimed = 81_490 * WEI + WEI // 2
    assert ended.result == app.Check(
        rows=5,
        total=total,
        claimed=claimed,
        open=total - claimed,
        missing_funds=0,
        notes={"core": 2, "docs": 1, "-": 1, "referral": 1},
        problems=[],
    )
    assert ended.effects[0] == ChainBlock(tag="safe", network="arbitrum")
    assert len([e for e in ended.effects if isinstance(e, ChainCall)]) == 2 + 5
    assert (ended.lines, ended.warnings) == (["5 rows, 2 claimed, 0 problems"], [])


def test_missing_funds_are_counted_without_what_is_claimed() -> None:
    ended = APP.run("check", answers=chain(claimed=[0], funds=122_740 * WEI))
    assert ended.result.missing_funds == 75 * WEI // 100
    assert ended.warnings == ["the distributor lacks 750000000000000000 wei"]


@pytest.mark.parametrize(
    ("text", "total", "problems"),
    [
        (f"0,{ALICE},1,a\n1,{ALICE},2,b", 3, [(1, f"{ALICE} is listed twice, first at 0")]),
        (f"1,{ALICE},1,a", 1, [(0, "index 1 stands at position 0")]),
        (f"0,{ALICE},250001,a", 250_001, [(0, f"{ALICE} would get 250001 tokens")]),
        (f"0,{ALICE},5,a", 4, [(0, "the total is off by +1,000,000,000,000,000,000 wei")]),
        (
            f"0,{ALICE},5,a\n1,{BOB},5\n 1 , {BOB} , 6 , # none",
            11,
            [(2, "3 columns where 4 are expected (index, account, amount, note)")],
        ),
        (f"x,{BOB},5,a\n0,{ALICE},1,a", 1, [(1, f"this row cannot be read: x,{BOB},5,a")]),
        (f"\n#\n0,{BOB[:-1]},5,a\n0,{ALICE},1,a", 1, [(3, f"this row cannot be read: 0,{BOB[:-1]},5,a")]),
        (f"0,{ALICE},1,a\n1,{BOB},many,b", 1, [(2, f"this row cannot be read: 1,{BOB},many,b")]),
        (f"0,{ALICE},1,a\n1,{BOB.lower()},1,b", 2, []),
        (
            f"0,{ALICE},1,a\n1,{BOB.swapcase().replace('X', 'x')},1,b",
            1,
            [(2, f"this row cannot be read: 1,{BOB.swapcase().replace('X', 'x')},1,b")],
        ),
    ],
)
def test_mistakes_are_found(text: str, total: int, problems: list[tuple[int, str]]) -> None:
    ended = APP.run("check", text=text, expected_total=total * WEI, answers=chain())
    assert [(problem.line, problem.text) for problem in ended.result.problems] == problems
    assert ended.warnings == [f"row {line:>3}: {what}" for line, what in problems]


def test_a_long_list_of_problems_is_cut() -> None:
    rows = [f"0,{ALICE},1,a", *["broken"] * 12]
    ended = APP.run("check", text="\n".join(rows), expected_total=WEI, answers=chain())
    assert len(ended.result.problems) == 12
    assert len(ended.warnings) == 11
    assert ended.warnings[-1] == "… and 2 more"


@pytest.mark.parametrize("text", ["", "# nothing\n", "broken"])
def test_a_list_without_rows_ends_the_run(text: str) -> None:
    with pytest.raises(Fail, match=r"^the list has no rows$"):
        APP.run("check", text=text)


def test_a_distributor_of_another_token_ends_the_run() -> None:
    with pytest.raises(AssertionError, match=r"^the distributor pays out another token$"):
        APP.run("check", answers=chain(token=Address(ALICE)))


def test_a_node_that_is_away_ends_the_run() -> None:
    with pytest.raises(RpcError):
        APP.run("check", answers=lambda: [answers.block(RpcError)])
