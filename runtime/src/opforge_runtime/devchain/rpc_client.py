"""A blocking JSON-RPC client for a chain on this machine, for setting it up and moving it forward."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException
from typing import Any

import orjson

__all__ = ["LocalRpcError", "call_local_rpc"]

_TIMEOUT_SECONDS = 30


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
