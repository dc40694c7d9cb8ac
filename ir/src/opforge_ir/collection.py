"""A pause of Python's cyclic garbage collector while a large tree is built and looked at.

A parsed document is a tree of many small containers and no cycle, and so is most of a compiled program.
The collector is started by their number, goes over all of them again and again, and finds nothing: a third of
the time of a validation, and half of that of compiling a large program.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["collection_paused"]


@contextmanager
def collection_paused() -> Generator[None]:
    """Collect no cycles until the block ends, in the whole process; memory is still freed by reference count.

    For blocks whose input is bounded and that make few cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
