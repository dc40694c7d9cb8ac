"""Live IO: requests go to the transports, by verb."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeAlias, cast

from opforge_ir.codes import transport
from opforge_ir.codes.driving import E_ATTEMPT_TIMEOUT
from opforge_ir.codes.execution import E_RANDOM_RANGE, E_SESSION_TIMEOUT
from opforge_ir.diagnostics import DiagnosticError
from opforge_ir.document import Document, Policy
from opforge_ir.types import Type
from opforge_ir.values import RecordInstance, Value
from opforge_runtime.effect_io.port import Answer, Attempt
from opforge_runtime.failures import EffectFailure
from opforge_runtime.retry import SESSION_CODES, choose_delay_ms
from opforge_runtime.transports.chain import (
    BalanceAnswer,
    BalanceRead,
    BlockAnswer,
    BlockRead,
    BlockTag,
    CallAnswer,
    CallRead,
    ChainAnswer,
    ChainRequest,
    ChainTransport,
    NetworkEndpoint,
)
from opforge_runtime.transports.http import HttpMethod, HttpTransport

__all__ = ["LiveIo", "LiveSession", "LogSink", "open_live_io"]

_MAX_CONCURRENT_REQUESTS: Final = 16
"""How many HTTP requests of one wave are under way at once."""


class LogSink(Protocol):
    """Where the lines of `log` go, each when it is first said."""

    def __call__(self, level: str, message: str, /) -> None:
        """`level` is `info` or `warning`."""
        ...


_Handler: TypeAlias = Callable[[Sequence[Attempt]], Awaitable[list[Answer]]]
"""Answers the attempts of its verbs, in their order."""


class LiveSession:
    """Part of the runtime's edge: one session of a run."""

    def __init__(
        self,
        handlers: Mapping[str, _Handler],
        timeout_ms: int,
        left_ms: int | None,
        random_below: Callable[[int], int],
    ) -> None:
        """`timeout_ms` is what the run's policy says, `left_ms` what is left of it."""
        self._handlers = handlers
        self._timeout_ms = timeout_ms
        self._deadline = None if left_ms is None else time.monotonic() + left_ms / 1000
        self._random_below = random_below

    async def perform(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """Part of EffectSession. Raises DiagnosticError with one of SESSION_CODES, and what `assure` raises.

        What has no answer when the run's time is over fails with E_SESSION_TIMEOUT, what has none when its
        own time is over with E_ATTEMPT_TIMEOUT.
        """
        answers: list[Answer] = [None] * len(attempts)
        if len(attempts) == 1:
            (attempt,) = attempts
            if self._deadline is None and not attempt.timeout_ms and attempt.assure is None:
                answers = await self._handlers[attempt.request.site.verb.name](attempts)
            else:
                await self._answer(attempts, [0], answers)
        else:
            reads: dict[_Handler, list[int]] = {}
            side_effects: list[int] = []
            for position, attempt in enumerate(attempts):
                verb = attempt.request.site.verb
                if verb.effect == "read":
                    reads.setdefault(self._handlers[verb.name], []).append(position)
                else:
                    side_effects.append(position)
            await asyncio.gather(*(self._answer(attempts, each, answers) for each in reads.values()))
            for position in side_effects:
                await self._answer(attempts, [position], answers)
        for found in answers:
            if type(found) is EffectFailure and found.code in SESSION_CODES:
                raise DiagnosticError([found.diagnostic()])
        return answers

    async def wait(self, policy: Policy, failures: int) -> None:
        """Part of EffectSession."""
        seconds = choose_delay_ms(policy, failures, self._random_below) / 1000
        left = seconds if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        await asyncio.sleep(min(seconds, left))

    async def _answer(
        self, attempts: Sequence[Attempt], positions: Sequence[int], answers: list[Answer]
    ) -> None:
        """Answer the attempts at these positions, all of one handler, within the time that they have."""
        asked = [attempts[position] for position in positions]
        for each in asked:
            if each.assure is not None:
                await each.assure()
        handler = self._handlers[asked[0].request.site.verb.name]
        own_ms = min((each.timeout_ms for each in asked if each.timeout_ms), default=0)
        if self._deadline is None and not own_ms:
            found = await handler(asked)
        else:
            left = None if self._deadline is None else self._deadline - time.monotonic()
            own = own_ms / 1000 if own_ms else None
            is_own = own is not None and (left is None or own < left)
            try:
                async with asyncio.timeout(own if is_own else left):
                    found = await handler(asked)
            except TimeoutError:
                found = [self._build_timeout(each, own_ms if is_own else 0) for each in asked]
        for position, value in zip(positions, found, strict=True):
            answers[position] = value

    def _build_timeout(self, attempt: Attempt, own_ms: int) -> EffectFailure:
        if own_ms:
            verb = attempt.request.site.verb.name
            return EffectFailure(E_ATTEMPT_TIMEOUT, {"verb": verb, "timeout_ms": own_ms})
        return EffectFailure(E_SESSION_TIMEOUT, {"timeout_ms": self._timeout_ms})


class LiveIo:
    """Part of the runtime's edge: it owns no connection, those who made the transports do."""

    def __init__(
        self,
        networks: Mapping[str, NetworkEndpoint],
        *,
        chain: ChainTransport,
        http: HttpTransport,
        log: LogSink,
        now_seconds: Callable[[], int],
        random_below: Callable[[int], int],
    ) -> None:
        """`random_below(n)` gives an integer from 0 to n - 1, each equally likely."""
        self._networks = networks
        self._chain = chain
        self._http = http
        self._log = log
        self._now_seconds = now_seconds
        self._random_below = random_below
        self._http_slots = asyncio.Semaphore(_MAX_CONCURRENT_REQUESTS)
        self.handlers: Final[dict[str, _Handler]] = {
            "chain.block": self._read_chain,
            "chain.balance": self._read_chain,
            "chain.call": self._read_chain,
            "event.emit": self._keep_event,
            "http.get": self._request_http,
            "http.post": self._request_http,
            "log.info": self._write_log,
            "log.warning": self._write_log,
            "random.integer": self._draw,
            "time.now": self._tell_time,
        }
        """How each verb is answered, but for waits."""

    def begin(self, document: Document, policy: Policy, left_ms: int | None) -> LiveSession:
        """Part of EffectIo. Raises DiagnosticError: E_NETWORK_WITHOUT_ENDPOINT for each of them."""
        missing = [name for name in document.grants.chain if name not in self._networks]
        if missing:
            raise DiagnosticError(
                [transport.E_NETWORK_WITHOUT_ENDPOINT.at(None, network=name) for name in missing]
            )
        return LiveSession(self.handlers, policy.timeout_ms, left_ms, self._random_below)

    # --- chain ------------------------------------------------------------------------------------

    async def _read_chain(self, attempts: Sequence[Attempt]) -> list[Answer]:
        asked = [_build_chain_request(attempt) for attempt in attempts]
        requests = [request for request in asked if not isinstance(request, EffectFailure)]
        read = iter(await self._chain.read(requests))
        return [
            request if isinstance(request, EffectFailure) else _read_chain_answer(attempt, next(read))
            for attempt, request in zip(attempts, asked, strict=True)
        ]

    # --- http -------------------------------------------------------------------------------------

    async def _request_http(self, attempts: Sequence[Attempt]) -> list[Answer]:
        return list(await asyncio.gather(*map(self._request_one, attempts)))

    async def _request_one(self, attempt: Attempt) -> Answer:
        arguments = attempt.request.arguments
        method: HttpMethod = "GET" if attempt.request.site.verb.name == "http.get" else "POST"
        async with self._http_slots:
            found = await self._http.request(
                method,
                cast("str", arguments["url"]),
                allowed_hosts=attempt.allowed_hosts,
                headers=cast("dict[str, str]", arguments["headers"]),
                key=attempt.request.key,
                body=cast("str | None", arguments.get("body")),
            )
        if isinstance(found, EffectFailure):
            return found
        return RecordInstance("Response", (found.status, found.text, found.headers))

    # --- the machine ------------------------------------------------------------------------------

    async def _write_log(self, attempts: Sequence[Attempt]) -> list[Answer]:
        for attempt in attempts:
            level = attempt.request.site.verb.name.removeprefix("log.")
            self._log(level, cast("str", attempt.request.arguments["message"]))
        return [None] * len(attempts)

    async def _keep_event(self, attempts: Sequence[Attempt]) -> list[Answer]:
        """An event is in the run's history already, as what was asked."""
        return [None] * len(attempts)

    async def _tell_time(self, attempts: Sequence[Attempt]) -> list[Answer]:
        return [self._now_seconds() for _ in attempts]

    async def _draw(self, attempts: Sequence[Attempt]) -> list[Answer]:
        return [self._draw_one(attempt.request.arguments) for attempt in attempts]

    def _draw_one(self, arguments: Mapping[str, Value]) -> Answer:
        low, high = cast("int", arguments["low"]), cast("int", arguments["high"])
        if low > high:
            # As text: integers of the language may be long, and stored ones are small.
            return EffectFailure(E_RANDOM_RANGE, {"low": str(low), "high": str(high)})
        return low + self._random_below(high - low + 1)


@asynccontextmanager
async def open_live_io(
    networks: Mapping[str, NetworkEndpoint],
    *,
    log: LogSink,
    resolve: Mapping[str, str] | None = None,
    timeout_seconds: float = 20.0,
    max_batch: int = 100,
) -> AsyncGenerator[LiveIo]:
    """Live IO with transports of its own, the machine's clock and its randomness.

    `networks` are the endpoints by network name; `resolve`, `timeout_seconds` and `max_batch` are those of
    the transports. Raises DiagnosticError when an endpoint is not a URL.
    """
    async with (
        ChainTransport(networks, timeout_seconds=timeout_seconds, max_batch=max_batch) as chain,
        HttpTransport(resolve, timeout_seconds=timeout_seconds) as http,
    ):
        yield LiveIo(
            networks,
            chain=chain,
            http=http,
            log=log,
            now_seconds=lambda: int(time.time()),
            random_below=secrets.randbelow,
        )


def _build_chain_request(attempt: Attempt) -> ChainRequest | EffectFailure:
    from opforge_runtime.abi import encode_call

    site, arguments = attempt.request.site, attempt.request.arguments
    network = cast("str", arguments["network"])
    if site.verb.name == "chain.block":
        return BlockRead(network, cast("BlockTag", site.static["tag"]))
    block = cast("RecordInstance", arguments["at"])
    block_hash = "0x" + cast("bytes", block.values[1]).hex()
    address = cast("str", arguments["address"])
    if site.verb.name == "chain.balance":
        return BalanceRead(network, address, block_hash)
    assert site.function is not None
    values = cast("tuple[Value, ...]", arguments["arguments"])
    try:
        data = encode_call(
            bytes.fromhex(site.function.selector[2:]), [p.abi for p in site.function.inputs], values
        )
    except DiagnosticError as error:
        return _build_failure(error)
    return CallRead(network, address, data, block_hash)


def _read_chain_answer(attempt: Attempt, answer: ChainAnswer | EffectFailure) -> Answer:
    match answer:
        case EffectFailure():
            return answer
        case BlockAnswer(network, number, block_hash, timestamp):
            return RecordInstance("Block", (number, bytes.fromhex(block_hash[2:]), timestamp, network))
        case BalanceAnswer(wei):
            return wei
        case CallAnswer(data):
            return _decode_call(attempt, data)


def _decode_call(attempt: Attempt, data: bytes) -> Answer:
    from opforge_runtime.abi import decode_result

    function = attempt.request.site.function
    assert function is not None
    if not function.outputs:
        return None
    try:
        (found,) = decode_result([p.abi for p in function.outputs], data)
    except DiagnosticError as error:
        return _build_failure(error)
    return _fit(attempt.request.site.type, found)


def _fit(kind: Type, found: Any) -> Value:
    """What the ABI decoder found, held as the language holds it: a list where the type says list."""
    if kind.is_list:
        return [_fit(kind.args[0], item) for item in found]
    if kind.is_tuple:
        return tuple(_fit(part, item) for part, item in zip(kind.args, found, strict=True))
    return cast("Value", found)


def _build_failure(error: DiagnosticError) -> EffectFailure:
    problem = error.diagnostics[0]
    return EffectFailure(problem.code, problem.values)
