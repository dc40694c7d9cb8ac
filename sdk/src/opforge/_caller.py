"""Who calls a function of the vocabulary: two of them mean something to the file that they stand in."""

from __future__ import annotations

import inspect
from types import FrameType

__all__ = ["get_caller"]


def get_caller() -> FrameType:
    """The frame of the code that called the function that calls this."""
    here = inspect.currentframe()
    function = here.f_back if here else None
    caller = function.f_back if function else None
    assert caller is not None, "CPython keeps the frames of all callers"
    return caller
