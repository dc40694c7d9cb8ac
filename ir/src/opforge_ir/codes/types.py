"""Codes of the type system: E0251 and E0252 of stored values, E0337 and E0338 of a document, E1260 to E1279
of the author's source.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

# --- stored values ------------------------------------------------------------------------------

E_VALUE_FIELD_MISSING: Final = Code(
    "E0251",
    "E_VALUE_FIELD_MISSING",
    "document",
    "the field {field} of the {type} is missing",
    "give every field a value; the defaults of a record are the program's, not those of a stored value",
)
E_VALUE_FIELD_UNKNOWN: Final = Code(
    "E0252",
    "E_VALUE_FIELD_UNKNOWN",
    "document",
    "a {type} has no field {field}; it has {allowed}",
    "leave {field} out, or correct its spelling",
)

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
E_OUT_OF_SIZE: Final = Code(
    "E1264",
    "E_OUT_OF_SIZE",
    "source",
    "{value} does not fit {type}, which holds {range}",
    "use a value that fits, or a larger type",
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
