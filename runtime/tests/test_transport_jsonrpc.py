"""Whatever an endpoint sends, a call gets its own answer or a failure with a code."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import logging
import socket
import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.codes import transport as codes
from opforge_ir.diagnostics import DiagnosticError
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports import jsonrpc
from opforge_runtime.transports.client import build_client
from opforge_runtime.transports.jsonrpc import JsonRpcEndpoint, RpcAnswer, RpcCall, RpcError, RpcResult

Serve: TypeAlias = Callable[[Callable[[bytes, bytes], "bytes | None"]], str]
Answers: TypeAlias = list[dict[str, Any]]

KEY = "k3y-0123456789abcdef"
CALLS = [RpcCall("echo", (position,)) for position in range(5)]


def ask(
    url: str, calls: Sequence[RpcCall] = CALLS, *, max_batch: int = 100, timeout: float = 20
) -> list[RpcResult]:
    async def run() -> list[RpcResult]:
        async with build_client() as client:
            endpoint = JsonRpcEndpoint(
                f"{url}/v2/{KEY}",
                network="testnet",
                client=client,
                timeout_seconds=timeout,
                max_batch=max_batch,
            )
            return await endpoint.batch(calls)

    return asyncio.run(run())


def http(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def echo(requests: Answers) -> Answers:
    return [{"jsonrpc": "2.0", "id": each["id"], "result": each["params"][0]} for each in requests]


def answering(change: Callable[[Answers], object]) -> Callable[[bytes, bytes], bytes]:
    """A server whose answer to a batch is `change` of the right one."""
    return lambda head, body: http(json.dumps(change(echo(json.loads(body)))).encode())


def assert_all_fail(results: list[RpcResult], code: object) -> EffectFailure:
    assert len(results) == len(CALLS)
    for result in results:
        assert isinstance(result, EffectFailure)
        assert result.code is code
        assert KEY not in str(result.diagnostic().to_json())
        assert result.fields["network"] == "testnet"
    first = results[0]
    assert isinstance(first, EffectFailure)
    return first


@pytest.mark.parametrize("max_batch", [1, 2, 5, 100])
def test_answers_are_matched_by_id_in_any_order(serve: Serve, max_batch: int) -> None:
    seen: list[bytes] = []

    def respond(head: bytes, body: bytes) -> bytes:
        seen.append(body)
        return http(json.dumps(echo(json.loads(body))[::-1]).encode())

    assert ask(serve(respond), max_batch=max_batch) == [RpcAnswer(position) for position in range(5)]
    assert len(seen) == -(-5 // max_batch)


def test_a_missing_answer_fails_alone(serve: Serve) -> None:
    results = ask(serve(answering(lambda answers: answers[:2] + answers[3:])))
    missing = results.pop(2)
    assert isinstance(missing, EffectFailure)
    assert missing.code is codes.E_RPC_IDS
    assert results == [RpcAnswer(position) for position in (0, 1, 3, 4)]


MIX_UPS: dict[str, Callable[[Answers], object]] = {
    "duplicate": lambda answers: [*answers, answers[0]],
    "contradiction": lambda answers: [*answers, answers[0] | {"result": "other"}],
    "foreign": lambda answers: [*answers[1:], answers[0] | {"id": 999}],
    "null": lambda answers: [*answers[1:], answers[0] | {"id": None}],
    "text": lambda answers: [*answers[1:], answers[0] | {"id": str(answers[0]["id"])}],
    "float": lambda answers: [*answers[1:], answers[0] | {"id": float(answers[0]["id"])}],
    "true": lambda answers: [*answers[1:], answers[0] | {"id": True}],
    "no object": lambda answers: [*answers, 7],
}


@pytest.mark.parametrize("mix_up", MIX_UPS)
def test_ids_that_cannot_be_trusted(serve: Serve, mix_up: str) -> None:
    """JSON-RPC 2.0, section 5: the id "MUST be the same as the value of the id member in the Request"."""
    assert_all_fail(ask(serve(answering(MIX_UPS[mix_up]))), codes.E_RPC_IDS)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!DOCTYPE html><html><body>Just a moment...</body></html>", id="html"),
        pytest.param(b"", id="empty"),
        pytest.param(b'[{"jsonrpc":"2.0","id":1,"resu', id="truncated"),
        pytest.param(b"\xff\xfe", id="not-utf-8"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"42", id="number"),
        pytest.param(b'{"jsonrpc":"2.0","id":1,"result":"0x1"}', id="no-batch"),
        pytest.param(b'{"error":{"message":"no code"}}', id="error-without-code"),
        pytest.param(b'{"error":"a text"}', id="error-no-object"),
    ],
)
def test_what_is_not_json_rpc(serve: Serve, body: bytes) -> None:
    assert_all_fail(ask(serve(lambda head, _: http(body))), codes.E_RPC_NOT_JSON_RPC)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({}, id="neither"),
        pytest.param({"result": 1, "error": {"code": 1, "message": ""}}, id="both"),
        pytest.param({"error": {"code": "1", "message": ""}}, id="code-as-text"),
        pytest.param({"error": {"code": True, "message": ""}}, id="code-as-bool"),
    ],
)
def test_one_answer_without_meaning(serve: Serve, answer: dict[str, Any]) -> None:
    url = serve(answering(lambda answers: [{"id": answers[0]["id"], **answer}, *answers[1:]]))
    first, *others = ask(url)
    assert isinstance(first, EffectFailure)
    assert first.code is codes.E_RPC_NOT_JSON_RPC
    assert others == [RpcAnswer(position) for position in range(1, 5)]


@pytest.mark.parametrize(
    "status", ["204 No Content", "301 Moved", "403 Forbidden", "429 Slow down", "502 Bad"]
)
def test_a_status_other_than_200(serve: Serve, status: str) -> None:
    url = serve(lambda head, _: http(KEY.encode(), status, f"Location: https://{KEY}.example"))
    failure = assert_all_fail(ask(url), codes.E_RPC_HTTP_STATUS)
    assert failure.fields["status"] == int(status[:3])


def test_an_answer_that_breaks_off(serve: Serve) -> None:
    url = serve(lambda head, body: http(b"[" + b" " * 1000)[:-500])
    assert_all_fail(ask(url), codes.E_RPC_DISCONNECTED)


def test_an_endpoint_that_says_nothing(serve: Serve) -> None:
    url = serve(lambda head, body: None)
    failure = assert_all_fail(ask(url, timeout=0.2), codes.E_RPC_TIMEOUT)
    assert failure.fields["timeout_ms"] == 200


def test_an_answer_that_comes_drop_by_drop_is_cut_off() -> None:
    """The timeout is for the whole exchange: a byte now and then does not extend it."""

    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        with contextlib.closing(writer), contextlib.suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)

    async def run() -> list[RpcResult]:
        server = await asyncio.start_server(drip, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, build_client() as client:
            endpoint = JsonRpcEndpoint(
                f"http://127.0.0.1:{port}",
                network="testnet",
                client=client,
                timeout_seconds=0.3,
                max_batch=100,
            )
            return await endpoint.batch(CALLS)

    assert_all_fail(asyncio.run(run()), codes.E_RPC_TIMEOUT)


def test_nobody_listens() -> None:
    with socket.socket() as bound:
        # Bound and not listening: nobody else can take the port while the test runs.
        bound.bind(("127.0.0.1", 0))
        assert_all_fail(ask(f"http://127.0.0.1:{bound.getsockname()[1]}"), codes.E_RPC_UNREACHABLE)


def test_an_answer_without_end(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonrpc, "_MAX_ANSWER_BYTES", 1000)
    failure = assert_all_fail(ask(serve(lambda head, _: http(b" " * 1001))), codes.E_RPC_TOO_LARGE)
    assert failure.fields["limit_bytes"] == 1000


def test_a_small_answer_that_inflates_without_end(serve: Serve) -> None:
    bomb = gzip.compress(bytes(200 * 1024 * 1024), compresslevel=1)
    url = serve(lambda head, _: http(bomb, "200 OK", "Content-Encoding: gzip"))
    assert_all_fail(ask(url), codes.E_RPC_TOO_LARGE)


@pytest.mark.parametrize(("coding", "encode"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_answers(serve: Serve, coding: str, encode: Callable[[bytes], bytes]) -> None:
    def respond(head: bytes, body: bytes) -> bytes:
        content = encode(json.dumps(echo(json.loads(body))).encode())
        return http(content, "200 OK", f"Content-Encoding: {coding}")

    assert ask(serve(respond)) == [RpcAnswer(position) for position in range(5)]


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"[]")[:-4]),
        ("gzip", gzip.compress(b"[]") + b"x"),
        ("gzip", b"[]"),
        ("br", b"[]"),
    ],
    ids=["cut short", "with bytes after it", "not compressed", "another coding"],
)
def test_broken_or_unknown_compression(serve: Serve, coding: str, body: bytes) -> None:
    url = serve(lambda head, _: http(body, "200 OK", f"Content-Encoding: {coding}"))
    assert_all_fail(ask(url), codes.E_RPC_NOT_JSON_RPC)


def test_an_error_object_is_no_failure_of_the_transport(serve: Serve) -> None:
    message = f"bad\n\x1b[31m https://host/v2/{KEY.upper()} and {KEY} " + "x" * 1000
    error = {"code": -32000, "message": message, "data": "0x08c379a0"}
    url = serve(answering(lambda answers: [{"id": answers[0]["id"], "error": error}, *answers[1:]]))
    first, *others = ask(url)
    assert isinstance(first, RpcError)
    assert (first.rpc_code, first.data) == (-32000, bytes.fromhex("08c379a0"))
    assert KEY.lower() not in first.provider_text.lower()
    assert first.provider_text.isprintable()
    assert len(first.provider_text) <= 200
    assert others == [RpcAnswer(position) for position in range(1, 5)]


def test_a_batch_that_is_refused_as_a_whole(serve: Serve) -> None:
    """JSON-RPC 2.0, section 6: a batch that is not valid is answered by a single response object."""
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32005, "message": "slow down"}}
    url = serve(lambda head, _: http(json.dumps(error).encode()))
    assert ask(url) == [RpcError(-32005, "slow down", None)] * 5


@pytest.mark.parametrize(
    "url", ["", "nonsense", "ftp://host/", f"https:///{KEY}", f"https://[{KEY}/", f"http://\x00{KEY}"]
)
def test_an_endpoint_url_that_is_none(url: str) -> None:
    async def build() -> None:
        async with build_client() as client:
            JsonRpcEndpoint(url, network="testnet", client=client, timeout_seconds=1, max_batch=1)

    with pytest.raises(DiagnosticError) as caught:
        asyncio.run(build())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code is codes.E_ENDPOINT_URL
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_no_log_holds_the_endpoint(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert ask(serve(answering(lambda answers: answers)))
    assert KEY not in caplog.text


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "result", "error", "code", "message", "data"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


NEAR_ANSWERS = st.fixed_dictionaries(
    {"id": st.sampled_from([1, 2, 3, True, 1.0, "1", None])},
    optional={"result": st.integers(), "error": JSON_VALUES},
)


@given(document=JSON_VALUES | st.lists(NEAR_ANSWERS | JSON_VALUES, max_size=3))
def test_any_json_gives_a_result_for_each_call(document: Any) -> None:
    """Whatever the document, nothing is raised and no call gets the answer of another."""

    async def run() -> list[RpcResult]:
        transport = httpx.MockTransport(
            lambda _: httpx.Response(200, stream=httpx.ByteStream(json.dumps(document).encode()))
        )
        async with httpx.AsyncClient(transport=transport) as client:
            endpoint = JsonRpcEndpoint(
                "http://localhost", network="testnet", client=client, timeout_seconds=1, max_batch=9
            )
            return await endpoint.batch(CALLS[:2])

    for call_id, result in enumerate(asyncio.run(run()), start=1):
        if isinstance(result, RpcAnswer):
            own: Answers = [each for each in document if each.get("id") == call_id]
            assert [each["result"] for each in own] == [result.value]
