"""Record types that programs may use without defining them; authors' records may not take these names."""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities import CAPABILITY_RECORDS
from opforge_ir.capabilities.definition import RecordShape
from opforge_ir.errors import CAUGHT

__all__ = ["BUILTIN_RECORDS"]

BUILTIN_RECORDS: Final[dict[str, RecordShape]] = {**CAPABILITY_RECORDS, CAUGHT.name: CAUGHT}
"""By name: those of the capabilities, and the caught error. A program receives them and makes none."""
