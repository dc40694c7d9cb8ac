"""The TWAP watcher: orders on time, behind, stalled and done, and services in trouble."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from house.both_ways import Answers, BothWays
from house.pins import ROOT
from opforge import Fail, HttpError, Timeout
from opforge.testing import HttpGet, HttpPost, Scripted, answers, response

APP = BothWays(ROOT / "corpus/realistic/twap_watcher/app.py")
app = APP.module
API = "https://orders.example.com/v1"
START, INTERVAL = 1_000_000, 600
ORDER: Mapping[str, Any] = {
    "id": "a1",
    "side": "buy",
    "amount": "10",
    "slices": 10,
    "start": START,
    "interval": INTERVAL,
    "limit_price": "2000",
    "cancelled": False,
}


def fill(number: int, price: str = "2001", at: int = 0, amount: str = "1") -> dict[str, Any]:
    return {"slice": number, "amount": amount, "price": price, "at": at}


def page(fills: Sequence[Mapping[str, Any]], cursor: str | None = None) -> object:
    return response({"fills": list(fills), "cursor": cursor})


def desk(
    *filled: Mapping[str, Any],
    due: int = 5,
    pages: Mapping[str, object] | None = None,
    hook: object = response(status=202),
    **changes: object,
) -> Answers:
    """An order of which so many slices are due, and what is filled of it."""
    order = response({**ORDER, **changes})

    def make() -> Sequence[Scripted]:
        fills = pages or {"": page(filled)}
        urls = {f"{API}/orders/a1/fills?limit=50&cursor={cursor}": given for cursor, given in fills.items()}
        table: Any = {f"{API}/orders/a1": order, **urls}
        given: Any = hook
        return [
            answers.http_get(table),
            answers.http_post(given),
            answers.time(START + 150 + (due - 1) * INTERVAL if due else START + 149),
        ]

    return make


def test_an_order_on_time() -> None:
    filled = [fill(0), fill(1, "2003"), fill(2), fill(3, amount="0"), fill(4, "2000")]
    ended = APP.run("watch", order_id=" A1 ", answers=desk(*filled))
    assert ended.result == app.Progress(
        order="a1",
        health=app.Health.ON_TIME,
        due=5,
        filled=5,
        missing=[],
        average=Decimal("2001.25"),
        slippage_bp=Decimal("6.2"),
        recent=["#2 1 @ 2001", "#3 0 @ 2001", "#4 1 @ 2000"],
    )
    assert ended.lines == ["a1: on time"]
    first = ended.effects[0]
    assert first == HttpGet(f"{API}/orders/a1", headers={"accept": "application/json"})


def test_nothing_is_due_in_the_grace_time() -> None:
    ended = APP.run("watch", order_id="a1", answers=desk(due=0))
    assert (ended.result.due, ended.result.average, ended.result.slippage_bp) == (0, None, None)
    assert ended.result.health is app.Health.ON_TIME


@pytest.mark.parametrize(
    ("filled", "missing", "health"),
    [
        ((0, 1, 2, 4), [3], "behind"),
        ((0, 1, 2), [3, 4], "behind"),
        ((0, 1), [2, 3, 4], "stalled"),
        ((4,), [0, 1, 2, 3], "behind"),
        ((), [0, 1, 2, 3, 4], "stalled"),
    ],
)
def test_missing_slices_are_told_to_the_desk(
    filled: tuple[int, ...], missing: list[int], health: str
) -> None:
    ended = APP.run("watch", order_id="a1", answers=desk(*map(fill, filled)))
    assert (ended.result.missing, ended.result.health) == (missing, health)
    text = f"a1 is {health}: {len(filled)} of 5 due slices are filled"
    assert [e for e in ended.effects if isinstance(e, HttpPost)] == [
        HttpPost("https://hooks.example.com/twap", text, {})
    ]


@pytest.mark.parametrize("failure", [HttpError, Timeout])
def test_a_desk_that_cannot_be_told_is_not_the_end(failure: type[Exception]) -> None:
    ended = APP.run("watch", order_id="a1", answers=desk(hook=failure))
    assert ended.warnings == ["the desk could not be told"]
    assert ended.result.health is app.Health.STALLED


def test_slippage_is_warned_about() -> None:
    ended = APP.run(
        "watch", order_id="a1", answers=desk(*(fill(n, "1980") for n in range(10)), due=10, side="sell")
    )
    assert ended.result.health is app.Health.DONE
    assert ended.warnings == ["a1: 100.0 bp of slippage"]


def test_a_cancelled_order_is_only_logged() -> None:
    ended = APP.run("watch", order_id="a1", answers=desk(fill(0), cancelled=True))
    assert ended.lines == ["a1: cancelled"]


def test_fills_come_in_pages_and_the_later_of_two_counts() -> None:
    pages = {
        "": page([fill(1, "2100", at=5), fill(0)], "n2"),
        "n2": page([fill(1, "1900", at=9), fill(0, "9", at=-1)], ""),
    }
    ended = APP.run("watch", order_id="a1", answers=desk(due=2, pages=pages | {"": pages[""]}))
    assert ended.result.recent == ["#0 1 @ 2001", "#1 1 @ 1900"]
    assert ended.warnings == []


def test_an_empty_answer_ends_the_pages() -> None:
    pages = {"": page([fill(0)], "n2"), "n2": response(status=204)}
    ended = APP.run("watch", order_id="a1", answers=desk(due=1, pages=pages))
    assert (ended.result.filled, ended.warnings) == (1, ["order a1 has more than 500 fills"])


def test_pages_without_end_are_cut_off() -> None:
    pages = {"": page([fill(0)], "p"), "p": page([fill(1)], "p")}
    ended = APP.run("watch", order_id="a1", answers=desk(due=2, pages=pages))
    assert len([e for e in ended.effects if isinstance(e, HttpGet)]) == 1 + 10
    assert ended.warnings == ["order a1 has more than 500 fills"]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (404, "there is no order 'x'"),
        (429, "the order service is busy"),
        (503, "the order service is busy"),
        (500, "the order service is broken: 500"),
        (301, "unexpected status 301"),
    ],
)
def test_a_refused_order_ends_the_run(status: int, message: str) -> None:
    with pytest.raises(Fail, match=rf"^{message}$"):
        APP.run("watch", order_id="X", answers=lambda: [answers.http_get(response(status=status))])


def test_an_order_without_a_schedule_ends_the_run() -> None:
    with pytest.raises(Fail, match=r"^order a1 has no schedule$"):
        APP.run("watch", order_id="a1", answers=desk(interval=0))


def test_a_page_that_fails_ends_the_run() -> None:
    with pytest.raises(AssertionError, match=r"^page 2 of the fills: status 500$"):
        APP.run("watch", order_id="a1", answers=desk(pages={"": page([], "n"), "n": response(status=500)}))


def test_several_orders_are_watched_until_the_service_is_away() -> None:
    def make() -> Sequence[Scripted]:
        gone: Any = {f"{API}/orders/gone": response(status=404), f"{API}/orders/down": HttpError}
        return [answers.http_get(gone), *desk(fill(0), due=1)()]

    ended = APP.run("watch_all", order_ids=["gone", "a1", "down", "a1"], answers=make)
    assert list(ended.result) == ["a1"]
    assert ended.warnings == [
        "gone: there is no order 'gone'",
        "down: the order service cannot be reached",
    ]
