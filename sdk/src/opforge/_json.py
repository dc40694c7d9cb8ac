"""JSON from outside as a value of the type that the program's source says, for programs run as plain Python.

The rules of reading are `opforge_ir.json_decoding`'s, which the interpreter follows too.
"""

from __future__ import annotations

from types import FrameType

from opforge._classes import Classes
from opforge._errors import DecodeError
from opforge._expected_type import find_expected_type
from opforge_ir.codes.execution import E_DECODE_FAILED
from opforge_ir.json_decoding import JsonMismatchError, decode_json

__all__ = ["decode_for"]


def decode_for(caller: FrameType, text: str) -> object:
    """The value that `text` says, of the type that the statement in `caller` gives to this call.

    Raises DecodeError when the text does not fit, with a note that says where, and TypeError when no type can
    be found.
    """
    hint = find_expected_type(caller)
    classes = Classes()
    kind = classes.read(hint)
    try:
        value = decode_json(kind, text, classes)
    except JsonMismatchError as error:
        failure = DecodeError(E_DECODE_FAILED.name)
        failure.add_note(f'the text is not JSON of the type {kind}: {error.problem} at "{error.pointer}"')
        raise failure from None
    return classes.build(kind, value)
