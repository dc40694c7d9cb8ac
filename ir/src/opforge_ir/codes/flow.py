"""Codes for the control nodes of a document: E0314 to E0319, E0345 to E0349, and E0204 for their version."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

# --- the version ----------------------------------------------------------------------------------

E_LATER_WORD: Final = Code(
    "E0204",
    "E_LATER_WORD",
    "document",
    "{found} came with version {version} of the IR, and the document says that it is of an earlier one",
    "write {version} as the ir_version, or leave {found} out",
)

# --- leaving loops and catching errors ------------------------------------------------------------

E_LOOP_EXIT_OUTSIDE: Final = Code(
    "E0314",
    "E_LOOP_EXIT_OUTSIDE",
    "document",
    "a {kind} stands outside the body of a loop",
    "use {kind} only in a for or while; the body of a map within it is not part of its body",
)
E_UNKNOWN_CELL: Final = Code(
    "E0315",
    "E_UNKNOWN_CELL",
    "document",
    "no try around this keep has a kept value {name}",
    "name a kept value of a try that this keep stands in",
)
E_KEEP_INSIDE_MAP: Final = Code(
    "E0316",
    "E_KEEP_INSIDE_MAP",
    "document",
    "a keep in the body of a map sets {name}, which belongs to a try around the map",
    "let the map yield the value and keep it after the map, since its iterations may go side by side",
)
E_RETHROW_OUTSIDE_HANDLER: Final = Code(
    "E0317",
    "E_RETHROW_OUTSIDE_HANDLER",
    "document",
    "{name} is not the error of a handler around this rethrow",
    "rethrow the id of a handler that this node stands in",
)
E_TRY_WITHOUT_HANDLER: Final = Code(
    "E0318",
    "E_TRY_WITHOUT_HANDLER",
    "document",
    "this try has neither a handler nor an always",
    "add one, or put the nodes of its body in its place",
)
E_RESERVED_ID: Final = Code(
    "E0319",
    "E_RESERVED_ID",
    "document",
    "{id} is no id: it marks the further regions of a node in the ids of states",
    "choose another id; else, except, finally and while are reserved",
)

# --- ops that call ops ----------------------------------------------------------------------------

E_UNKNOWN_OP: Final = Code(
    "E0345",
    "E_UNKNOWN_OP",
    "document",
    "the document has no op {name}",
    "define {name} under ops, or invoke another one",
)
E_RECURSIVE_OP: Final = Code(
    "E0346",
    "E_RECURSIVE_OP",
    "document",
    "the op {op} invokes itself: {path}",
    "use a loop; who calls whom must be known before the program runs",
)
