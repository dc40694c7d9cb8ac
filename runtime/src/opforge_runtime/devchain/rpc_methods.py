"""The JSON-RPC methods of the embedded chain: what reading, and sending from the development accounts, needs.

Follows the Ethereum JSON-RPC specification (execution-apis) and EIP-1898; the development methods
are named as in Anvil.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from eth_utils.exceptions import ValidationError

from opforge_runtime.devchain.evm import BLOCK_GAS_LIMIT, EmbeddedEvm, EvmCallError
from opforge_runtime.devchain.sample import ACCOUNTS, CHAIN_ID, SLOTS_IN_EPOCH

if TYPE_CHECKING:
    from eth.abc import BlockHeaderAPI

__all__ = ["RpcMethods"]

_GAS_PRICE = 2_000_000_000
_INVALID_REQUEST, _METHOD_NOT_FOUND, _INVALID_PARAMS = -32600, -32601, -32602
_SERVER_ERROR, _RESOURCE_NOT_FOUND, _EXECUTION_REVERTED = -32000, -32001, 3


class _RpcFault(Exception):
    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message} | ({} if data is None else {"data": data})


class RpcMethods:
    """Answers JSON-RPC documents with those of one chain; safe for threads."""

    def __init__(self, evm: EmbeddedEvm) -> None:
        self._evm = evm
        self._lock = Lock()
        self._methods: dict[str, Callable[[list[Any]], Any]] = {
            "web3_clientVersion": lambda _: "opforge-devchain",
            "net_version": lambda _: str(CHAIN_ID),
            "eth_chainId": lambda _: hex(CHAIN_ID),
            "eth_accounts": lambda _: list(ACCOUNTS),
            "eth_gasPrice": lambda _: hex(_GAS_PRICE),
            "eth_blockNumber": lambda _: hex(evm.head.block_number),
            "eth_getBlockByNumber": lambda params: self._describe_block(self._find_block(params[0])),
            "eth_getBlockByHash": lambda params: self._describe_block(
                evm.get_optional_header(_parse_bytes(params[0], 32))
            ),
            "eth_getBalance": lambda params: hex(evm.get_balance(*self._read_state_params(params))),
            "eth_getTransactionCount": lambda params: hex(evm.get_nonce(*self._read_state_params(params))),
            "eth_getCode": lambda params: "0x" + evm.get_code(*self._read_state_params(params)).hex(),
            "eth_call": self._call,
            "eth_sendTransaction": self._send,
            "evm_mine": self._mine,
        }

    def answer(self, document: object) -> object:
        """The response to a request, or the list of responses to a list of requests."""
        return [self._answer_one(request) for request in _get_batch(document)] or self._answer_one(document)

    def _answer_one(self, request: object) -> dict[str, Any]:
        call = cast("dict[str, object]", request) if isinstance(request, dict) else {}
        response = {"jsonrpc": "2.0", "id": call.get("id")}
        try:
            with self._lock:
                return response | {"result": self._run(call.get("method"), call.get("params", []))}
        except _RpcFault as fault:
            return response | {"error": fault.error}

    def _run(self, method: object, params: object) -> object:
        if not isinstance(method, str) or not isinstance(params, list):
            raise _RpcFault(_INVALID_REQUEST, "not a JSON-RPC request")
        if method not in self._methods:
            raise _RpcFault(_METHOD_NOT_FOUND, f"the method {method} is not supported")
        try:
            return self._methods[method](cast("list[object]", params))
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise _RpcFault(_INVALID_PARAMS, f"the parameters of {method} are not right") from error

    def _call(self, params: list[Any]) -> str:
        sender, to, data, value = _parse_transaction(params[0])
        header = self._get_state_block(params, 1)
        try:
            return "0x" + self._evm.call(sender, to, data, value, header).hex()
        except EvmCallError as error:
            if error.revert_data is None:
                raise _RpcFault(_SERVER_ERROR, str(error)) from None
            raise _RpcFault(_EXECUTION_REVERTED, str(error), "0x" + error.revert_data.hex()) from None

    def _send(self, params: list[Any]) -> str:
        transaction: dict[str, Any] = params[0]
        _, to, data, value = _parse_transaction(transaction)
        gas = int(transaction.get("gas", hex(BLOCK_GAS_LIMIT // 2)), 16)
        gas_price = int(transaction.get("gasPrice", hex(_GAS_PRICE)), 16)
        account = ACCOUNTS.index(transaction["from"].lower())
        try:
            return (
                "0x"
                + self._evm.send(account, to=to, data=data, value=value, gas=gas, gas_price=gas_price).hex()
            )
        except ValidationError as error:
            raise _RpcFault(_SERVER_ERROR, "the transaction is not valid") from error

    def _mine(self, _params: list[Any]) -> str:
        self._evm.mine()
        return "0x0"

    def _read_state_params(self, params: list[Any]) -> tuple[bytes, BlockHeaderAPI]:
        return _parse_bytes(params[0], 20), self._get_state_block(params, 1)

    def _get_state_block(self, params: list[Any], position: int) -> BlockHeaderAPI:
        header = self._find_block(params[position] if len(params) > position else "latest")
        if header is None:
            raise _RpcFault(_RESOURCE_NOT_FOUND, "there is no such block")
        return header

    def _find_block(self, block: Any) -> BlockHeaderAPI | None:
        """The block that a tag, a number, or an object of EIP-1898 names."""
        if isinstance(block, dict):
            named = cast("dict[str, str]", block)
            if "blockHash" in named:
                return self._evm.get_optional_header(_parse_bytes(named["blockHash"], 32))
            block = named["blockNumber"]
        head: int = self._evm.head.block_number
        tags = {
            "earliest": 0,
            "finalized": max(0, head - 2 * SLOTS_IN_EPOCH),
            "safe": max(0, head - SLOTS_IN_EPOCH),
            "latest": head,
            "pending": head,
        }
        return self._evm.get_optional_header(tags[block] if block in tags else int(block, 16))

    def _describe_block(self, header: BlockHeaderAPI | None) -> dict[str, Any] | None:
        if header is None:
            return None
        transactions = self._evm.get_block(header).transactions
        return {
            "number": hex(header.block_number),
            "hash": "0x" + header.hash.hex(),
            "parentHash": "0x" + header.parent_hash.hex(),
            "stateRoot": "0x" + header.state_root.hex(),
            "transactionsRoot": "0x" + header.transaction_root.hex(),
            "receiptsRoot": "0x" + header.receipt_root.hex(),
            "miner": "0x" + header.coinbase.hex(),
            "timestamp": hex(header.timestamp),
            "gasLimit": hex(header.gas_limit),
            "gasUsed": hex(header.gas_used),
            "baseFeePerGas": hex(header.base_fee_per_gas or 0),
            "transactions": ["0x" + transaction.hash.hex() for transaction in transactions],
        }


def _get_batch(document: object) -> list[object]:
    return cast("list[object]", document) if isinstance(document, list) else []


def _parse_transaction(transaction: dict[str, Any]) -> tuple[bytes, bytes, bytes, int]:
    """Sender (zero where none is named), recipient (empty where none is), data and value."""
    sender = _parse_bytes(transaction.get("from", "0x" + "00" * 20), 20)
    to = _parse_bytes(transaction["to"], 20) if transaction.get("to") else b""
    data = bytes.fromhex((transaction.get("input") or transaction.get("data") or "0x")[2:])
    return sender, to, data, int(transaction.get("value", "0x0"), 16)


def _parse_bytes(text: str, size: int) -> bytes:
    value = bytes.fromhex(text.removeprefix("0x"))
    if len(value) != size:
        raise ValueError(f"{size} bytes were expected")
    return value
