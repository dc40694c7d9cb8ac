"""What a document of an earlier minor version may not have: the words that came with a later one."""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias, cast

from opforge_ir.canonical import build_pointer
from opforge_ir.codes.flow import E_LATER_WORD
from opforge_ir.diagnostics import Diagnostic
from opforge_ir.document import IR_VERSION
from opforge_ir.excerpt import excerpt
from opforge_ir.problems import JsonObject

__all__ = ["find_later_word"]

_MEMBERS: Final = (
    ("0.2", ("enums",)),
    ("0.2", ("ops", None, "triggers")),
    ("0.2", ("ops", None, "policy", "concurrency")),
    ("0.3", ("ops", None, "compensation")),
    ("0.3", ("ops", None, "policy", "backoff")),
    ("0.3", ("ops", None, "policy", "attempt_timeout_ms")),
)
"""Where the members stand that came later, and with which version; None is for any key."""
_KINDS: Final = frozenset(
    {"break", "continue", "invoke", "keep", "rethrow", "try", "while"}
    | {"enum", "isinstance", "narrow", "set", "widen"}
)
"""The kinds of nodes and expressions that came with 0.2."""
_TYPE: Final = re.compile(r"(?:^|[\[,])(?:set|Union)\[")
"""The types that came with 0.2."""
_VERBS: Final = frozenset({"event.emit", "run.child", "signal.wait", "time.sleep", "time.until"})
_ARGUMENTS: Final = frozenset({"idempotency_key"})
"""The verbs and the arguments of verbs that came with 0.3."""

_Path: TypeAlias = "tuple[_Path, str | int] | None"
"""The keys that lead to a place, the last one first."""


def find_later_word(document: JsonObject) -> Diagnostic | None:
    """A member, kind, type or verb of a later version in a document that says that it is of an earlier one.

    Documents of this version are not looked into. Does not recurse, whatever the document.
    """
    stated = document["ir_version"]
    if stated == IR_VERSION:
        return None
    waiting: list[tuple[Any, _Path]] = [(document, None)]
    for value, path in waiting:
        entries: Any = cast("JsonObject", value).items() if isinstance(value, dict) else enumerate(value)
        for key, part in entries:
            since = _find_version(path, key, part)
            if since > stated:
                return _refuse((path, key), part if isinstance(part, str) else str(key), since)
            if isinstance(part, dict | list):
                waiting.append((cast("Any", part), (path, key)))
    return _find_later_member(document, stated)


def _find_version(path: _Path, key: str | int, part: Any) -> str:
    """With which version a word came; versions are compared as texts, which they are few enough for."""
    if isinstance(part, str):
        if key == "kind":
            return "0.2" if part in _KINDS else ""
        if key in ("type", "result"):
            return "0.2" if _TYPE.search(part) is not None else ""
        return "0.3" if key == "verb" and part in _VERBS else ""
    return "0.3" if key in _ARGUMENTS and path is not None and path[1] == "args" else ""


def _find_later_member(document: JsonObject, stated: str) -> Diagnostic | None:
    for since, names in _MEMBERS:
        waiting: list[tuple[Any, _Path]] = [(document, None)] if since > stated else []
        for name in names:
            waiting = [
                (part, (path, key))
                for value, path in waiting
                if isinstance(value, dict)
                for key, part in cast("JsonObject", value).items()
                if name in (None, key)
            ]
        for _, path in waiting:
            return _refuse(path, str(names[-1]), since)
    return None


def _refuse(path: _Path, found: str, since: str) -> Diagnostic:
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.insert(0, key)
    return E_LATER_WORD.at(build_pointer(keys), found=excerpt(found), version=since)
