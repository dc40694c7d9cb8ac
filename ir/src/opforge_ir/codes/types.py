"""Codes of the type system: E0337 and E0338 of a document, E1260 to E1279 of the author's source."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

# --- in a document --------------------------------------------------------------------------------

E_TYPE_DEFINED_TWICE: Final = Code(
    "E0337",
    "E_TYPE_DEFINED_TWICE",
    "document",
    "the name {name} stands for a record and for an enum",
    "give one of the two another name",
)
E_UNKNOWN_ENUM: Final = Code(
    "E0338", "E_UNKNOWN_ENUM", "document", "the document has no enum {name}", "define {name} under enums"
)

# --- in the source --------------------------------------------------------------------------------

E_ENUM_FORM: Final = Code(
    "E1260",
    "E_ENUM_FORM",
    "source",
    "an enum cannot have this: {reason}",
    'an enum is a class with the base StrEnum, IntEnum or Enum, and members such as `BUY = "buy"`',
)
E_MAYBE_OTHER: Final = Code(
    "E1261",
    "E_MAYBE_OTHER",
    "source",
    "this may be a {record}{reason}",
    "test it before: `if isinstance(x, {example}): ...`",
)
E_SET_ORDER: Final = Code(
    "E1263",
    "E_SET_ORDER",
    "source",
    "the order of a set is not defined: {what}",
    "use `sorted(...)`, which gives a list",
)
E_ISINSTANCE: Final = Code(
    "E1262", "E_ISINSTANCE", "source", "isinstance cannot tell anything here: {reason}", "{instead}"
)
