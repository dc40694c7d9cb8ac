"""Sized types of the contract ABI as refinements: a value that is known must fit where one is written.

In the program `uint8` is an int and `bytes32` is bytes. What is computed is checked where it meets the chain.
"""

from __future__ import annotations

import ast
import re
from typing import Final

from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.source import Located
from opforge._frontend.symbols import AliasDecl, Module, VocabularySymbol
from opforge._frontend.tree import Expr
from opforge._frontend.vocabulary import ABI_SCALARS
from opforge_ir.codes.types import E_OUT_OF_SIZE
from opforge_ir.diagnostics import Span
from opforge_ir.excerpt import excerpt
from opforge_ir.types import BYTES, INT

__all__ = ["check_size", "find_size"]

_PREFIX: Final = "opforge.abi."
_SIZED: Final = re.compile(r"(u?int|bytes)([0-9]+)\Z")


def find_size(module: Module, node: ast.expr | None) -> str | None:
    """The sized type that an annotation is, also by another name or within `Final[…]`; None for any other."""
    seen: set[AliasDecl] = set()
    while node is not None:
        if isinstance(node, ast.Subscript):
            if resolve_dotted(module, node.value) != VocabularySymbol("typing.Final"):
                return None
            node = node.slice
            continue
        symbol = resolve_dotted(module, node)
        if isinstance(symbol, AliasDecl) and symbol not in seen:
            seen.add(symbol)
            module, node = symbol.module, symbol.value
            continue
        name = symbol.full.removeprefix(_PREFIX) if isinstance(symbol, VocabularySymbol) else ""
        return name if name in ABI_SCALARS else None
    return None


def check_size(ctx: Context, node: Located | Span, value: Expr, abi: str | None) -> None:
    """Report a value that is known and does not fit the sized type."""
    literal = literal_of(value)
    sized = None if abi is None else _SIZED.match(abi)
    if literal is None or sized is None or abi is None:
        return
    base, size = sized[1], int(sized[2])
    if base == "bytes" and literal.type is BYTES:
        length = len(literal.value.removeprefix("0x")) // 2
        if length != size:
            shown = f"a value of {length} bytes"
            ctx.report(E_OUT_OF_SIZE, node, value=shown, type=abi, range=f"exactly {size} bytes")
    elif base != "bytes" and literal.type is INT:
        low, high = (0, 2**size - 1) if base == "uint" else (-(2 ** (size - 1)), 2 ** (size - 1) - 1)
        if not low <= int(literal.value) <= high:
            top = f"2**{size if base == 'uint' else size - 1} - 1"
            bottom = "0" if base == "uint" else f"-2**{size - 1}"
            shown = f"{bottom} to {top}" if size > 16 else f"{low} to {high}"
            ctx.report(E_OUT_OF_SIZE, node, value=excerpt(literal.value, 80), type=abi, range=shown)
