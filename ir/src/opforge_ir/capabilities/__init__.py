"""The capabilities: everything a program may ask of the outside, each verb defined once."""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities.ambient import LOG, RANDOM, TIME
from opforge_ir.capabilities.chain import CHAIN
from opforge_ir.capabilities.definition import (
    MAX_WAIT_SECONDS,
    Capability,
    EffectClass,
    Field,
    GrantRule,
    Parameter,
    RecordShape,
    Signature,
    Static,
    StaticKind,
    Verb,
)
from opforge_ir.capabilities.http import HTTP, KEY_HEADER
from opforge_ir.capabilities.runs import EVENT, RUN, SIGNAL

__all__ = [
    "CAPABILITIES",
    "CAPABILITY_RECORDS",
    "KEY_HEADER",
    "MAX_WAIT_SECONDS",
    "VERBS",
    "Capability",
    "EffectClass",
    "Field",
    "GrantRule",
    "Parameter",
    "RecordShape",
    "Signature",
    "Static",
    "StaticKind",
    "Verb",
]

CAPABILITIES: Final[dict[str, Capability]] = {
    c.name: c for c in (CHAIN, EVENT, HTTP, LOG, RANDOM, RUN, SIGNAL, TIME)
}
"""Every capability by name."""

VERBS: Final[dict[str, Verb]] = {verb.name: verb for c in CAPABILITIES.values() for verb in c.verbs}
"""Every verb by its full name."""

CAPABILITY_RECORDS: Final[dict[str, RecordShape]] = {
    r.name: r for c in CAPABILITIES.values() for r in c.records
}
"""The record types of the capabilities, by name."""
