"""The development chain is the same on both backends, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
import pytest

from opforge_ir.codes import transport as codes
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.abi import decode_result, encode_call
from opforge_runtime.devchain import (
    DevChain,
    LocalRpcError,
    anvil,
    find_anvil,
    launch,
    rpc_client,
    start_devchain,
)
from opforge_runtime.devchain.contracts.compile_contracts import COMPILED, build_compiled_json, hash_source
from opforge_runtime.devchain.sample import (
    ACCOUNTS,
    FEED,
    MNEMONIC,
    NATIVE_BALANCES,
    TOKEN_BALANCES,
    TOKENS,
)

SELECTORS = {
    "name()": "06fdde03",
    "symbol()": "95d89b41",
    "decimals()": "313ce567",
    "totalSupply()": "18160ddd",
    "balanceOf(address)": "70a08231",
    "transfer(address,uint256)": "a9059cbb",
    "latestAnswer()": "50d25bcd",
    "description()": "7284e416",
    "setAnswer(int256)": "99213cd8",
}
NOBODY = "0x" + "00" * 19 + "99"


def call(
    chain: DevChain, to: str, function: str, result: str, *arguments: object, at: object = "latest"
) -> object:
    types = [name for name in function.partition("(")[2][:-1].split(",") if name]
    data = encode_call(bytes.fromhex(SELECTORS[function]), types, arguments)
    returned = chain.call_rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, at)
    return decode_result([result], bytes.fromhex(returned[2:]))[0]


def send(chain: DevChain, to: str, function: str, *arguments: object) -> None:
    types = function.partition("(")[2][:-1].split(",")
    data = encode_call(bytes.fromhex(SELECTORS[function]), types, arguments)
    chain.send({"from": chain.accounts[0], "to": to, "data": "0x" + data.hex(), "gas": hex(200_000)})


def get_block(chain: DevChain, block: str) -> dict[str, Any]:
    found: dict[str, Any] = chain.call_rpc("eth_getBlockByNumber", block, False)
    return found


@pytest.mark.parametrize("token", TOKENS, ids=lambda token: token.symbol)
@pytest.mark.parametrize("at", ["latest", "safe", "finalized"])
def test_tokens_are_where_they_are_said_to_be(devchain: DevChain, token: Any, at: str) -> None:
    assert devchain.tokens[token.symbol] == token
    assert call(devchain, token.address, "name()", "string", at=at) == token.name
    assert call(devchain, token.address, "symbol()", "string", at=at) == token.symbol
    assert call(devchain, token.address, "decimals()", "uint8", at=at) == token.decimals
    balances = TOKEN_BALANCES[token.symbol]
    assert call(devchain, token.address, "totalSupply()", "uint256", at=at) == sum(balances.values())
    for account in devchain.accounts:
        held = call(devchain, token.address, "balanceOf(address)", "uint256", account, at=at)
        assert held == balances.get(account, 0)


def test_the_feed_has_an_answer(devchain: DevChain) -> None:
    assert devchain.feed == FEED
    assert call(devchain, FEED.address, "latestAnswer()", "int256") == FEED.answer
    assert call(devchain, FEED.address, "decimals()", "uint8") == FEED.decimals
    assert call(devchain, FEED.address, "description()", "string") == FEED.description


def test_accounts_hold_what_the_sample_says(devchain: DevChain) -> None:
    balances = {
        account: int(devchain.call_rpc("eth_getBalance", account, "latest"), 16)
        for account in devchain.accounts
    }
    deployer = devchain.accounts[0]
    # The same on both backends: gas used and gas price are the same.
    assert balances.pop(deployer) == 9_999_996_138_428_000_000_000
    assert balances == {account: wei for account, wei in NATIVE_BALANCES.items() if account != deployer}


def test_times_and_numbers_do_not_depend_on_the_clock(devchain: DevChain) -> None:
    """Four deployments and four empty blocks, twelve seconds apart, after 2025-01-01T00:00:00Z."""
    assert devchain.call_rpc("eth_chainId") == hex(devchain.chain_id) == "0x7a69"
    numbers = [int(get_block(devchain, hex(number))["number"], 16) for number in range(9)]
    times = [int(get_block(devchain, hex(number))["timestamp"], 16) for number in range(9)]
    assert numbers == list(range(9))
    assert times == [1_735_689_600 + 12 * number for number in range(9)]


def test_state_is_read_at_the_block_that_is_named(devchain: DevChain) -> None:
    before = get_block(devchain, "latest")
    send(devchain, devchain.feed.address, "setAnswer(int256)", -5)
    devchain.mine(2)
    after = get_block(devchain, "latest")
    assert int(after["number"], 16) == int(before["number"], 16) + 3
    answers = [
        call(devchain, FEED.address, "latestAnswer()", "int256", at=at)
        for at in (
            before["number"],
            {"blockHash": before["hash"]},
            {"blockNumber": before["number"]},
            "latest",
        )
    ]
    assert answers == [FEED.answer, FEED.answer, FEED.answer, -5]
    assert devchain.call_rpc("eth_getBlockByHash", before["hash"], False)["number"] == before["number"]
    send(devchain, devchain.feed.address, "setAnswer(int256)", FEED.answer)


def test_a_transaction_moves_value_and_mines_a_block(devchain: DevChain) -> None:
    before = get_block(devchain, "latest")
    sender = devchain.accounts[2]
    nonce = int(devchain.call_rpc("eth_getTransactionCount", sender, "latest"), 16)
    transaction_hash = devchain.send({"from": sender, "to": NOBODY, "value": "0x7", "gas": "0x5208"})
    after = get_block(devchain, "latest")
    assert after["transactions"] == [transaction_hash]
    assert after["parentHash"] == before["hash"]
    assert int(devchain.call_rpc("eth_getBalance", NOBODY, "latest"), 16) == 7
    assert int(devchain.call_rpc("eth_getBalance", NOBODY, before["number"]), 16) == 0
    assert int(devchain.call_rpc("eth_getTransactionCount", sender, "latest"), 16) == nonce + 1


def test_code_is_where_contracts_are(devchain: DevChain) -> None:
    assert len(devchain.call_rpc("eth_getCode", devchain.feed.address, "latest")) > 100
    assert devchain.call_rpc("eth_getCode", NOBODY, "latest") == "0x"


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("eth_nothing", []),
        ("eth_getBalance", []),
        ("eth_getBalance", ["0x12", "latest"]),
        ("eth_getBalance", [NOBODY, "newest"]),
        ("eth_getBalance", [NOBODY, "0x999999"]),
        ("eth_getBlockByHash", ["0x12", False]),
        ("eth_sendTransaction", [{"from": NOBODY, "to": NOBODY, "value": "0x1"}]),
        ("eth_sendTransaction", [{"from": ACCOUNTS[8], "to": NOBODY, "value": "0x1", "gas": "0x5208"}]),
    ],
)
def test_calls_that_are_refused(devchain: DevChain, method: str, params: list[Any]) -> None:
    with pytest.raises(LocalRpcError, match=method):
        devchain.call_rpc(method, *params)


def test_further_accounts_can_be_funded() -> None:
    with start_devchain(prefer_anvil=False, extra_balances={NOBODY: 12}) as chain:
        assert chain.backend == "embedded"
        assert chain.call_rpc("eth_getBalance", NOBODY, "0x0") == "0xc"


def test_further_accounts_can_be_funded_on_anvil(anvil_path: Path) -> None:
    with start_devchain(anvil=anvil_path, extra_balances={NOBODY: 12}) as chain:
        assert chain.backend == "anvil"
        assert chain.call_rpc("eth_getBalance", NOBODY, "latest") == "0xc"


def test_two_embedded_chains_are_the_same_to_the_last_hash() -> None:
    hashes: list[str] = []
    for _ in range(2):
        with start_devchain(prefer_anvil=False) as chain:
            hashes.append(get_block(chain, "latest")["hash"])
    assert hashes[0] == hashes[1]


def test_a_closed_chain_answers_no_more() -> None:
    with start_devchain(prefer_anvil=False) as chain:
        assert chain.call_rpc("eth_blockNumber") == "0x8"
    with pytest.raises(LocalRpcError):
        chain.call_rpc("eth_blockNumber")


def test_accounts_are_those_of_the_mnemonic() -> None:
    """Derived a second time, by eth-account."""
    from eth_account import Account

    from opforge_runtime.devchain.wallets import derive_private_key

    Account.enable_unaudited_hdwallet_features()
    for index, address in enumerate(ACCOUNTS):
        account = Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")
        key = derive_private_key(index)
        assert account.address.lower() == address == key.public_key.to_address()
        assert account.key == key.to_bytes()


# --- the embedded chain's server ------------------------------------------------------------------


@pytest.fixture(scope="module")
def embedded() -> Iterator[DevChain]:
    with start_devchain(prefer_anvil=False) as chain:
        yield chain


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"{", -32700),
        (b"[]", -32600),
        (b"7", -32600),
        (b'{"id":1,"method":7,"params":[]}', -32600),
        (b'{"id":1,"method":"eth_chainId","params":{}}', -32600),
        (b'{"id":1,"method":"eth_getBalance","params":[7]}', -32602),
        (b'{"id":1,"method":"eth_nothing","params":[]}', -32601),
    ],
)
def test_requests_that_are_none(embedded: DevChain, document: bytes, code: int) -> None:
    assert post(embedded, document)["error"]["code"] == code


def test_a_batch_is_answered_one_by_one(embedded: DevChain) -> None:
    answers = post(
        embedded,
        b'[{"id":7,"method":"eth_chainId","params":[]},8,{"id":"x","method":"net_version","params":[]}]',
    )
    assert [answer["id"] for answer in answers] == [7, None, "x"]
    assert [answer.get("result") for answer in answers] == ["0x7a69", None, "31337"]


def test_reverts_carry_their_data(embedded: DevChain) -> None:
    data = encode_call(
        bytes.fromhex(SELECTORS["transfer(address,uint256)"]), ["address", "uint256"], [NOBODY, 1]
    )
    request = {"to": TOKENS[0].address, "data": "0x" + data.hex()}
    body = json.dumps({"id": 1, "method": "eth_call", "params": [request, "latest"]}).encode()
    error = post(embedded, body)["error"]
    assert error["code"] == 3
    assert decode_result(["string"], bytes.fromhex(error["data"][10:])) == ("the balance is too small",)


def test_a_call_that_fails_in_another_way_is_no_revert(embedded: DevChain) -> None:
    """To the precompiled contract of point addition with a point that is not on its curve."""
    request = {"to": "0x" + "00" * 19 + "06", "data": "0x" + "01" * 128}
    body = json.dumps({"id": 1, "method": "eth_call", "params": [request, "latest"]}).encode()
    assert post(embedded, body)["error"]["code"] == -32000


def post(chain: DevChain, body: bytes) -> Any:
    with urlopen(Request(chain.url, body, {"Content-Type": "application/json"})) as response:
        return json.load(response)


def test_a_request_that_is_too_long(embedded: DevChain) -> None:
    connection = HTTPConnection(embedded.url.removeprefix("http://"))
    with contextlib.closing(connection):
        connection.putrequest("POST", "/")
        connection.putheader("Content-Length", "99999999999")
        connection.endheaders()
        with connection.getresponse() as response:
            assert response.status == 413


def test_starting_leaves_the_recursion_limit_alone() -> None:
    program = (
        "import sys; before = sys.getrecursionlimit()\n"
        "from opforge_runtime.devchain import start_devchain\n"
        "assert 'eth' not in sys.modules\n"
        "with start_devchain(prefer_anvil=False): assert 'eth' in sys.modules\n"
        "assert sys.getrecursionlimit() == before\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_the_extra_there_is_a_code(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("opforge_runtime.devchain.")]:
        if name.endswith((".evm", ".rpc_methods", ".wallets")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "eth.abc", None)
    with pytest.raises(DiagnosticError) as caught:
        start_devchain(prefer_anvil=False)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code is codes.E_DEVCHAIN_UNAVAILABLE
    assert "opforge[dev-chain]" in diagnostic.fix


# --- Anvil ----------------------------------------------------------------------------------------


def write_program(path: Path, text: str) -> Path:
    path.write_text(f"#!{sys.executable}\n{text}", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_where_anvil_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = write_program(tmp_path / "named", "")
    in_environment = write_program(tmp_path / "in-environment", "")
    (tmp_path / "bin").mkdir()
    on_path = write_program(tmp_path / "bin" / "anvil", "")
    monkeypatch.setenv("OPFORGE_ANVIL", str(in_environment))
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_anvil(named) == named
    assert find_anvil() == in_environment
    monkeypatch.delenv("OPFORGE_ANVIL")
    assert find_anvil() == on_path
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_anvil() is None


def test_an_anvil_that_is_named_and_missing(tmp_path: Path) -> None:
    with pytest.raises(DiagnosticError) as caught:
        start_devchain(anvil=tmp_path / "anvil")
    assert caught.value.diagnostics[0].code is codes.E_DEVCHAIN_START


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("raise SystemExit('no chain today')", id="ends at once"),
        pytest.param("print('Listening on 127.0.0.1:1')", id="listens in vain"),
        pytest.param("print('\\xff' * 10000)", id="says other things"),
    ],
)
def test_a_program_that_is_no_anvil(tmp_path: Path, text: str) -> None:
    with pytest.raises(DiagnosticError) as caught:
        start_devchain(anvil=write_program(tmp_path / "anvil", text))
    assert caught.value.diagnostics[0].code is codes.E_DEVCHAIN_START


def test_an_anvil_that_never_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anvil, "_START_TIMEOUT_SECONDS", 0.2)
    program = write_program(tmp_path / "anvil", "import time; time.sleep(3600)")
    with pytest.raises(DiagnosticError) as caught:
        start_devchain(anvil=program)
    assert caught.value.diagnostics[0].code is codes.E_DEVCHAIN_START


def test_a_transaction_that_is_not_mined(anvil_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with start_devchain(anvil=anvil_path) as chain:
        chain.call_rpc("evm_setAutomine", False)
        monkeypatch.setattr(rpc_client, "_MINING_TIMEOUT_SECONDS", 0.2)
        with pytest.raises(LocalRpcError, match="not mined"):
            chain.send({"from": ACCOUNTS[1], "to": NOBODY, "value": "0x1", "gas": "0x5208"})


def test_a_file_that_cannot_be_executed(tmp_path: Path) -> None:
    broken = tmp_path / "anvil"
    broken.write_bytes(b"\x7fELF")
    broken.chmod(0o755)
    with pytest.raises(DiagnosticError) as caught:
        start_devchain(anvil=broken)
    assert caught.value.diagnostics[0].code is codes.E_DEVCHAIN_START


def test_contracts_that_are_not_there_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "_build_deployments", lambda: [b"\xfe"] * 4)
    with pytest.raises(DiagnosticError) as caught:
        start_devchain(prefer_anvil=False)
    assert caught.value.diagnostics[0].code is codes.E_DEVCHAIN_START


@pytest.mark.parametrize("how", ["kill -9", "exit", "exception"])
def test_anvil_ends_with_the_process_that_started_it(anvil_path: Path, how: str) -> None:
    endings = {"kill -9": "input()", "exit": "sys.exit()", "exception": "raise ValueError"}
    program = (
        "import sys\n"
        "from opforge_runtime.devchain import start_devchain\n"
        "chain = start_devchain(anvil=sys.argv[1])\n"
        "print(chain._server._process.pid, flush=True)\n"
        f"{endings[how]}\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, anvil_path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        if how == "kill -9":
            os.kill(parent.pid, signal.SIGKILL)
    wait_until_gone(pid)


def wait_until_gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]:
        assert time.monotonic() < deadline, f"process {pid} is still there"
        time.sleep(0.01)


# --- the contracts --------------------------------------------------------------------------------


def test_the_bytecode_was_made_from_these_sources() -> None:
    contracts = orjson.loads(COMPILED.read_bytes())["contracts"]
    sources = sorted(path.stem for path in COMPILED.parent.glob("*.vy"))
    assert sorted(contracts) == sources
    assert {name: contracts[name]["source_sha256"] for name in sources} == {
        name: hash_source(name) for name in sources
    }


def test_the_bytecode_is_what_the_compiler_makes() -> None:
    vyper = shutil.which("vyper") or shutil.which("vyper", path=str(Path(sys.executable).parent))
    if vyper is None:
        pytest.skip("vyper is not installed (dependency group `contracts`)")
    assert COMPILED.read_bytes() == build_compiled_json(vyper)


def test_selectors_are_those_of_the_signatures() -> None:
    from Crypto.Hash import keccak

    for signature, selector in SELECTORS.items():
        digest = keccak.new(digest_bits=256, data=signature.encode()).hexdigest()
        assert digest[:8] == selector
