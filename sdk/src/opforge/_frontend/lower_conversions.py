"""Values of enums and of Unions as values of other types."""

from __future__ import annotations

from opforge import _ir
from opforge._frontend.lowering_context import Lowering
from opforge._frontend.tree import EnumPart, IsInstance, Narrow, Widen

__all__ = ["build_conversion"]


def build_conversion(
    work: Lowering, source: EnumPart | Widen | IsInstance | Narrow, value: _ir.Expression
) -> _ir.Expression:
    """The expression of the IR that makes of a value what `source` says."""
    match source:
        case EnumPart():
            return _ir.EnumOf(kind="enum", enum=work.type(source.enum), part=source.part, of=value)
        case Widen():
            return _ir.Widen(kind="widen", type=work.type(source.type), value=value)
        case IsInstance():
            return _ir.IsInstance(kind="isinstance", type=work.type(source.record), value=value)
        case Narrow():
            return _ir.Narrow(kind="narrow", type=work.type(source.type), value=value)
