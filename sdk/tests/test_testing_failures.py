"""A failure that a test scripts is the same error, with the same text, as plain Python and in a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from house.compiled_source import compile_text
from opforge.testing import load_cases
from opforge_ir.capabilities import VERBS
from opforge_ir.effect_failures import list_failures
from opforge_ir.fixture_reading import read_fixture
from opforge_runtime import run_case

HANDLERS = "\n".join(
    f"    except {name} as error:\n        return f'{name} {{error}}'"
    for name in (
        *("ChildFailed", "DecodeError", "HttpError", "NotGranted"),
        *("RandomError", "Reverted", "RpcError", "Timeout"),
    )
)
EFFECTS = {
    "chain.block": 'chain.block("devnet").number',
    "chain.balance": f'chain.balance(Address("0x{"a1" * 20}"), at=at)',
    "chain.call": f'Failing(Address("0x{"a1" * 20}")).decimals(at=at)',
    "http.get": 'http.get("https://a.example/").status',
    "http.post": 'http.post("https://a.example/", "").status',
    "random.integer": "random.integer(1, 2)",
    "run.child": "run.child(other)",
    "signal.wait": "wait_for_it()",
}
SOURCE = (
    "from opforge import Address, Contract, chain, http, op, random, run, signal, workload\n"
    "from opforge import ChildFailed, DecodeError, HttpError, NotGranted, RandomError, Reverted, RpcError\n"
    "from opforge import Timeout\n\n"
    'workload("failing", version="1.0", networks={"devnet": 31337})\n\n\n'
    "class Failing(Contract):\n    @chain.view\n    def decimals(self) -> int: ...\n\n\n"
    "def wait_for_it() -> int:\n    return signal.wait('go', timeout=5)\n\n\n"
    "@op\ndef other() -> int:\n    return 1\n\n\n"
    + "\n\n".join(
        f"@op\ndef {verb.replace('.', '_')}() -> str:\n"
        + ('    at = chain.block("devnet", tag="safe")\n' if "at=at" in effect else "")
        + f"    try:\n        return str({effect})\n{HANDLERS}\n"
        for verb, effect in EFFECTS.items()
    )
)
BLOCK = {"verb": "chain.block", "static": {"tag": "safe"}, "value": {"number": 1}}
FAILURES = [(verb, name) for verb in EFFECTS for name in list_failures(verb)]


def test_every_verb_that_may_fail_is_tried() -> None:
    assert set(EFFECTS) == {verb.name for verb in VERBS.values() if verb.errors}


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    found: dict[str, Any] = {"__name__": "failing"}
    exec(compile(SOURCE, "failing.py", "exec", dont_inherit=True), found)
    return found


@pytest.fixture(scope="module")
def document() -> bytes:
    return compile_text(SOURCE)


@pytest.mark.parametrize(("verb", "name"), FAILURES)
def test_both_raise_the_same(
    names: dict[str, Any], document: bytes, tmp_path: Path, verb: str, name: str
) -> None:
    failing = {"verb": verb, "static": {"tag": "latest"} if verb == "chain.block" else {}, "error": name}
    case = {"name": "one", "answers": [failing, BLOCK], "expect": {"output": ""}}
    path = tmp_path / "failing.forge-test.json"
    path.write_text(json.dumps({"artifact": "forge-test", "program": "failing.py", "cases": [case]}))
    (loaded,) = load_cases(path)
    op = verb.replace(".", "_")
    with pytest.raises(AssertionError, match="was returned") as raised:
        loaded.check(names[op])
    outcome = run_case(document, read_fixture("failing", path.read_bytes()).cases[0], op)
    (difference,) = outcome.differences
    assert difference.part == "output"
    assert f"and {difference.found} was returned" in str(raised.value)
