"""Constants: checked like any expression, then computed, so that the IR holds their values."""

from __future__ import annotations

import ast
from decimal import Decimal
from typing import Any
from unicodedata import is_normalized

from opforge._frontend.coercion import fit, has_unknown
from opforge._frontend.constant_computation import Computation, ProgramRaisedError, RefusedError
from opforge._frontend.constant_operators import MAX_ITEMS, ConstantTooLargeError, NotConstantError
from opforge._frontend.constant_values import write_value
from opforge._frontend.context import Context
from opforge._frontend.symbols import split_contract
from opforge._frontend.tree import Expr
from opforge_ir.codes.source import E_CONSTANT_EXPRESSION, E_CONSTANT_FAILS, E_CONSTANT_TOO_LARGE
from opforge_ir.excerpt import excerpt
from opforge_ir.types import Type
from opforge_ir.values import RecordInstance

__all__ = ["compute_constant", "compute_value", "write_constant"]


def compute_constant(ctx: Context, node: ast.expr, expected: Type | None) -> Expr | None:
    """The value of a constant expression as a tree of literals; None where it was refused.

    `ctx` is the top of a file. `expected` is the type that the value must have, when there is one.
    """
    value = compute_value(ctx, node, expected)
    if value is None:
        return None
    return write_constant(ctx, node, *value)


def write_constant(ctx: Context, node: ast.expr, kind: Type, value: Any) -> Expr | None:
    """A computed value as a tree of literals; None, with a problem at the node, where it has none."""
    try:
        return write_value(ctx.program, kind, _check_value(value), ctx.span(node))
    except NotConstantError as error:
        ctx.report(E_CONSTANT_EXPRESSION, node, reason=str(error))
    except ConstantTooLargeError as error:
        ctx.report(E_CONSTANT_TOO_LARGE, node, limit=str(error))
    return None


def compute_value(ctx: Context, node: ast.expr, expected: Type | None) -> tuple[Type, Any] | None:
    """The type and the value of a constant expression; None where it was refused."""
    mark = ctx.module.problems.mark()
    checked = ctx.check(node, expected)
    if expected is not None:
        checked = fit(ctx, node, checked, expected)
    if has_unknown(checked.type) or ctx.module.problems.mark() != mark:
        return None
    if split_contract(checked.type) is not None:
        ctx.report(
            E_CONSTANT_EXPRESSION,
            node,
            reason="it is a contract; keep the address, and make the contract where it is read",
        )
        return None
    try:
        return checked.type, Computation(ctx).compute(checked)
    except RefusedError:
        return None
    except NotConstantError as error:
        ctx.report(E_CONSTANT_EXPRESSION, node, reason=str(error))
    except ConstantTooLargeError as error:
        ctx.report(E_CONSTANT_TOO_LARGE, node, limit=str(error))
    except ProgramRaisedError as error:
        ctx.report(E_CONSTANT_FAILS, node, error=excerpt(str(error), 120))
    except (ArithmeticError, ValueError, LookupError, TypeError) as error:
        name = type(error).__name__
        message = str(error) if not isinstance(error, ArithmeticError) or "[" not in str(error) else ""
        ctx.report(E_CONSTANT_FAILS, node, error=f"{name}: {excerpt(message, 100)}" if message else name)
    return None


def _check_value(value: Any) -> Any:
    """The value itself. Raises NotConstantError where a part has no literal, ConstantTooLargeError."""
    pending = [value]
    count = 0
    while pending:
        part: Any = pending.pop()
        count += 1
        if count > MAX_ITEMS:
            raise ConstantTooLargeError(f"{MAX_ITEMS} parts")
        match part:
            case Decimal() if part.is_nan():
                raise NotConstantError("it is not a number")
            case str() if not is_normalized("NFC", part):
                raise NotConstantError("its text is not in Unicode normalization form C")
            case list() | tuple() | set():
                pending.extend(part)  # pyright: ignore[reportUnknownArgumentType]
            case dict():
                pending.extend(part)  # pyright: ignore[reportUnknownArgumentType]
                pending.extend(part.values())  # pyright: ignore[reportUnknownArgumentType]
            case RecordInstance():
                pending.extend(part.values)
            case _:
                pass
    return value
