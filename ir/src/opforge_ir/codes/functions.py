"""Codes for functions and programs in the author's source, from E1060 on."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

E_CAPTURE: Final = Code(
    "E1060",
    "E_CAPTURE",
    "source",
    "{function} cannot take {name} from around it: {reason}",
    "take it as a parameter of {function}, and pass it",
)
E_FUNCTION_NAME: Final = Code(
    "E1061",
    "E_FUNCTION_NAME",
    "source",
    "the name {name} is given more than one value here, and a function is one of them",
    "give the function a name of its own",
)
E_ASSERTION: Final = Code(
    "E1062",
    "E_ASSERTION",
    "source",
    "this assertion on constants does not hold{message}",
    "correct the constants, or what the assertion says of them",
)
E_CACHE: Final = Code(
    "E1063",
    "E_CACHE",
    "source",
    "the results of {function} cannot be kept: {reason}",
    "delete the decorator, or keep the results in a dict of the function that calls it",
)
