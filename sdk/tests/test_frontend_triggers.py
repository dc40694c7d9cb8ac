"""Triggers and policy in the source: what they compile to, and what is refused at which argument."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, cast

import pytest

from house.documents import build_policy
from opforge._frontend import compile_program
from opforge._frontend.event_text import EventTextError, read_event
from opforge_ir.diagnostics import Diagnostic

HEAD = """\
from opforge import Address, Block, on, op, record, workload

workload("demo", version="1.0.0"{networks})

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")
DAI = Address("0x6B175474E89094C44Da98b954EedeAC495271d0F")
WHEN = "0 8 * * *"


@record
class Sent:
    sender: Address
    amount: int


"""


class Files:
    def __init__(self, source: str) -> None:
        self._source = source.encode()

    def read(self, path: str) -> bytes | None:
        return self._source if path == "app.py" else None


def compile_op(decorators: str, parameters: str = "", networks: str = "") -> dict[str, Any]:
    """The op of a program with these decorators."""
    compilation = compile_program("app.py", Files(build(decorators, parameters, networks)))
    assert [each.message for each in compilation.diagnostics] == []
    return cast("dict[str, Any]", cast("Any", compilation.document)["ops"]["run"])


def refuse(decorators: str, parameters: str = "", networks: str = "") -> list[Diagnostic]:
    return compile_program("app.py", Files(build(decorators, parameters, networks))).diagnostics


def build(decorators: str, parameters: str, networks: str) -> str:
    head = HEAD.format(networks=f", networks={networks}" if networks else "")
    return f"{head}{decorators}\ndef run({parameters}) -> int:\n    return 1\n"


# --- triggers -------------------------------------------------------------------------------------


def test_triggers_stand_above_and_below_op_and_are_kept_in_order() -> None:
    above = '@on.cron(WHEN, missed="last")\n@on.message("a.b")\n@on.manual\n@op(retry=2)'
    mixed = '@on.cron(WHEN, missed="last")\n@op(retry=2)\n@on.message("a.b")\n@on.manual()'
    assert compile_op(above) == compile_op(mixed)
    assert [each["kind"] for each in compile_op(above)["triggers"]] == ["cron", "message", "manual"]


def test_everything_is_explicit_in_the_document() -> None:
    assert compile_op('@on.block("mainnet")\n@op', "at: Block")["triggers"] == [
        {
            "kind": "block",
            "network": "mainnet",
            "every": 1,
            "tag": "finalized",
            "confirmations": 0,
            "missed": "last",
            "passes": {"at": "block"},
        }
    ]
    (log,) = compile_op('@on.log("Ping()", address=[USDC, DAI, USDC], network="base")\n@op')["triggers"]
    assert log["addresses"] == [
        "0x6b175474e89094c44da98b954eedeac495271d0f",
        "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
    ]
    assert (log["missed"], log["inputs"], log["passes"]) == ("all", [], {})


def test_confirmations_count_from_the_latest_block() -> None:
    (trigger,) = compile_op('@on.block("mainnet", confirmations=5)\n@op')["triggers"]
    assert (trigger["tag"], trigger["confirmations"]) == ("latest", 5)


def test_the_only_declared_network_is_meant() -> None:
    (trigger,) = compile_op("@on.block()\n@op", networks='{"devnet": 31337}')["triggers"]
    assert trigger["network"] == "devnet"
    (found,) = refuse("@on.block()\n@op", networks='{"devnet": 31337, "other": 31338}')
    assert found.values["reason"] == "it is missing, and the workload does not declare exactly one"


def test_parameters_are_given_by_their_types() -> None:
    log = '@on.log("Sent(address indexed,uint256)", address="any", network="base")'
    (trigger,) = compile_op(f"{log}\n@op", "a: bytes, b: Address, c: Sent, d: Block, *, e: int = 1")[
        "triggers"
    ]
    assert trigger["passes"] == {"a": "transaction", "b": "address", "c": "event", "d": "block"}
    assert trigger["addresses"] == ["any"]


def test_one_parameter_is_given_by_several_triggers() -> None:
    triggers = '@on.block("mainnet")\n@on.log("Ping()", address=USDC, network="base")\n@op'
    passes = [each["passes"] for each in compile_op(triggers, "at: Block")["triggers"]]
    assert passes == [{"at": "block"}] * 2


@pytest.mark.parametrize(
    ("decorator", "parameters", "name", "reason"),
    [
        ('@on.block("mainnet")', "at: int", "at", "it is int"),
        ('@on.block("mainnet")', "a: Block, b: Block", "b", "a takes that already"),
        ('@on.cron(WHEN, missed="all")', "at: Block", "at", "it is Block"),
        ('@on.message("a")', "n: int", "n", "it is int"),
        ('@on.message("a")', "at: Block", "at", "it is Block"),
        (
            '@on.log("Sent(address,string)", address=USDC, network="base")',
            "sent: Sent",
            "sent",
            "its field amount is int, and string is str",
        ),
        (
            '@on.log("Sent(address)", address=USDC, network="base")',
            "sent: Sent",
            "sent",
            "it has 2 fields, and the event 1 arguments",
        ),
    ],
)
def test_a_parameter_that_a_trigger_has_nothing_for(
    decorator: str, parameters: str, name: str, reason: str
) -> None:
    (found,) = refuse(f"{decorator}\n@op", parameters)
    assert found.code.name == "E_TRIGGER_PARAMETER"
    assert (found.values["name"], found.values["reason"]) == (name, reason)


@pytest.mark.parametrize(
    ("decorator", "argument", "reason"),
    [
        ("@on.block", "network", "it is missing, and the workload does not declare exactly one"),
        ('@on.block("mainet")', "network", "mainet is not a known network; did you mean mainnet?"),
        ('@on.block("mainnet", every=0)', "every", "it is a number from 1 to 10000000"),
        ('@on.block("mainnet", tag="new")', "tag", "it is one of latest, safe, finalized"),
        ('@on.block("mainnet", tag="safe", confirmations=1)', "confirmations", "a safe block needs none"),
        ('@on.block("mainnet", confirmations=-1)', "confirmations", "it is a number from 0 to 10000"),
        ('@on.block("mainnet", missed="none")', "missed", "it is one of skip, last, all"),
        ('@on.block("mainnet", 5)', "an argument", "only the first one goes without a name"),
        ('@on.block("mainnet", evry=5)', "evry", "there is none of this name; did you mean every?"),
        ('@on.block("mainnet", network="base")', "network", "it is given twice"),
        ("@on.cron(WHEN)", "missed", "it is missing"),
        ('@on.cron(missed="all")', "expression", "it is missing"),
        (
            '@on.cron("@daily", missed="all")',
            "expression",
            "it has 1 fields, and 5 with one space between them are needed",
        ),
        (
            '@on.cron(WHEN, missed="all", timezone="CET")',
            "timezone",
            "it is no name of the IANA time zone database",
        ),
        ('@on.message("a b")', "topic", "it is names of letters, digits, - and _ with dots between them"),
        ("@on.message(5)", "topic", "it is a str that is not empty"),
        ("@on.message()", "topic", "it is missing"),
        ("@on.manual(1)", "an argument", "it has no name"),
        ('@on.log("Ping()", network="base")', "address", "it is missing"),
        ('@on.log(address=USDC, network="base")', "event", "it is missing"),
        (
            '@on.log("Ping()", address="all", network="base")',
            "address",
            'it is an Address, a list of them, or "any"',
        ),
        (
            '@on.log("Ping", address=USDC, network="base")',
            "event",
            "it is a name with its types in parentheses",
        ),
    ],
)
def test_an_argument_that_is_not_right(decorator: str, argument: str, reason: str) -> None:
    (found,) = refuse(f"{decorator}\n@op")
    assert found.code.name == "E_TRIGGER_ARGUMENT"
    assert (found.values["argument"], found.values["reason"]) == (argument, reason)


def test_a_constant_that_is_not_computed_is_one_problem() -> None:
    assert [each.code.name for each in refuse("@on.message(TOPIC)\n@op")] == ["E_UNKNOWN_NAME"]


@pytest.mark.parametrize(
    ("text", "name", "inputs"),
    [
        ("Ping()", "Ping", ()),
        ("Ping( )", "Ping", ()),
        ("Transfer(address,uint)", "Transfer", (("address", False), ("uint256", False))),
        ("event T(int[3] indexed a, bytes data);", "T", (("int256[3]", True), ("bytes", False))),
    ],
)
def test_an_event_is_read_as_solidity_writes_it(
    text: str, name: str, inputs: tuple[tuple[str, bool], ...]
) -> None:
    event = read_event(text)
    assert (event.name, event.inputs) == (name, inputs)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("T(address,)", "nothing is no argument of an event"),
        ("T(adress)", "adress is no type of the contract ABI that programs can take"),
        ("T((uint256,bool) pair)", "it is a name with its types in parentheses"),
        ("T(address payable)", None),
        ("T(uint256 a b)", "uint256 a b is no argument of an event"),
        ("T(bool indexed,bool indexed,bool indexed,bool indexed)", "at most 3 of its arguments are indexed"),
        (f"T({','.join(['bool'] * 18)})", "an event has at most 17 arguments"),
        ("event T() anonymous;", "it is a name with its types in parentheses"),
    ],
)
def test_what_is_no_event(text: str, reason: str | None) -> None:
    if reason is None:
        assert read_event(text).inputs == (("address", False),)  # Solidity has no such name, and takes none
        return
    with pytest.raises(EventTextError, match=f"^{reason}$"):
        read_event(text)


# --- policy ---------------------------------------------------------------------------------------


def test_policy_is_explicit_in_the_document() -> None:
    op = compile_op('@op(retry=1, timeout="2m", concurrency=8, max_iterations=50, tags=("a", "b"))')
    assert op["policy"] == build_policy(retries=1, timeout_ms=120_000, concurrency=8)
    assert op["tags"] == ["a", "b"]
    assert compile_op("@op(timeout=None, tags=())")["policy"] == build_policy()


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        ("retry=-1", "retry"),
        ("retry=101", "retry"),
        ("concurrency=1001", "concurrency"),
        ("concurrency=-1", "concurrency"),
        ('concurrency="4"', "concurrency"),
        ("max_iterations=-1", "max_iterations"),
        ("max_iterations=True", "max_iterations"),
        ('tags="daily"', "tags"),
        ('tags=["a", "a"]', "tags"),
        ('tags=["a b"]', "tags"),
        ('timeout="0s"', "timeout"),
        ("retries=1", "retries"),
        ("3", "an argument"),
    ],
)
def test_a_policy_that_is_not_right(arguments: str, argument: str) -> None:
    (found,) = refuse(f"@op({arguments})")
    assert (found.code.name, found.values["argument"]) == ("E_OP_ARGUMENT", argument)


# --- plain Python ---------------------------------------------------------------------------------


def test_a_triggered_op_is_called_like_any_function(tmp_path: Path) -> None:
    file = tmp_path / "triggered.py"
    source = build('@on.cron(WHEN, missed="last")\n@on.manual\n@op\n@on.manual()', "at: int = 3", "")
    file.write_text(source.replace("return 1", "return at * 2"), encoding="utf-8")
    spec = importlib.util.spec_from_file_location("triggered", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.run() == 6
    assert module.run(at=5) == 10
    assert module.run.__name__ == "run"
