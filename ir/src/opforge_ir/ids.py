"""Identifiers as distinct types, with the patterns that the schema and the readers enforce.

Every identifier is ASCII (design 4.1): a segment is what authors may call things, and longer
identifiers are segments joined by dots.
"""

from __future__ import annotations

import re
from typing import Final, NewType

__all__ = [
    "ELSE",
    "EXCEPT",
    "FINALLY",
    "HEAD",
    "MARKS",
    "QUALIFIED_PATTERN",
    "SEGMENT_PATTERN",
    "ContractName",
    "FunctionName",
    "NodeId",
    "OpName",
    "RecordName",
    "RunId",
    "StateId",
    "WorkloadId",
    "is_qualified",
    "is_segment",
]

SEGMENT_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,62}$"
"""One name: letters, digits, underscore and hyphen, not starting with a digit or hyphen."""

QUALIFIED_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,62}(\.[A-Za-z_][A-Za-z0-9_-]{0,62}){0,15}$"
"""Up to sixteen segments joined by dots: a name that its module qualifies."""

WorkloadId = NewType("WorkloadId", str)
OpName = NewType("OpName", str)
FunctionName = NewType("FunctionName", str)
RecordName = NewType("RecordName", str)
ContractName = NewType("ContractName", str)
NodeId = NewType("NodeId", str)
"""The id of one node within its region; also the name of the value that the node defines."""
StateId = NewType("StateId", str)
"""`<workload>.<op or function>.<node path>`: an effect node's place in the program.

The path is the ids of the nodes around it and its own, with a mark before what stands in a further region of
a node, since its body may hold the same ids. No node may have a mark as its id: they are words of Python.
"""
ELSE: Final = "else"
"""The mark of the second region of an `if`, and of what follows the body of a `try`."""

HEAD: Final = "while"
"""The mark of what a `while` computes before its test."""

EXCEPT: Final = "except"
"""The mark of the handlers of a `try`; the id of the handler follows."""

FINALLY: Final = "finally"
"""The mark of what a `try` always does."""

MARKS: Final = frozenset({ELSE, HEAD, EXCEPT, FINALLY})
"""What no node, value or parameter is called, so that two nodes never have one path."""

RunId = NewType("RunId", str)

_SEGMENT = re.compile(SEGMENT_PATTERN)
_QUALIFIED = re.compile(QUALIFIED_PATTERN)


def is_segment(text: str) -> bool:
    """Whether `text` is one identifier segment."""
    return _SEGMENT.match(text) is not None and not text.endswith("\n")


def is_qualified(text: str) -> bool:
    """Whether `text` is segments joined by dots."""
    return _QUALIFIED.match(text) is not None and not text.endswith("\n")
