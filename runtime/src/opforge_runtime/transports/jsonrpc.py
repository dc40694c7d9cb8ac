"""JSON-RPC 2.0 over HTTP: many calls in few requests, and no answer that is not surely the right one.

An answer is matched to its call by id alone (JSON-RPC 2.0, section 6: a batch may be answered in any
order). Where ids cannot be trusted, the whole request is: see `_match`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeAlias, cast

import httpx
import orjson

from opforge_ir.codes import transport as codes
from opforge_ir.diagnostics import Code, FieldValue
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports.client import BodyEncodingError, BodyTooLargeError, read_body
from opforge_runtime.transports.hexadecimal import parse_data
from opforge_runtime.transports.provider_text import clean_text, get_url_secrets

__all__ = ["JsonRpcEndpoint", "JsonValue", "RpcAnswer", "RpcCall", "RpcError", "RpcResult"]

JsonValue: TypeAlias = "dict[str, JsonValue] | list[JsonValue] | str | int | float | bool | None"

_MAX_ANSWER_BYTES = 32 * 1024 * 1024
_MAX_CONCURRENT_REQUESTS = 4
"""How many requests of one batch are under way at once; public endpoints throttle more."""


@dataclass(frozen=True, slots=True)
class RpcCall:
    """One method call."""

    method: str
    params: tuple[JsonValue, ...] = ()


@dataclass(frozen=True, slots=True)
class RpcAnswer:
    """The endpoint's result, of a shape not yet checked."""

    value: JsonValue


@dataclass(frozen=True, slots=True)
class RpcError:
    """A well-formed error object: the endpoint understood the call and refused it."""

    rpc_code: int
    provider_text: str
    """The message, cleaned and shortened; never to be decided by."""
    data: bytes | None
    """The `data` member where it is hexadecimal text, as nodes send for reverted calls."""


RpcResult: TypeAlias = "RpcAnswer | RpcError | EffectFailure"


class JsonRpcEndpoint:
    """One endpoint of one network.

    `network` is what failures call it: its URL, which may hold a key, is in no failure. Its client
    should come from `build_client` and is closed by whoever made it.
    """

    def __init__(
        self, url: str, *, network: str, client: httpx.AsyncClient, timeout_seconds: float, max_batch: int
    ) -> None:
        """Raises DiagnosticError (E_ENDPOINT_URL) when `url` is not an http or https URL with a host."""
        self._url, self._secrets = _parse_url(url, network)
        self._network = network
        self._client = client
        self._timeout_seconds = timeout_seconds
        self._max_batch = max_batch
        self._ids = itertools.count(1)
        self._requests_under_way = asyncio.Semaphore(_MAX_CONCURRENT_REQUESTS)

    async def batch(self, calls: Sequence[RpcCall]) -> list[RpcResult]:
        """Make all calls, `max_batch` to a request; the results stand in the order of the calls."""
        chunks = [calls[start : start + self._max_batch] for start in range(0, len(calls), self._max_batch)]
        answered = await asyncio.gather(*(self._exchange(chunk) for chunk in chunks))
        return [result for results in answered for result in results]

    async def _exchange(self, calls: Sequence[RpcCall]) -> Sequence[RpcResult]:
        ids = [next(self._ids) for _ in calls]
        request = [
            {"jsonrpc": "2.0", "id": call_id, "method": call.method, "params": list(call.params)}
            for call_id, call in zip(ids, calls, strict=True)
        ]
        body = await self._post(orjson.dumps(request))
        if isinstance(body, EffectFailure):
            return [body] * len(calls)
        return self._match(ids, body)

    async def _post(self, content: bytes) -> bytes | EffectFailure:
        """The body of the answer to one request, or why there is none."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        try:
            # The client's own timeouts are per read; a body that comes drop by drop needs one for the whole.
            async with (
                self._requests_under_way,
                asyncio.timeout(self._timeout_seconds),
                self._client.stream(
                    "POST",
                    self._url,
                    content=content,
                    headers=headers,
                    timeout=None,
                    follow_redirects=False,
                ) as response,
            ):
                if response.status_code != HTTPStatus.OK:
                    return self._fail(codes.E_RPC_HTTP_STATUS, status=response.status_code)
                return await read_body(response, _MAX_ANSWER_BYTES)
        except TimeoutError:
            return self._fail(codes.E_RPC_TIMEOUT, timeout_ms=round(self._timeout_seconds * 1000))
        except BodyTooLargeError:
            return self._fail(codes.E_RPC_TOO_LARGE, limit_bytes=_MAX_ANSWER_BYTES)
        except BodyEncodingError as error:
            return self._fail(codes.E_RPC_NOT_JSON_RPC, problem=str(error))
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError):
            return self._fail(codes.E_RPC_UNREACHABLE)
        except httpx.HTTPError:
            return self._fail(codes.E_RPC_DISCONNECTED)

    def _match(self, ids: Sequence[int], body: bytes) -> Sequence[RpcResult]:
        """Give each id its answer.

        An id that is answered twice, or was never asked, shows that the endpoint (or something
        between) mixes answers up, so none of that body is used. An id without answer fails alone.
        """
        try:
            document = cast(JsonValue, orjson.loads(body))
        except orjson.JSONDecodeError:
            return [self._fail(codes.E_RPC_NOT_JSON_RPC, problem="it is not JSON")] * len(ids)
        if isinstance(document, dict) and document.get("error") is not None:
            # The request as a whole was refused (section 6), for its size or its rate for example.
            return [self._read_answer(document)] * len(ids)
        if not isinstance(document, list):
            return [self._fail(codes.E_RPC_NOT_JSON_RPC, problem="a batch was asked, no list came")] * len(
                ids
            )
        asked = frozenset(ids)
        answers: dict[int, RpcResult] = {}
        for answer in document:
            answer_id = answer.get("id") if isinstance(answer, dict) else None
            # `type` and not `isinstance`: True and 1.0 are equal to 1.
            if not isinstance(answer, dict) or type(answer_id) is not int or answer_id not in asked:
                return [self._fail(codes.E_RPC_IDS, problem="an answer to an id that was not asked")] * len(
                    ids
                )
            if answer_id in answers:
                return [self._fail(codes.E_RPC_IDS, problem="two answers to one id")] * len(ids)
            answers[answer_id] = self._read_answer(answer)
        missing = self._fail(codes.E_RPC_IDS, problem="no answer to an id that was asked")
        return [answers.get(call_id, missing) for call_id in ids]

    def _read_answer(self, answer: dict[str, JsonValue]) -> RpcResult:
        """One response object (section 5): exactly one of `result` and `error`, where null is no error."""
        error = answer.get("error")
        if error is None:
            if "result" not in answer:
                return self._fail(codes.E_RPC_NOT_JSON_RPC, problem="an answer without result and error")
            return RpcAnswer(answer["result"])
        if answer.get("result") is not None:
            return self._fail(codes.E_RPC_NOT_JSON_RPC, problem="an answer with both result and error")
        rpc_code = error.get("code") if isinstance(error, dict) else None
        if not isinstance(error, dict) or type(rpc_code) is not int:
            return self._fail(codes.E_RPC_NOT_JSON_RPC, problem="an error without a code")
        message = error.get("message")
        text = clean_text(message, self._secrets) if isinstance(message, str) else ""
        return RpcError(rpc_code, text, parse_data(error.get("data")))

    def _fail(self, code: Code, **fields: FieldValue) -> EffectFailure:
        return EffectFailure(code, {"network": self._network, **fields})


def _parse_url(url: str, network: str) -> tuple[httpx.URL, frozenset[str]]:
    """The URL, and what of it must not be repeated."""
    try:
        parsed, secrets = httpx.URL(url), get_url_secrets(url)
    except (httpx.InvalidURL, ValueError):
        # `from None`: the library's message quotes the URL.
        raise codes.E_ENDPOINT_URL.error(network=network) from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise codes.E_ENDPOINT_URL.error(network=network)
    return parsed, secrets
