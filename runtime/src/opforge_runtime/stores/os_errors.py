"""The operating system's errors as codes; its messages are not repeated."""

from __future__ import annotations

import errno
from typing import Final

from opforge_ir.codes.store import E_STORE_CANNOT_OPEN, E_STORE_FULL, E_STORE_IO, E_STORE_READ_ONLY
from opforge_ir.diagnostics import DiagnosticError

__all__ = ["translate_os_error"]

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED: Final = frozenset({errno.EACCES, errno.EPERM})


def translate_os_error(store: str, error: OSError, *, is_write: bool) -> DiagnosticError:
    """A code of the store that is called `store`: full, read-only, not to be opened, or anything else."""
    if error.errno in _FULL:
        return E_STORE_FULL.error(store=store)
    if error.errno == errno.EROFS or (is_write and error.errno in _REFUSED):
        return E_STORE_READ_ONLY.error(store=store)
    if error.errno in _REFUSED:
        return E_STORE_CANNOT_OPEN.error(store=store)
    problem = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return E_STORE_IO.error(store=store, problem=problem)
