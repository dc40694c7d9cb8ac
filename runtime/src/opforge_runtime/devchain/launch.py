"""Start a development chain, deploy the sample contracts on it, and say where everything is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Literal, Self, TypeAlias

import orjson

from opforge_ir.codes.transport import E_DEVCHAIN_START
from opforge_runtime.abi import encode_call
from opforge_runtime.devchain.anvil import AnvilProcess, find_anvil
from opforge_runtime.devchain.contracts.compile_contracts import COMPILED
from opforge_runtime.devchain.embedded import EmbeddedServer
from opforge_runtime.devchain.rpc_client import LocalRpcError, call_local_rpc, send_and_wait
from opforge_runtime.devchain.sample import (
    ACCOUNTS,
    CHAIN_ID,
    FEED,
    NATIVE_BALANCES,
    SECONDS_PER_BLOCK,
    SLOTS_IN_EPOCH,
    TOKEN_BALANCES,
    TOKENS,
    DevFeed,
    DevToken,
)

__all__ = ["Backend", "DevChain", "start_devchain"]

Backend: TypeAlias = Literal["anvil", "embedded"]

_GAS_LIMIT = 5_000_000
_GAS_PRICE = 2_000_000_000
"""Fixed, so that the deployer pays the same on every backend."""


@dataclass(frozen=True, slots=True)
class DevChain:
    """A running development chain; a context manager that ends it."""

    backend: Backend
    url: str
    """Its JSON-RPC endpoint, on the loopback interface."""
    chain_id: int
    accounts: tuple[str, ...]
    """The funded accounts, as `0x` and 40 lower-case digits; transactions may be sent from each."""
    tokens: Mapping[str, DevToken]
    """The sample tokens by symbol."""
    feed: DevFeed
    _server: AnvilProcess | EmbeddedServer

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the chain; nothing of it is kept."""
        self._server.close()

    def mine(self, count: int = 1) -> None:
        """Add `count` blocks without transactions."""
        _mine(self._server.port, count)

    def send(self, transaction: dict[str, str]) -> str:
        """Send a transaction of one of the accounts; returns its hash once it is in a block of its own.

        Its members are those of eth_sendTransaction, `from` included. Raises LocalRpcError.
        """
        return send_and_wait(self._server.port, transaction)

    def call_rpc(self, method: str, *params: Any) -> Any:
        """The result of one JSON-RPC call. Raises LocalRpcError when it has none."""
        return call_local_rpc(self._server.port, (method, list(params)))[0]


def start_devchain(
    prefer_anvil: bool = True,
    *,
    anvil: str | Path | None = None,
    extra_balances: Mapping[str, int] | None = None,
) -> DevChain:
    """Start a chain with the sample accounts and contracts, ready to be read at every block tag.

    With `prefer_anvil` an Anvil is taken where there is one: `anvil`, else OPFORGE_ANVIL, else the one on
    PATH. Otherwise the chain runs in this process. `extra_balances` gives further accounts wei in the
    genesis block.
    Raises DiagnosticError: E_DEVCHAIN_UNAVAILABLE, E_DEVCHAIN_START.
    """
    balances = NATIVE_BALANCES | dict(extra_balances or {})
    program = find_anvil(anvil) if prefer_anvil else None
    server = EmbeddedServer(balances) if program is None else AnvilProcess(program, balances)
    backend: Backend = "embedded" if program is None else "anvil"
    try:
        _prepare(server.port, backend)
    except BaseException:
        server.close()
        raise
    return DevChain(
        backend=backend,
        url=f"http://127.0.0.1:{server.port}",
        chain_id=CHAIN_ID,
        accounts=ACCOUNTS,
        tokens=MappingProxyType({token.symbol: token for token in TOKENS}),
        feed=FEED,
        _server=server,
    )


def _mine(port: int, count: int) -> None:
    one_block: tuple[str, list[Any]] = ("evm_mine", [])
    call_local_rpc(port, *[one_block] * count)


def _prepare(port: int, backend: Backend) -> None:
    try:
        if backend == "anvil":
            call_local_rpc(port, ("anvil_setBlockTimestampInterval", [SECONDS_PER_BLOCK]))
        for data in _build_deployments():
            send_and_wait(port, _build_transaction(data))
        # The block `finalized` has the contracts too.
        _mine(port, 2 * SLOTS_IN_EPOCH)
        addresses = [*(token.address for token in TOKENS), FEED.address]
        codes = call_local_rpc(port, *[("eth_getCode", [address, "finalized"]) for address in addresses])
    except LocalRpcError as error:
        raise E_DEVCHAIN_START.error(backend=backend, problem=str(error)) from error
    if "0x" in codes:
        raise E_DEVCHAIN_START.error(backend=backend, problem="the sample contracts could not be deployed")


def _build_deployments() -> list[bytes]:
    """The creation code of each contract with its constructor's arguments, in order of address."""
    contracts = orjson.loads(COMPILED.read_bytes())["contracts"]
    token_code = bytes.fromhex(contracts["SampleToken"]["bytecode"][2:])
    feed_code = bytes.fromhex(contracts["PriceFeed"]["bytecode"][2:])
    deployments: list[bytes] = []
    for token in TOKENS:
        holders = TOKEN_BALANCES[token.symbol]
        arguments = [token.name, token.symbol, token.decimals, list(holders), list(holders.values())]
        types = ["string", "string", "uint8", "address[]", "uint256[]"]
        deployments.append(encode_call(token_code, types, arguments))
    feed_arguments = [FEED.description, FEED.decimals, FEED.answer]
    return [*deployments, encode_call(feed_code, ["string", "uint8", "int256"], feed_arguments)]


def _build_transaction(data: bytes) -> dict[str, str]:
    return {
        "from": ACCOUNTS[0],
        "data": "0x" + data.hex(),
        "gas": hex(_GAS_LIMIT),
        "gasPrice": hex(_GAS_PRICE),
    }
