# mypy: disable-error-code="empty-body"
"""`opforge.testing`: what a scripted host answers, remembers and refuses."""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opforge import (
    Address,
    Block,
    Contract,
    Fail,
    HttpError,
    NotGranted,
    Response,
    Reverted,
    RpcError,
    Timeout,
    chain,
    http,
    log,
    op,
    random,
    testing,
    time,
)
from opforge._errors import EffectError, RandomError
from opforge._host import HostMissing
from opforge.abi import uint8
from opforge.testing import (
    ANY,
    UNANSWERED,
    ChainBalance,
    ChainBlock,
    ChainCall,
    Effect,
    HttpGet,
    HttpPost,
    LogInfo,
    LogWarning,
    RandomInteger,
    TimeNow,
    UnansweredError,
    answers,
    in_turn,
)
from opforge.testing.effects import build_effect
from opforge_ir.capabilities import VERBS

ALICE = Address("0x" + "a1" * 20)
BOB = Address("0x" + "b0" * 20)
TOKEN = Address("0x" + "70" * 20)
BLOCK = Block(7, bytes(32), 1_700_000_000, "base")


class ERC20(Contract):
    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...  # noqa: N802

    @chain.view
    def allowance(self, owner: Address, spender: Address) -> int: ...


@op
def total(owners: list[Address]) -> int:
    at = chain.block("base", tag="finalized")
    held = sum([chain.balance(owner, at=at) for owner in owners])
    log.info(f"{held} wei")
    return held


# --- effects ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: verb.name)
def test_every_verb_has_a_class_with_its_arguments(verb: Any) -> None:
    statics = [each.name for each in verb.statics if each.kind != "type"]
    names = [*statics, *(each.name for each in verb.parameters)]
    built = build_effect(verb.name, {name: name for name in statics}, {p.name: 1 for p in verb.parameters})
    assert built.verb == verb.name
    assert [each.name for each in dataclasses.fields(built) if each.compare] == names
    assert type(built).__name__ == "".join(part.capitalize() for part in verb.name.split("."))
    expected = {"int": int, "None": None, "Block": Block, "Response": Response, "*": ANY}[verb.result]
    assert built.result is expected


def test_a_pattern_equals_what_it_leaves_open() -> None:
    asked = ChainBalance(ALICE, BLOCK, "base")
    assert asked == ChainBalance(ALICE)
    assert ChainBalance(network="base") == asked
    assert asked == ChainBalance()
    assert asked != ChainBalance(BOB)
    other: Effect[Any] = ChainBlock()
    assert asked != other


def test_effects_print_as_the_program_spells_them() -> None:
    assert str(ChainBalance(ALICE, BLOCK)) == f"chain.balance(address={ALICE!r}, at=<block 7 of base>)"
    assert repr(ChainBlock("safe")) == "ChainBlock(tag='safe')"
    assert repr(TimeNow()) == "TimeNow()"
    call = ChainCall.of(ERC20.allowance, ALICE, BOB, address=TOKEN, at=BLOCK, network="base")
    assert str(call) == (
        f"ERC20({TOKEN!r}, network='base').allowance({ALICE!r}, {BOB!r}, at=<block 7 of base>)"
    )
    assert str(ChainCall.any_of(ERC20.balanceOf)) == "ERC20(…).balanceOf(…)"
    assert str(LogInfo("a")) == "log.info(message='a')"


# --- answers ------------------------------------------------------------------------------------------


def test_an_op_runs_under_a_host_and_its_effects_are_remembered() -> None:
    with testing.host(answers.block(7), answers.balance({ALICE: 2, BOB: 3})) as h:
        assert total([ALICE, BOB]) == 5
    assert h.effects == [
        ChainBlock("finalized", "base"),
        ChainBalance(ALICE),
        ChainBalance(BOB, network="base"),
        LogInfo("5 wei"),
    ]
    h.assert_effects(ChainBlock, ChainBalance(ALICE), ChainBalance, LogInfo("5 wei"))
    assert [effect.address for effect in h.get_effects(ChainBalance)] == [ALICE, BOB]
    assert {effect.at.number for effect in h.get_effects(ChainBalance)} == {7}
    h.assert_all_used()


def test_run_is_a_host_for_one_call() -> None:
    run = testing.run(total, [ALICE], answers=[answers.block(7), answers.balance(4)])
    assert (run.result, run.effects[-1]) == (4, LogInfo("4 wei"))
    assert testing.run(total, owners=[], answers=[answers.block(7)]).result == 0
    with pytest.raises(HostMissing):
        total([])


def test_a_block_is_made_from_its_number() -> None:
    with testing.host(answers.block(5, network="base", tag="safe"), answers.block(BLOCK)) as h:
        assert chain.block("base", tag="safe") == Block(5, (5).to_bytes(32, "big"), 1_700_000_060, "base")
        assert chain.block("other", tag="safe") == BLOCK
        h.answer(answers.block(in_turn(1, 2), timestamp=9))
        assert [chain.block("base").number for _ in "abc"] == [1, 2, 7]
        assert h.effects[2] == ChainBlock("latest")


def test_calls_are_answered_by_arguments_and_address() -> None:
    token = ERC20(TOKEN, network="base")
    other = ERC20(ALICE, network="base")
    with testing.host(
        answers.call(ERC20.balanceOf, {ALICE: 1, BOB: 2}, address=TOKEN),
        answers.call(ERC20.balanceOf, lambda owner: 30 if owner == ALICE else UNANSWERED),
        answers.call(ERC20.allowance, {(ALICE, BOB): 4}),
        answers.call(ERC20.decimals, 6),
    ):
        assert [token.balanceOf(ALICE, at=BLOCK), token.balanceOf(BOB, at=BLOCK)] == [1, 2]
        assert other.balanceOf(ALICE, at=BLOCK) == 30
        assert token.allowance(ALICE, BOB, at=BLOCK) == 4
        assert token.decimals(at=BLOCK) == 6
        with pytest.raises(UnansweredError, match=r"ERC20\(.*\)\.balanceOf"):
            other.balanceOf(BOB, at=BLOCK)


def test_http_time_and_random_are_answered() -> None:
    page = testing.response({"price": "2.5"}, headers={"Content-Type": "application/json"})
    with testing.host(
        answers.http_get({"https://a.example/": page}),
        answers.http_get(lambda url: testing.response(url, status=404)),
        answers.http_post(lambda url, body: testing.response(body * 2), headers={"x": "1"}),
        answers.time(in_turn(10, 20)),
        answers.random(lambda low, high: high),
    ) as h:
        assert http.get("https://a.example/") == Response(
            200, '{"price": "2.5"}', {"content-type": "application/json"}
        )
        assert http.get("https://b.example/").status == 404
        assert http.post("https://b.example/", "ab", headers={"x": "1"}).text == "abab"
        assert (time.now(), time.now(), random.integer(1, 6)) == (10, 20, 6)
    h.assert_effects(
        HttpGet("https://a.example/", {}),
        HttpGet,
        HttpPost(body="ab"),
        TimeNow(),
        TimeNow(),
        RandomInteger(1, 6),
    )


def test_a_function_may_answer_everything() -> None:
    def answer(effect: Effect[Any]) -> object:
        match effect:
            case ChainBalance(address) if address == ALICE:
                return 1
            case TimeNow():
                return Timeout
            case _:
                return UNANSWERED

    with testing.host(answer, answers.when(ChainBalance(BOB, at=BLOCK), 2)):
        assert [chain.balance(who, at=BLOCK) for who in (ALICE, BOB)] == [1, 2]
        with pytest.raises(ValueError, match=r"time.now never fails with Timeout; it may fail with nothing"):
            time.now()


def test_later_answers_come_first() -> None:
    with testing.host(answers.time(1), answers.time(2)) as h:
        assert time.now() == 1
        h.answer(answers.time(3), answers.time(4))
        assert time.now() == 3
    assert h.unused == ["answers.time", "answers.time"]
    with pytest.raises(AssertionError, match=r"not asked for: answers\.time"):
        h.assert_all_used()


def test_answers_hold_nothing_of_a_host() -> None:
    shared = answers.time(in_turn(1, 2))
    for _ in "ab":
        with testing.host(shared, answers.random(4)) as h:
            assert [time.now(), time.now()] == [1, 2]
            with pytest.raises(UnansweredError):
                time.now()
        assert h.unused == ["answers.random"]


# --- failures -----------------------------------------------------------------------------------------


def read_or(owner: Address, other: int) -> int:
    try:
        return ERC20(TOKEN).balanceOf(owner, at=BLOCK)
    except Reverted as error:
        log.warning(f"reverted: {error}")
        return other
    except RpcError:
        raise Fail("no node") from None


def test_scripted_failures_are_raised_in_the_program() -> None:
    with testing.host(
        answers.call(ERC20.balanceOf, {ALICE: Reverted("paused")}),
        answers.call(ERC20.balanceOf, {BOB: RpcError}),
        answers.call(ERC20.balanceOf, {TOKEN: in_turn(Timeout, 3)}),
    ) as h:
        assert read_or(ALICE, 9) == 9
        with pytest.raises(Fail, match="no node"):
            read_or(BOB, 9)
        with pytest.raises(Timeout):
            read_or(TOKEN, 9)
        assert read_or(TOKEN, 9) == 3
    assert h.get_effects(LogWarning) == [LogWarning("reverted: paused")]


def test_a_failure_that_the_verb_does_not_have_is_refused() -> None:
    with (
        testing.host(answers.balance(HttpError)),
        pytest.raises(ValueError, match="RpcError, Timeout, NotGr"),
    ):
        chain.balance(ALICE, at=BLOCK)
    with testing.host(answers.balance(EffectError("any"))), pytest.raises(ValueError, match="EffectError"):
        chain.balance(ALICE, at=BLOCK)


@pytest.mark.parametrize(
    ("scripted", "text"),
    [
        (Reverted("paused"), "paused"),
        (Reverted, "no reason given"),
        (Reverted(), "no reason given"),
        (RpcError, "E_RPC_UNREACHABLE"),
        (RpcError("E_BLOCK_UNKNOWN"), "E_BLOCK_UNKNOWN"),
        (Timeout, "E_RPC_TIMEOUT"),
        (NotGranted, "E_NOT_GRANTED"),
    ],
)
def test_a_failure_has_the_text_that_it_has_in_a_run(scripted: Any, text: str) -> None:
    call = answers.call(ERC20.decimals, scripted)
    with testing.host(call), pytest.raises(EffectError) as raised:
        ERC20(TOKEN).decimals(at=BLOCK)
    assert str(raised.value) == text


def test_a_text_that_the_failure_never_has_in_a_run_is_refused() -> None:
    for wrong in (RpcError("the node is down"), RpcError("E_HTTP_URL"), Timeout("E_RPC_ERROR")):
        with testing.host(answers.balance(wrong)), pytest.raises(ValueError, match="is the name of its code"):
            chain.balance(ALICE, at=BLOCK)


def test_a_failure_is_a_new_one_each_time() -> None:
    found: list[EffectError] = []
    with testing.host(answers.balance(Timeout("E_RPC_TIMEOUT"))):
        for _ in "ab":
            try:
                chain.balance(ALICE, at=BLOCK)
            except Timeout as error:
                found.append(error)
    assert found[0] is not found[1]


def test_an_empty_range_fails_as_in_a_run() -> None:
    with testing.host(answers.random(3)), pytest.raises(RandomError, match=r"^E_RANDOM_RANGE$"):
        random.integer(2, 1)


@pytest.mark.parametrize(
    ("scripted", "ask"),
    [
        (answers.balance(True), lambda: chain.balance(ALICE, at=BLOCK)),
        (answers.when(TimeNow(), 1.5), time.now),  # type: ignore[arg-type]
        (answers.http_get("text"), lambda: http.get("https://a.example/")),  # type: ignore[arg-type]
        (answers.call(ERC20.decimals, 256), lambda: ERC20(TOKEN).decimals(at=BLOCK)),
        (answers.call(ERC20.decimals, -1), lambda: ERC20(TOKEN).decimals(at=BLOCK)),
        (answers.call(ERC20.balanceOf, -1), lambda: ERC20(TOKEN).balanceOf(ALICE, at=BLOCK)),
    ],
)
def test_an_answer_of_another_type_is_refused(scripted: Any, ask: Any) -> None:
    with testing.host(scripted), pytest.raises(TypeError, match="a scripted answer is"):
        ask()


class Sized(Contract):
    @chain.view
    def item(self, index: int, by: uint8, keys: list[tuple[int, bytes]]) -> int: ...


@pytest.mark.parametrize(
    ("index", "by", "keys", "is_made"),
    [
        (0, 255, [], True),
        (2**256 - 1, 0, [(1, b"a")], True),
        (-1, 0, [], False),
        (2**256, 0, [], False),
        (0, 256, [], False),
        (0, 0, [(-1, b"")], False),
    ],
)
def test_an_argument_that_the_abi_cannot_hold_fails_as_in_a_run(
    index: int, by: int, keys: list[tuple[int, bytes]], is_made: bool
) -> None:
    with testing.host(answers.call(Sized.item, 1)):
        if is_made:
            assert Sized(TOKEN).item(index, by, keys, at=BLOCK) == 1
        else:
            with pytest.raises(EffectError, match=r"^E_ABI_VALUE$"):
                Sized(TOKEN).item(index, by, keys, at=BLOCK)


# --- what is not answered -----------------------------------------------------------------------------

SUGGESTIONS = [
    (lambda: chain.block("base"), "answers.block(1, tag='latest', network='base')"),
    (lambda: chain.balance(ALICE, at=BLOCK), f"answers.balance({{{ALICE!r}: ...}})"),
    (
        lambda: ERC20(TOKEN).balanceOf(ALICE, at=BLOCK),
        f"answers.call(ERC20.balanceOf, {{{ALICE!r}: ...}}, address={TOKEN!r})",
    ),
    (lambda: ERC20(TOKEN).decimals(at=BLOCK), f"answers.call(ERC20.decimals, ..., address={TOKEN!r})"),
    (lambda: http.get("https://a.b/"), "answers.http_get({'https://a.b/': testing.response(...)})"),
    (lambda: http.post("https://a.b/", ""), "answers.http_post({'https://a.b/': testing.response(...)})"),
    (lambda: random.integer(3, 4), "answers.random(3)"),
    (time.now, "answers.time(1_700_000_000)"),
]


@pytest.mark.parametrize(("ask", "line"), SUGGESTIONS)
def test_the_error_of_an_unanswered_request_says_what_to_add(ask: Any, line: str) -> None:
    with testing.host(), pytest.raises(UnansweredError) as raised:
        ask()
    assert f"add for example: {line}" in str(raised.value)


def test_the_error_of_an_unanswered_request_names_it() -> None:
    with (
        testing.host(answers.block(7), answers.balance({ALICE: 1})),
        pytest.raises(UnansweredError) as raised,
    ):
        total([ALICE, BOB])
    assert str(raised.value).splitlines() == [
        f"nothing answers effect 3: chain.balance(address={BOB!r}, at=<block 7 of base>, network='base')",
        f"    add for example: answers.balance({{{BOB!r}: ...}})",
        "    the host has: answers.block, answers.balance",
    ]
    assert raised.value.effect == ChainBalance(BOB)


# --- differences --------------------------------------------------------------------------------------


def test_other_effects_are_shown_beside_the_expected_ones() -> None:
    with testing.host(answers.block(7), answers.balance(1)) as h:
        total([ALICE])
    with pytest.raises(AssertionError) as raised:
        h.assert_effects(ChainBlock, ChainBalance(BOB), LogInfo("1 wei"), LogWarning)
    assert str(raised.value).splitlines() == [
        "the effects are others (- expected, + asked):",
        "    chain.block(tag='finalized', network='base')",
        f"  - chain.balance(address={BOB!r})",
        f"  + chain.balance(address={ALICE!r}, at=<block 7 of base>, network='base')",
        "    log.info(message='1 wei')",
        "  - LogWarning",
    ]


# --- where a host is in place -------------------------------------------------------------------------


def fail_at(now: int) -> None:
    assert time.now() == now
    raise Fail("over")


def test_the_inner_host_answers_alone_and_the_outer_one_is_back_after_an_error() -> None:
    with testing.host(answers.time(1)) as outer:
        with pytest.raises(Fail), testing.host(answers.time(2)) as inner:
            fail_at(2)
        with testing.host(), pytest.raises(UnansweredError):
            time.now()
        assert time.now() == 1
    assert (len(outer.effects), len(inner.effects)) == (1, 1)
    with pytest.raises(HostMissing):
        time.now()


def test_tasks_have_the_host_that_was_in_place_where_they_began() -> None:
    async def ask(number: int) -> int:
        with testing.host(answers.time(number)):
            await asyncio.sleep(0)
            return time.now()

    async def ask_all() -> list[int]:
        found = await asyncio.gather(ask(1), ask(2), ask(3))
        return [*found, time.now()]

    with testing.host(answers.time(9)) as h:
        assert asyncio.run(ask_all()) == [1, 2, 3, 9]
    assert h.effects == [TimeNow()]


def test_threads_have_a_host_where_they_are_given_one() -> None:
    with testing.host(answers.time(5)) as h, ThreadPoolExecutor(4) as pool:
        with pytest.raises(HostMissing):
            pool.submit(time.now).result()
        assert pool.submit(contextvars.copy_context().run, time.now).result() == 5
        assert [each.result() for each in [pool.submit(h.run, time.now) for _ in range(50)]] == [5] * 50
    assert len(h.effects) == 51


def test_importing_opforge_does_not_import_its_testing() -> None:
    program = "import sys, opforge; raise SystemExit('opforge.testing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
