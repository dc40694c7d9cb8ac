"""A blocking JSON-RPC client for a chain on this machine, for setting it up and moving it forward."""

from __future__ import annotations

import time
from http.client import HTTPConnection, HTTPException
from typing import Any

import orjson

__all__ = ["LocalRpcError", "call_local_rpc", "send_and_wait"]

_TIMEOUT_SECONDS = 30
_MINING_TIMEOUT_SECONDS = 30
_POLL_SECONDS = 0.002


class LocalRpcError(Exception):
    """The chain does not answer, or refused a call."""


def call_local_rpc(port: int, *calls: tuple[str, list[Any]]) -> list[Any]:
    """The results of the calls, made in one batch to 127.0.0.1:`port`, in their order.

    Raises LocalRpcError when one of them has none.
    """
    request = [
        {"jsonrpc": "2.0", "id": position, "method": method, "params": params}
        for position, (method, params) in enumerate(calls)
    ]
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("POST", "/", orjson.dumps(request), {"Content-Type": "application/json"})
        answers = orjson.loads(connection.getresponse().read())
        by_id = {answer["id"]: answer["result"] for answer in answers}
        return [by_id[position] for position in range(len(calls))]
    except (OSError, HTTPException, ValueError, KeyError, TypeError) as error:
        raise LocalRpcError(f"{', '.join(sorted({method for method, _ in calls}))} failed") from error
    finally:
        connection.close()


def send_and_wait(port: int, transaction: dict[str, str]) -> str:
    """Send a transaction of an account that the chain signs for, and return its hash once it is in a block.

    Raises LocalRpcError when it is refused, or in no block after `_MINING_TIMEOUT_SECONDS`.
    """
    sender = transaction["from"]

    def count_sent() -> int:
        return int(call_local_rpc(port, ("eth_getTransactionCount", [sender, "latest"]))[0], 16)

    sent_before = count_sent()
    (transaction_hash,) = call_local_rpc(port, ("eth_sendTransaction", [transaction]))
    # Anvil answers first and mines then.
    deadline = time.monotonic() + _MINING_TIMEOUT_SECONDS
    while count_sent() == sent_before:
        if time.monotonic() > deadline:
            raise LocalRpcError("eth_sendTransaction: the transaction was not mined")
        time.sleep(_POLL_SECONDS)
    return str(transaction_hash)
