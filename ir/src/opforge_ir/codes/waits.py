"""Codes of waits, child runs, events, compensation and state ids.

E0376 to E0389 are of a document, E1064 to E1079 of the author's source.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

__all__ = [
    "E_CHILD_OF_NO_OP",
    "E_COMPENSATION_PARAMETERS",
    "E_KEY_HEADER",
    "E_OWNER_NAMES",
    "E_STATIC_NAME",
]

# --- in a document --------------------------------------------------------------------------------

E_STATIC_NAME: Final = Code(
    "E0376",
    "E_STATIC_NAME",
    "document",
    "{found} is no {argument} that {verb} may have",
    "write letters, digits, - and _, and begin with a letter or _",
)
E_COMPENSATION_PARAMETERS: Final = Code(
    "E0377",
    "E_COMPENSATION_PARAMETERS",
    "document",
    "{op} takes {found} and is to undo {undone}, which takes {expected}",
    "give both ops parameters of the same types in the same order: the one gets the arguments of the other",
)

E_OWNER_NAMES: Final = Code(
    "E0378",
    "E_OWNER_NAMES",
    "document",
    "the function {function} could have states of the same id as the function {other}",
    "rename one of the two, so that neither name continues the other one with a dot",
)

# --- in the author's source -----------------------------------------------------------------------

E_CHILD_OF_NO_OP: Final = Code(
    "E1064",
    "E_CHILD_OF_NO_OP",
    "source",
    "`run.child` runs an op, and this is none",
    "name an op of the program and give its arguments after it: `run.child(settle, order)`",
)
E_KEY_HEADER: Final = Code(
    "E1065",
    "E_KEY_HEADER",
    "source",
    "the header {name} is written by hand, so that a run does not know that the request has a key",
    "leave the header out, and pass `idempotency_key=`",
)
