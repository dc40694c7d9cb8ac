"""Grants: everything a program may ask of the outside, found in the program itself.

The front end fills a document's `grants` with what `infer_grants` finds; the validator checks that they are
exactly that. So grants are minimal, and a reviewer may read them instead of the program.
"""

from __future__ import annotations

from opforge_ir.grants.inference import Inference, infer_grants

__all__ = ["Inference", "infer_grants"]
