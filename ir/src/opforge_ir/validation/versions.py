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

_MEMBERS: Final = (("enums",), ("ops", None, "triggers"), ("ops", None, "policy", "concurrency"))
"""Where the members of 0.2 stand; None is for any key."""
_NODES: Final = frozenset({"break", "continue", "invoke", "keep", "rethrow", "try", "while"})
_EXPRESSIONS: Final = frozenset({"enum", "isinstance", "narrow", "set", "widen"})
_TYPE: Final = re.compile(r"(?:^|[\[,])(?:set|Union)\[")

_Path: TypeAlias = "tuple[_Path, str | int] | None"
"""The keys that lead to a place, the last one first."""


def find_later_word(document: JsonObject) -> Diagnostic | None:
    """A member, kind or type of version 0.2 in a document that says that it is of an earlier one.

    Documents of this version are not looked into. Does not recurse, whatever the document.
    """
    if document["ir_version"] == IR_VERSION:
        return None
    waiting: list[tuple[Any, _Path]] = [(document, None)]
    for value, path in waiting:
        entries: Any = cast("JsonObject", value).items() if isinstance(value, dict) else enumerate(value)
        for key, part in entries:
            if isinstance(part, str):
                if _is_later(key, part):
                    return _refuse((path, key), part)
            elif isinstance(part, dict | list):
                waiting.append((cast("Any", part), (path, key)))
    return _find_later_member(document)


def _is_later(key: str | int, text: str) -> bool:
    if key == "kind":
        return text in _NODES or text in _EXPRESSIONS
    return key in ("type", "result") and _TYPE.search(text) is not None


def _find_later_member(document: JsonObject) -> Diagnostic | None:
    for names in _MEMBERS:
        waiting: list[tuple[Any, _Path]] = [(document, None)]
        for name in names:
            waiting = [
                (part, (path, key))
                for value, path in waiting
                if isinstance(value, dict)
                for key, part in cast("JsonObject", value).items()
                if name in (None, key)
            ]
        for _, path in waiting:
            return _refuse(path, str(names[-1]))
    return None


def _refuse(path: _Path, found: str) -> Diagnostic:
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.insert(0, key)
    return E_LATER_WORD.at(build_pointer(keys), found=excerpt(found), version=IR_VERSION)
