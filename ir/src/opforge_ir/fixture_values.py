"""What people may leave out of the values that fixtures give.

A block needs only its number, and a response only its text:

    {"verb": "chain.block", "value": {"number": 12}}
    {"verb": "http.get", "value": {"text": "{}"}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:  # what only names types here takes long to import
    from opforge_ir.canonical import JsonValue
    from opforge_ir.fixture_matching import AskedEffect

__all__ = ["FIRST_BLOCK_SECONDS", "SECONDS_PER_BLOCK", "complete_value"]

FIRST_BLOCK_SECONDS: Final = 1_700_000_000
"""The timestamp of block 0, where none is given."""
SECONDS_PER_BLOCK: Final = 12


def complete_value(asked: AskedEffect, value: JsonValue) -> JsonValue:
    """The answer to a request, with what was left out of it. What does not fit stays as it is."""
    if not isinstance(value, dict):
        return value
    if asked.verb == "chain.block":
        return {**_build_block(asked, value.get("number")), **value}
    if asked.verb.startswith("http."):
        return {"status": "200", "headers": [], **value, **_lower_headers(value)}
    return value


def _build_block(asked: AskedEffect, number: JsonValue) -> dict[str, JsonValue]:
    """A block whose hash is its number, at twelve seconds for each number."""
    try:
        height = int(cast("str", number))
        block_hash = height.to_bytes(32, "big")
    except (TypeError, ValueError, OverflowError):
        # What reads the value refuses the number then, and not what is missing beside it.
        height, block_hash = 0, bytes(32)
    return {
        "hash": "0x" + block_hash.hex(),
        "timestamp": str(FIRST_BLOCK_SECONDS + SECONDS_PER_BLOCK * height),
        "network": asked.arguments["network"],
    }


def _lower_headers(value: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Names of headers in lower case, as a program always gets them."""
    headers = value.get("headers")
    return (
        {"headers": {name.lower(): each for name, each in headers.items()}}
        if isinstance(headers, dict)
        else {}
    )
