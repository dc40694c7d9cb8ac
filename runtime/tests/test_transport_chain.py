"""Chain reads against real chains through a proxy that counts, and against endpoints that lie."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from threading import Lock
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import pytest

from opforge_ir.codes import transport as codes
from opforge_runtime.abi import decode_result, encode_call
from opforge_runtime.devchain import DevChain
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports.chain import (
    BalanceAnswer,
    BalanceRead,
    BlockAnswer,
    BlockRead,
    CallAnswer,
    CallRead,
    ChainAnswer,
    ChainRequest,
    ChainTransport,
    NetworkEndpoint,
)

Serve: TypeAlias = Callable[[Callable[[bytes, bytes], "bytes | None"]], str]
Result: TypeAlias = ChainAnswer | EffectFailure

BALANCE_OF = bytes.fromhex("70a08231")
DECIMALS = bytes.fromhex("313ce567")
TRANSFER = bytes.fromhex("a9059cbb")
HASH = "0x" + "ab" * 32
ADDRESS = "0x" + "cd" * 20


def transport(url: str, *, chain_id: int = 31337, timeout: float = 20) -> ChainTransport:
    return ChainTransport({"devnet": NetworkEndpoint(chain_id, url)}, timeout_seconds=timeout)


def read(url: str, *requests: ChainRequest, chain_id: int = 31337, timeout: float = 20) -> list[Result]:
    async def run() -> list[Result]:
        async with transport(url, chain_id=chain_id, timeout=timeout) as chain:
            return await chain.read(requests)

    return asyncio.run(run())


def read_block(url: str, tag: Any = "latest") -> BlockAnswer:
    (block,) = read(url, BlockRead("devnet", tag))
    assert isinstance(block, BlockAnswer)
    return block


def expect_failure(result: Result, code: object) -> EffectFailure:
    assert isinstance(result, EffectFailure)
    assert result.code is code
    assert result.diagnostic().message
    return result


def http(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def forward(chain: DevChain, body: bytes) -> bytes:
    connection = HTTPConnection(urlsplit(chain.url).netloc, timeout=30)
    try:
        connection.request("POST", "/", body, {"Content-Type": "application/json"})
        return connection.getresponse().read()
    finally:
        connection.close()


def lying(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> Callable[[bytes, bytes], bytes]:
    """An endpoint of the right chain whose other answers are `change` of call and right response object."""

    def respond(_: bytes, body: bytes) -> bytes:
        answers: list[object] = []
        for call in json.loads(body):
            answer = {"jsonrpc": "2.0", "id": call["id"], "result": "0x7a69"}
            answers.append(answer if call["method"] == "eth_chainId" else change(call, answer))
        return http(json.dumps(answers).encode())

    return respond


def error(code: int, data: object = None) -> Callable[[dict[str, Any], dict[str, Any]], object]:
    """Texts are chosen to mislead whoever decides by them."""
    text = "execution reverted: header not found, unknown block, timeout, already known"
    return lambda call, _: {"id": call["id"], "error": {"code": code, "message": text, "data": data}}


def test_200_balances_and_their_block_in_three_requests(devchain: DevChain, serve: Serve) -> None:
    """All at one block hash, while each request is preceded by a new block that changes a balance."""
    wallets = [f"0x{number:040x}" for number in range(10**9, 10**9 + 200)]
    for position in range(0, 200, 10):
        send(devchain, wallets[position], position + 1)
    seen: list[list[dict[str, Any]]] = []
    taking_turns = Lock()

    def respond(_: bytes, body: bytes) -> bytes:
        with taking_turns:
            seen.append(json.loads(body))
            send(devchain, wallets[0], 10**6)
            return http(forward(devchain, body))

    async def run() -> tuple[Result, list[Result]]:
        async with transport(serve(respond)) as chain:
            (block,) = await chain.read([BlockRead("devnet", "latest")])
            assert isinstance(block, BlockAnswer)
            return block, await chain.read([BalanceRead("devnet", wallet, block.hash) for wallet in wallets])

    block, balances = asyncio.run(run())
    assert len(seen) == 3
    assert sum(map(len, seen)) == 202
    pins = [call["params"][1] for request in seen[1:] for call in request]
    assert pins == [{"blockHash": getattr(block, "hash", None), "requireCanonical": True}] * 200
    # One transfer came before the block was read; those that came after it must not show.
    expected = [position + 1 if position % 10 == 0 else 0 for position in range(200)]
    expected[0] += 10**6
    assert balances == [BalanceAnswer(wei) for wei in expected]
    assert isinstance(block, BlockAnswer)
    assert read_block(devchain.url).number == block.number + 2


def send(chain: DevChain, to: str, wei: int) -> None:
    chain.send({"from": chain.accounts[0], "to": to, "value": hex(wei), "gas": hex(21_000)})


def test_200_balances_of_a_known_block_in_three_requests(devchain: DevChain, serve: Serve) -> None:
    """As a resumed run asks: the chain id rides along with the first of them."""
    seen: list[bytes] = []

    def respond(_: bytes, body: bytes) -> bytes:
        seen.append(body)
        return http(forward(devchain, body))

    block = read_block(devchain.url)
    request = BalanceRead("devnet", devchain.accounts[1], block.hash)
    balances = read(serve(respond), *[request] * 200)
    assert balances == [BalanceAnswer(250_500_000_000_000_000_000)] * 200
    assert len(seen) == 3


def test_mixed_reads_come_back_in_order(devchain: DevChain) -> None:
    block = read_block(devchain.url)
    dusd = devchain.tokens["DUSD"]
    owner = devchain.accounts[1]
    answers = read(
        devchain.url,
        CallRead("devnet", dusd.address, DECIMALS, block.hash),
        BalanceRead("devnet", devchain.accounts[2], block.hash),
        BalanceRead("elsewhere", owner, block.hash),
        BlockRead("devnet", block.number),
        CallRead("devnet", dusd.address, encode_call(BALANCE_OF, ["address"], [owner]), block.hash),
        CallRead("devnet", owner, DECIMALS, block.hash),
    )
    expect_failure(answers.pop(2), codes.E_NETWORK_WITHOUT_ENDPOINT)
    decimals, balance, same_block, tokens, no_code = answers
    assert isinstance(decimals, CallAnswer)
    assert decode_result(["uint8"], decimals.data) == (6,)
    assert balance == BalanceAnswer(32 * 10**18)
    assert same_block == block
    assert isinstance(tokens, CallAnswer)
    assert decode_result(["uint256"], tokens.data) == (25_000_000_000,)
    assert no_code == CallAnswer(b"")


def test_block_tags(devchain: DevChain) -> None:
    devchain.mine(3)
    latest, safe, finalized = (read_block(devchain.url, tag) for tag in ("latest", "safe", "finalized"))
    assert (safe.number, finalized.number) == (latest.number - 2, latest.number - 4)
    assert latest.timestamp - safe.timestamp == 2 * 12


def test_a_block_that_does_not_exist(devchain: DevChain) -> None:
    by_number, balance, call = read(
        devchain.url,
        BlockRead("devnet", 10**6),
        BalanceRead("devnet", ADDRESS, HASH),
        CallRead("devnet", ADDRESS, b"", HASH),
    )
    assert expect_failure(by_number, codes.E_BLOCK_UNKNOWN).fields["block"] == "1000000"
    assert expect_failure(balance, codes.E_BLOCK_UNKNOWN).fields["block"] == HASH
    expect_failure(call, codes.E_BLOCK_UNKNOWN)


def test_a_reverted_call_says_why(devchain: DevChain) -> None:
    block = read_block(devchain.url)
    token = devchain.tokens["OPF"].address
    data = encode_call(TRANSFER, ["address", "uint256"], [ADDRESS, 1])
    reverted, unknown_selector = read(
        devchain.url,
        CallRead("devnet", token, data, block.hash),
        CallRead("devnet", token, b"\1\2\3\4", block.hash),
    )
    fields = expect_failure(reverted, codes.E_CALL_REVERTED).fields
    assert fields["reason"] == "the balance is too small"
    assert fields["selector"] == "0xa9059cbb"
    assert fields["contract"] == token
    assert expect_failure(unknown_selector, codes.E_CALL_REVERTED).fields["reason"] == "no reason given"


def test_the_wrong_chain_is_not_believed(devchain: DevChain) -> None:
    block = read_block(devchain.url)
    balance = BalanceRead("devnet", devchain.accounts[1], block.hash)
    for result in read(devchain.url, balance, BlockRead("devnet", "latest"), chain_id=1):
        fields = expect_failure(result, codes.E_WRONG_CHAIN).fields
        assert fields == {"network": "devnet", "expected_chain_id": "1", "actual_chain_id": "31337"}


def test_the_chain_id_can_be_refused_too(serve: Serve) -> None:
    error = {"code": -32601, "message": "the method is not supported"}
    url = serve(lambda _, body: http(json.dumps({"id": None, "error": error}).encode()))
    (result,) = read(url, BlockRead("devnet", "latest"))
    assert expect_failure(result, codes.E_RPC_ERROR).fields["method"] == "eth_chainId"


def test_an_answer_that_is_missing_fails_alone(serve: Serve) -> None:
    def respond(_: bytes, body: bytes) -> bytes:
        first, second, _third = json.loads(body)
        answers = [{"id": first["id"], "result": "0x7a69"}, {"id": second["id"], "result": "0x5"}]
        return http(json.dumps(answers).encode())

    request = BalanceRead("devnet", ADDRESS, HASH)
    balance, missing = read(serve(respond), request, request)
    assert balance == BalanceAnswer(5)
    expect_failure(missing, codes.E_RPC_IDS)


def test_an_endpoint_that_recovers_is_checked_again(serve: Serve) -> None:
    """What was not verified stays unverified: the chain id is asked for until it was right once."""
    chain_ids = ["0x1", "7a69", None, "0x7a69"]
    asked: list[str] = []

    def respond(_: bytes, body: bytes) -> bytes:
        calls = json.loads(body)
        asked.extend(call["method"] for call in calls)
        return http(
            json.dumps(
                [
                    {
                        "id": call["id"],
                        "result": chain_ids.pop(0) if call["method"] == "eth_chainId" else "0x5",
                    }
                    for call in calls
                ]
            ).encode()
        )

    async def run() -> Sequence[Result]:
        async with transport(serve(respond)) as chain:
            request = BalanceRead("devnet", ADDRESS, HASH)
            return [(await chain.read([request]))[0] for _ in range(5)]

    wrong, malformed, missing, *right = asyncio.run(run())
    expect_failure(wrong, codes.E_WRONG_CHAIN)
    expect_failure(malformed, codes.E_RPC_VALUE)
    expect_failure(missing, codes.E_RPC_VALUE)
    assert right == [BalanceAnswer(5)] * 2
    assert asked == ["eth_chainId", "eth_getBalance"] * 4 + ["eth_getBalance"]


@pytest.mark.parametrize(
    "value",
    ["0x", "0x01", "1", "-0x1", "0x-1", "0xg", " 0x1", "0x1\n", "0x" + "f" * 65, 1, 1.0, None, True, ["0x1"]],
)
def test_a_balance_that_is_no_quantity(serve: Serve, value: object) -> None:
    url = serve(lying(lambda call, answer: answer | {"result": value}))
    (result,) = read(url, BalanceRead("devnet", ADDRESS, HASH))
    expect_failure(result, codes.E_RPC_VALUE)


@pytest.mark.parametrize("value", ["", "0x0", "0xabc", "abcd", "0xzz", "0x12\n", 1, None, {}])
def test_a_result_that_is_no_data(serve: Serve, value: object) -> None:
    url = serve(lying(lambda call, answer: answer | {"result": value}))
    (result,) = read(url, CallRead("devnet", ADDRESS, b"", HASH))
    expect_failure(result, codes.E_RPC_VALUE)


@pytest.mark.parametrize(
    "change",
    [{"number": "0x8"}, {"number": None}, {"hash": "0x12"}, {"hash": HASH + "00"}, {"timestamp": "now"}],
    ids=str,
)
def test_a_block_that_is_none(serve: Serve, change: dict[str, object]) -> None:
    block = {"number": "0x7", "hash": HASH, "timestamp": "0x9"} | change
    url = serve(lying(lambda call, answer: answer | {"result": block}))
    (result,) = read(url, BlockRead("devnet", 7))
    expect_failure(result, codes.E_RPC_VALUE)


def test_errors_are_told_apart_by_code_and_data_alone(serve: Serve) -> None:
    balance, call = BalanceRead("devnet", ADDRESS, HASH), CallRead("devnet", ADDRESS, b"\1\2\3\4", HASH)
    cases: list[tuple[int, object, ChainRequest, object]] = [
        (-32000, None, balance, codes.E_RPC_ERROR),
        (-32000, None, call, codes.E_RPC_ERROR),
        (-32000, None, BlockRead("devnet", "safe"), codes.E_RPC_ERROR),
        (-32001, None, balance, codes.E_BLOCK_UNKNOWN),
        (-32001, None, call, codes.E_BLOCK_UNKNOWN),
        (3, None, call, codes.E_CALL_REVERTED),
        (3, None, balance, codes.E_RPC_ERROR),
        (-32000, "0x", call, codes.E_CALL_REVERTED),
        (-32000, {"data": "0x"}, call, codes.E_RPC_ERROR),
    ]
    for rpc_code, data, request, expected in cases:
        (result,) = read(serve(lying(error(rpc_code, data))), request)
        expect_failure(result, expected)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (encode_call(bytes.fromhex("4e487b71"), ["uint256"], [17]), "panic 0x11"),
        (encode_call(bytes.fromhex("08c379a0"), ["string"], ["no\n\x1b[31m\u202e"]), "no [31m"),
        (encode_call(bytes.fromhex("08c379a0"), ["string"], ["x" * 5000]), "x" * 199 + "…"),
        (bytes.fromhex("08c379a0ff"), "data that is not an encoded reason"),
        (bytes.fromhex("4e487b71"), "data that is not an encoded reason"),
        (bytes.fromhex("deadbeef") + bytes(32), "the contract's own error 0xdeadbeef"),
        (b"\1", "the contract's own error 0x01"),
        (b"", "no reason given"),
    ],
)
def test_revert_reasons(serve: Serve, data: bytes, reason: str) -> None:
    (result,) = read(serve(lying(error(3, "0x" + data.hex()))), CallRead("devnet", ADDRESS, b"", HASH))
    fields = expect_failure(result, codes.E_CALL_REVERTED).fields
    assert fields["reason"] == reason
    assert fields["data"] == "0x" + data[:1024].hex()


def test_a_network_that_is_down_does_not_fail_another(devchain: DevChain) -> None:
    async def run(port: int) -> list[Result]:
        networks = {
            "devnet": NetworkEndpoint(31337, devchain.url),
            "down": NetworkEndpoint(1, f"http://127.0.0.1:{port}"),
        }
        async with ChainTransport(networks) as chain:
            return await chain.read([BlockRead("down", "latest"), BlockRead("devnet", "latest")])

    with socket.socket() as bound:
        # Bound and not listening: nobody else can take the port while the test runs.
        bound.bind(("127.0.0.1", 0))
        down, block = asyncio.run(run(bound.getsockname()[1]))
    assert expect_failure(down, codes.E_RPC_UNREACHABLE).fields["network"] == "down"
    assert isinstance(block, BlockAnswer)


def test_an_endpoint_has_no_text_form() -> None:
    assert "s3cret" not in repr(NetworkEndpoint(1, "https://host/s3cret"))
