"""Typed chain reads over JSON-RPC: what is asked, what comes back, and how it is checked.

All requests for one network leave together. A balance or a call names the block it is read at by
hash (EIP-1898, with `requireCanonical`), so that no two reads of one run can see two states. An
endpoint's answers are believed only once its `eth_chainId` is the configured one; that question
rides in the first batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self, TypeAlias

import httpx

from opforge_ir.codes import transport as codes
from opforge_runtime.failures import EffectFailure
from opforge_runtime.transports.client import build_client
from opforge_runtime.transports.hexadecimal import (
    format_data,
    format_quantity,
    parse_data,
    parse_hash,
    parse_quantity,
)
from opforge_runtime.transports.jsonrpc import JsonRpcEndpoint, JsonValue, RpcCall, RpcError, RpcResult
from opforge_runtime.transports.revert import build_revert_failure

__all__ = [
    "BalanceAnswer",
    "BalanceRead",
    "BlockAnswer",
    "BlockRead",
    "BlockTag",
    "CallAnswer",
    "CallRead",
    "ChainAnswer",
    "ChainRequest",
    "ChainTransport",
    "NetworkEndpoint",
]

BlockTag: TypeAlias = Literal["latest", "safe", "finalized"]

_RESOURCE_NOT_FOUND = -32001
"""EIP-1898: the block is not found. (EIP-1474 names the code "resource not found".)"""
_EXECUTION_REVERTED = 3
"""The code that nodes give a reverted eth_call, together with the revert data."""


@dataclass(frozen=True, slots=True)
class BlockRead:
    """Which block is it? By tag, or by number."""

    network: str
    block: BlockTag | int


@dataclass(frozen=True, slots=True)
class BalanceRead:
    """The balance of an account (`0x` and 40 lower-case digits) after the block with this hash."""

    network: str
    address: str
    block_hash: str


@dataclass(frozen=True, slots=True)
class CallRead:
    """A call without effect (eth_call) of a contract, in the state after the block with this hash."""

    network: str
    to: str
    data: bytes
    """The selector and the encoded arguments."""
    block_hash: str


@dataclass(frozen=True, slots=True)
class BlockAnswer:
    """A block, as much of it as programs see."""

    network: str
    number: int
    hash: str
    """`0x` and 64 lower-case digits."""
    timestamp: int
    """Seconds since the epoch, as the block states them."""


@dataclass(frozen=True, slots=True)
class BalanceAnswer:
    """An account's balance in wei."""

    wei: int


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """What the contract returned, not decoded; empty where there is no code."""

    data: bytes


ChainRequest: TypeAlias = BlockRead | BalanceRead | CallRead
ChainAnswer: TypeAlias = BlockAnswer | BalanceAnswer | CallAnswer


@dataclass(frozen=True, slots=True, repr=False)
class NetworkEndpoint:
    """Where a network is read. Has no `repr`, since the URL may hold a key."""

    chain_id: int
    url: str


class ChainTransport:
    """Reads from several networks; an async context manager that owns its connections."""

    def __init__(
        self,
        networks: Mapping[str, NetworkEndpoint],
        *,
        timeout_seconds: float = 20.0,
        max_batch: int = 100,
    ) -> None:
        """`timeout_seconds` holds for each HTTP request, which carries at most `max_batch` calls.

        Raises DiagnosticError (E_ENDPOINT_URL) when an endpoint's URL is none.
        """
        self._networks: dict[str, _Network] = {}
        self._client: httpx.AsyncClient | None = None
        if not networks:
            return
        # Made only where it is needed: making one reads all certificate authorities.
        self._client = client = build_client()
        self._networks = {
            name: _Network(
                name,
                network.chain_id,
                JsonRpcEndpoint(
                    network.url,
                    network=name,
                    client=client,
                    timeout_seconds=timeout_seconds,
                    max_batch=max_batch,
                ),
            )
            for name, network in networks.items()
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections; the transport cannot be used afterwards."""
        if self._client is not None:
            await self._client.aclose()

    async def read(self, requests: Sequence[ChainRequest]) -> list[ChainAnswer | EffectFailure]:
        """Answer all requests, in their order; what one of them fails with is its own answer."""
        names = list(dict.fromkeys(request.network for request in requests))
        groups = [[request for request in requests if request.network == name] for name in names]
        answered = await asyncio.gather(*map(self._read_one_network, names, groups))
        answers = {name: iter(group) for name, group in zip(names, answered, strict=True)}
        return [next(answers[request.network]) for request in requests]

    async def _read_one_network(
        self, name: str, requests: Sequence[ChainRequest]
    ) -> Sequence[ChainAnswer | EffectFailure]:
        network = self._networks.get(name)
        if network is None:
            return [EffectFailure(codes.E_NETWORK_WITHOUT_ENDPOINT, {"network": name})] * len(requests)
        return await network.read(requests)


class _Network:
    """One network's endpoint, and whether its chain id has been seen to be right."""

    def __init__(self, name: str, chain_id: int, endpoint: JsonRpcEndpoint) -> None:
        self._name = name
        self._chain_id = chain_id
        self._endpoint = endpoint
        self._chain_is_verified = False

    async def read(self, requests: Sequence[ChainRequest]) -> Sequence[ChainAnswer | EffectFailure]:
        calls = [_build_call(request) for request in requests]
        if self._chain_is_verified:
            results = await self._endpoint.batch(calls)
        else:
            verdict, *results = await self._endpoint.batch([RpcCall("eth_chainId"), *calls])
            failure = self._check_chain_id(verdict)
            if failure is not None:
                return [failure] * len(requests)
            self._chain_is_verified = True
        return [_read_answer(request, result) for request, result in zip(requests, results, strict=True)]

    def _check_chain_id(self, result: RpcResult) -> EffectFailure | None:
        if isinstance(result, EffectFailure):
            return result
        if isinstance(result, RpcError):
            return _build_error_failure(self._name, "eth_chainId", result)
        actual = parse_quantity(result.value)
        if actual is None:
            return _build_value_failure(self._name, "eth_chainId", "a quantity")
        if actual == self._chain_id:
            return None
        # As text: a chain id may have 256 bits, and stored integers are small.
        return EffectFailure(
            codes.E_WRONG_CHAIN,
            {"network": self._name, "expected_chain_id": str(self._chain_id), "actual_chain_id": str(actual)},
        )


def _build_call(request: ChainRequest) -> RpcCall:
    match request:
        case BlockRead(_, block):
            name = format_quantity(block) if isinstance(block, int) else block
            return RpcCall("eth_getBlockByNumber", (name, False))
        case BalanceRead(_, address, block_hash):
            return RpcCall("eth_getBalance", (address, _pin(block_hash)))
        case CallRead(_, to, data, block_hash):
            return RpcCall("eth_call", ({"to": to, "data": format_data(data)}, _pin(block_hash)))


def _pin(block_hash: str) -> dict[str, JsonValue]:
    return {"blockHash": block_hash, "requireCanonical": True}


def _read_answer(request: ChainRequest, result: RpcResult) -> ChainAnswer | EffectFailure:
    if isinstance(result, EffectFailure):
        return result
    if isinstance(result, RpcError):
        return _read_error(request, result)
    match request:
        case BlockRead():
            return _read_block(request, result.value)
        case BalanceRead():
            wei = parse_quantity(result.value)
            if wei is None:
                return _build_value_failure(request.network, "eth_getBalance", "a quantity")
            return BalanceAnswer(wei)
        case CallRead():
            data = parse_data(result.value)
            if data is None:
                return _build_value_failure(request.network, "eth_call", "hexadecimal data")
            return CallAnswer(data)


def _read_block(request: BlockRead, value: JsonValue) -> BlockAnswer | EffectFailure:
    if value is None:
        return EffectFailure(codes.E_BLOCK_UNKNOWN, {"network": request.network, "block": str(request.block)})
    block = value if isinstance(value, dict) else {}
    number = parse_quantity(block.get("number"))
    block_hash = parse_hash(block.get("hash"))
    timestamp = parse_quantity(block.get("timestamp"))
    if number is None or block_hash is None or timestamp is None:
        return _build_value_failure(request.network, "eth_getBlockByNumber", "a block")
    if isinstance(request.block, int) and request.block != number:
        return _build_value_failure(request.network, "eth_getBlockByNumber", "the block that was asked for")
    return BlockAnswer(request.network, number, block_hash, timestamp)


def _read_error(request: ChainRequest, error: RpcError) -> EffectFailure:
    """Decide by the error's code and data alone; messages differ between clients and versions."""
    if isinstance(request, BlockRead):
        return _build_error_failure(request.network, "eth_getBlockByNumber", error)
    if error.rpc_code == _RESOURCE_NOT_FOUND:
        return EffectFailure(codes.E_BLOCK_UNKNOWN, {"network": request.network, "block": request.block_hash})
    if isinstance(request, BalanceRead):
        return _build_error_failure(request.network, "eth_getBalance", error)
    if error.rpc_code == _EXECUTION_REVERTED or error.data is not None:
        return build_revert_failure(request.network, request.to, request.data[:4], error.data or b"")
    return _build_error_failure(request.network, "eth_call", error)


def _build_error_failure(network: str, method: str, error: RpcError) -> EffectFailure:
    return EffectFailure(
        codes.E_RPC_ERROR,
        {
            "network": network,
            "method": method,
            "rpc_code": error.rpc_code,
            "provider_text": error.provider_text,
        },
    )


def _build_value_failure(network: str, method: str, expected: str) -> EffectFailure:
    return EffectFailure(codes.E_RPC_VALUE, {"network": network, "method": method, "expected": expected})
