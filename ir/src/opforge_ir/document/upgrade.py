"""Documents of earlier minor versions, read as documents of this one.

A document keeps its bytes and its digest for ever; what is read of it is brought up to date in memory: the
version that it states, and the members that it has no word for, each at the value that changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, cast

__all__ = ["IR_VERSION", "upgrade_document"]

IR_VERSION: Final = "0.3"

_EARLIER: Final = ("0.1", "0.2")
_BACKOFF: Final = {"kind": "exponential", "first_ms": 500, "cap_ms": 30_000, "jitter": "none"}
"""What an engine that had no word for it did between two attempts."""


def upgrade_document(document: object) -> object:
    """The same program as a document of IR_VERSION, when it is one of an earlier minor version.

    Takes any JSON value and does not change it; what is no such document is returned as it is.
    """
    if not isinstance(document, dict):
        return document
    members = cast("dict[str, Any]", document)
    if members.get("ir_version") not in _EARLIER:
        return members
    upgraded: dict[str, Any] = {"enums": {}, **members, "ir_version": IR_VERSION}
    if isinstance(members.get("ops"), dict):
        upgraded["ops"] = {name: _upgrade_op(op) for name, op in members["ops"].items()}
    if "functions" in members:
        upgraded["functions"] = _upgrade_effects(members["functions"])
    return upgraded


def _upgrade_op(op: Any) -> Any:
    if not isinstance(op, dict):
        return cast("object", op)
    members = cast("dict[str, Any]", op)
    upgraded: dict[str, Any] = {"triggers": [], "compensation": [], **members}
    if isinstance(members.get("policy"), dict):
        upgraded["policy"] = {
            "concurrency": 0,
            "attempt_timeout_ms": 0,
            "backoff": dict(_BACKOFF),
            **members["policy"],
        }
    if "body" in members:
        upgraded["body"] = _upgrade_effects(members["body"])
    return upgraded


def _upgrade_effects(part: Any) -> Any:
    """A copy of nodes and what stands in them, in which a POST request has the key that it could not give."""
    if isinstance(part, list):
        return [_upgrade_effects(each) for each in cast("Iterable[Any]", part)]
    if not isinstance(part, dict):
        return part
    copied = {name: _upgrade_effects(each) for name, each in cast("dict[str, Any]", part).items()}
    if (
        copied.get("kind") == "effect"
        and copied.get("verb") == "http.post"
        and isinstance(copied.get("args"), dict)
    ):
        absent = {"kind": "lit", "type": "Optional[str]", "value": "None"}
        copied["args"] = {"idempotency_key": absent, **copied["args"]}
    return copied
