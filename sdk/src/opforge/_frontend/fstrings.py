"""F-strings and format specifications."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from typing import Final

from opforge._frontend.coercion import apply, as_plain, fold, has_unknown, show
from opforge._frontend.constant_values import literal_of
from opforge._frontend.context import Context
from opforge._frontend.source import Located
from opforge._frontend.symbols import CAUGHT
from opforge._frontend.tree import Conditional, EnumPart, Expr, FieldOf, Literal, Local, Temporary, With
from opforge._frontend.vocabulary import SPEAKING_ERRORS
from opforge._ir import OperatorName
from opforge_ir.codes.source import E_FORMAT, E_MAYBE_NONE
from opforge_ir.types import ADDRESS, BOOL, DECIMAL, INT, NONE, STR, Type

__all__ = ["check_fstring", "format_value", "to_text"]

_TEXT: Final[dict[Type, OperatorName]] = {
    INT: "int.str",
    BOOL: "bool.str",
    DECIMAL: "decimal.str",
    ADDRESS: "address.str",
}
_FORMATTED: Final[dict[Type, OperatorName]] = {
    INT: "int.format",
    DECIMAL: "decimal.format",
    STR: "str.format",
}
_SPEC: Final = re.compile(
    r"(?:.?[<>=^])?[-+ ]?z?#?0?(?P<width>\d*)(?P<group>[_,]?)(?:\.(?P<precision>\d+))?(?P<kind>[a-zA-Z%]?)",
    re.DOTALL,
)
_KINDS: Final = {INT: "bcdoxX", DECIMAL: "eEfFgG%", STR: "s"}
"""The presentation types that are exact and do not depend on a locale (`n` does)."""
_MAX_WIDTH: Final = 4
_SAMPLES: Final[dict[Type, object]] = {INT: 1, DECIMAL: Decimal(1), STR: ""}


def to_text(ctx: Context, node: Located, value: Expr) -> Expr:
    """`str(value)`."""
    value = as_plain(value)
    if value.type is STR or has_unknown(value.type):
        return fold(ctx, value)
    if value.type in _TEXT:
        return apply(_TEXT[value.type], STR, value)
    if (enum := ctx.program.enum_of(value.type)) is not None:
        name = fold(ctx, EnumPart(STR, value.span, value.type, "name", value))
        return apply("str.concat", STR, Literal(STR, value.span, f"{enum.name}."), name)
    if value.type is CAUGHT:
        return _caught_text(ctx, node, value)
    if value.type.is_optional:
        return _optional_text(ctx, node, value)
    if value.type is NONE:
        return Literal(STR, value.span, "None")
    reason = f"{show(value.type)} has no text of its own"
    return ctx.refuse(E_FORMAT, node, reason=reason, instead="format its parts")


def _optional_text(ctx: Context, node: Located, value: Expr) -> Expr:
    """`str(value)` of what may be None, whose text is `None`."""
    once = With(STR, value.span, value)
    known = apply("optional.value", value.type.args[0], Temporary(value.type, value.span, once))
    text = to_text(ctx, node, known)
    is_none = apply("optional.is_none", BOOL, Temporary(value.type, value.span, once))
    once.body = Conditional(STR, value.span, is_none, Literal(STR, value.span, "None"), text)
    return text if has_unknown(text.type) else once


def _caught_text(ctx: Context, node: Located, value: Expr) -> Expr:
    """`str(error)` of a caught error, where its text is not one that CPython's versions word differently."""
    errors = ctx.caught.get(value.name, ()) if isinstance(value, Local) else ()
    if errors and SPEAKING_ERRORS.issuperset(errors):
        return FieldOf(STR, ctx.span(node), value, "message")
    reason = "the text of Python's own exceptions differs between its versions"
    if not errors:
        reason = "an error has a text under the name that its handler gave it only"
    return ctx.refuse(E_FORMAT, node, reason=reason, instead="say in your own words what went wrong")


def check_fstring(ctx: Context, node: ast.JoinedStr, _expected: Type | None) -> Expr:
    """The parts of an f-string, joined."""
    parts: list[Expr] = []
    for part in _filled(node):
        if isinstance(part, ast.Constant):
            # Python 3.11 knows no place for the text between fields; every version gets the whole f-string.
            parts.append(ctx.check(ast.copy_location(ast.Constant(part.value), node)))
        elif isinstance(part, ast.FormattedValue):
            parts.append(_formatted(ctx, part))
    if any(has_unknown(part.type) for part in parts):
        return ctx.unknown(node)
    if not parts:
        return Literal(STR, ctx.span(node), "")
    if len(parts) == 1:
        return parts[0]
    joined = apply("str.concat", STR, *parts)
    joined.span = ctx.span(node)
    return joined


def _filled(node: ast.JoinedStr) -> list[ast.expr]:
    """The parts that hold something: Python 3.12.1 puts an empty text after a field in a specification."""
    return [part for part in node.values if not (isinstance(part, ast.Constant) and part.value == "")]


def _formatted(ctx: Context, node: ast.FormattedValue) -> Expr:
    value = ctx.check(node.value)
    if has_unknown(value.type):
        return value
    # A number is written alike by str and by repr; `{n=}` asks for the latter.
    is_written_alike = value.type in (INT, BOOL) and node.conversion == ord("r")
    if node.conversion not in (-1, ord("s")) and not is_written_alike:
        reason = f"!{chr(node.conversion)}, or = without a format, shows how Python writes a value"
        return ctx.refuse(E_FORMAT, node.value, reason=reason, instead="leave it out")
    if node.conversion != -1:
        value = to_text(ctx, node.value, value)
    if not isinstance(node.format_spec, ast.JoinedStr):
        return to_text(ctx, node.value, value)
    spec, sample = _spec(ctx, node.value, node.format_spec)
    return format_value(ctx, node.value, value, spec, sample)


def format_value(ctx: Context, node: ast.expr, value: Expr, spec: Expr, sample: str) -> Expr:
    """`format(value, spec)`; `sample` is the specification with 1 in the place of each number in it."""
    if has_unknown(spec.type) or has_unknown(value.type):
        return ctx.unknown(node)
    if not sample:
        return to_text(ctx, node, value)
    if ctx.program.enum_of(value.type) is not None:
        value = as_plain(value)
        value = value if value.type in _FORMATTED else to_text(ctx, node, value)
    subject = _subject(value)
    if subject is None and value.type.is_optional:
        return ctx.refuse(E_MAYBE_NONE, node)
    if subject is None:
        return to_text(ctx, node, value)
    problem = _spec_problem(sample, subject.type)
    if problem:
        instead = "write a width, a precision and one of " + " ".join(_KINDS[subject.type])
        return ctx.refuse(E_FORMAT, node, reason=problem, instead=instead)
    return apply(_FORMATTED[subject.type], STR, subject, spec)


def _subject(value: Expr) -> Expr | None:
    """What `format(value, spec)` formats, for a spec that is not empty."""
    if value.type is BOOL:
        return apply("bool.int", INT, value)
    if value.type is ADDRESS:
        return apply("address.str", STR, value)
    return value if value.type in _FORMATTED else None


def _spec(ctx: Context, subject: Located, node: ast.JoinedStr) -> tuple[Expr, str]:
    """The specification as a str, and as a text with 1 for each number that is computed.

    Its nested fields are constants, or numbers, so that these change widths only. The text of the
    specification stands where the formatted value `subject` does, since Python 3.11 knows no place for it.
    """
    parts: list[Expr] = []
    sample = ""
    for part in _filled(node):
        if isinstance(part, ast.Constant):
            parts.append(Literal(STR, ctx.span(subject), str(part.value)))
            sample += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            value = ctx.check(part.value)
            if has_unknown(value.type):
                return value, ""
            literal = literal_of(value)
            is_text = literal is not None and literal.type is STR
            if not (is_text or value.type is INT) or part.format_spec is not None or part.conversion != -1:
                reason = "a nested field stands for a width or a precision, or is a constant"
                refused = ctx.refuse(E_FORMAT, part.value, reason=reason, instead="use an int, or a constant")
                return refused, ""
            parts.append(value if is_text else apply("int.str", STR, value))
            sample += literal.value if is_text and literal is not None else "1"
    if not parts:
        return Literal(STR, ctx.span(subject), ""), ""
    return parts[0] if len(parts) == 1 else apply("str.concat", STR, *parts), sample


def _spec_problem(text: str, kind: Type) -> str | None:
    """What is wrong with a specification for a value of this type."""
    match = _SPEC.fullmatch(text)
    if match is None:
        return "the format specification is not one"
    if len(match["width"]) > _MAX_WIDTH or len(match["precision"] or "") > _MAX_WIDTH:
        return "the width is too large"
    if match["kind"] and match["kind"] not in _KINDS[kind]:
        return f"{show(kind)} cannot be formatted as {match['kind']}"
    if match["group"] == "_" and kind is DECIMAL:
        return "Decimal groups digits with a comma only"
    try:
        format(_SAMPLES[kind], text)
    except (ValueError, OverflowError):
        return f"the format specification does not fit {show(kind)}"
    return None
