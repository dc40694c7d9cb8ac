"""Documents of earlier minor versions, read as documents of this one.

A document keeps its bytes and its digest for ever; what is read of it is brought up to date in memory: the
version that it states, and the members that it has no word for, each at the value that changes nothing.
"""

from __future__ import annotations

from typing import Any, Final, cast

__all__ = ["IR_VERSION", "upgrade_document"]

IR_VERSION: Final = "0.2"

_WITHOUT_CONTROL_NODES: Final = "0.1"


def upgrade_document(document: object) -> object:
    """The same program as a document of IR_VERSION, when it is one of an earlier minor version.

    Takes any JSON value and does not change it; what is no such document is returned as it is.
    """
    if not isinstance(document, dict):
        return document
    members = cast("dict[str, Any]", document)
    if members.get("ir_version") != _WITHOUT_CONTROL_NODES:
        return members
    upgraded: dict[str, Any] = {"enums": {}, **members, "ir_version": IR_VERSION}
    if isinstance(members.get("ops"), dict):
        upgraded["ops"] = {name: _upgrade_op(op) for name, op in members["ops"].items()}
    return upgraded


def _upgrade_op(op: Any) -> Any:
    if not isinstance(op, dict):
        return cast("object", op)
    members = cast("dict[str, Any]", op)
    upgraded: dict[str, Any] = {"triggers": [], **members}
    if isinstance(members.get("policy"), dict):
        upgraded["policy"] = {"concurrency": 0, **members["policy"]}
    return upgraded
