"""What an operator is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Operator"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One pure operator.

    In a pattern the names `A`, `B`, `C`, `K` and `V` stand for any type and `O` for any type whose values are
    ordered, the same one wherever they occur. `Each` stands for one type in each argument that is repeated; a
    tuple of it in the result has them all.
    """

    name: str
    params: tuple[str, ...]
    """Type patterns of the arguments."""
    result: str
    """Type pattern of the result."""
    doc: str
    compute: Callable[..., Any]
    """The operation on values as `opforge_ir.values` holds them, in the decimal context that is current.

    It raises the exceptions of `raises` as CPython's own operation does, and OperationRefusedError.
    """
    raises: tuple[str, ...] = ()
    """Names of the Python exceptions that the operation may raise."""
    is_variadic: bool = False
    """Whether the last parameter may occur any number of times, at least once."""
    is_mutating: bool = False
    """Whether it changes its first argument; then it stands in a `do` node, never in an expression."""
    gives: Literal["new", "part", "same"] = "new"
    """Of a result that is or holds lists and dicts: whether it is made here, is something that the first
    argument holds (or is a later argument), or is one of the arguments itself."""
    is_spreading: bool = False
    """Whether a mutating operator puts what its later arguments hold into the first one, not themselves."""
