"""The methods of str, bytes, int and Decimal that are one operator over the value and the arguments."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from opforge._frontend.arguments import Formal, bind_arguments
from opforge._frontend.coercion import apply, as_number, fit, has_unknown, to_decimal
from opforge._frontend.context import Context
from opforge._frontend.tree import Apply, Expr, Literal
from opforge._ir import OperatorName
from opforge_ir.operators import OPERATORS
from opforge_ir.types import DECIMAL, parse_type

__all__ = ["CLASS_METHODS", "METHODS", "Method", "apply_method"]


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter of a method of Python; its type is that of the operator's."""

    name: str
    default: str | None = None
    """What it is where it is left out, as literals of the IR spell it."""
    is_named: bool = False
    """Whether callers may give it by its name."""
    is_keyword_only: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """One way to call a method: the operator that it is, and its parameters."""

    op: OperatorName
    parameters: tuple[_Parameter, ...] = ()

    def accepts(self, node: ast.Call) -> bool:
        """Whether these arguments are for these parameters; a literal None is only where one may be."""
        types = OPERATORS[self.op].params[-len(self.parameters) :] if self.parameters else ()
        positional = [each for each in self.parameters if not each.is_keyword_only]
        named = {keyword.arg for keyword in node.keywords}
        given = {each.name: arg for each, arg in zip(positional, node.args, strict=False)}
        given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
        return (
            len(node.args) <= len(positional)
            and named <= {each.name for each in self.parameters if each.is_named}
            and all(each.name in given or each.default is not None for each in self.parameters)
            and not any(
                _is_none(given.get(each.name)) and not kind.startswith("Optional[")
                for each, kind in zip(self.parameters, types, strict=True)
            )
        )


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _plain(op: OperatorName) -> list[Method]:
    return [Method(op)]


def _of(op: OperatorName, *names: str) -> list[Method]:
    """A method whose parameters have no names for callers; `name=default` may be left out."""
    return [Method(op, tuple(_read(name) for name in names))]


def _read(text: str, *, is_named: bool = False, is_keyword_only: bool = False) -> _Parameter:
    name, sign, default = text.partition("=")
    return _Parameter(name, default if sign else None, is_named or is_keyword_only, is_keyword_only)


def _named(*texts: str) -> tuple[_Parameter, ...]:
    return tuple(_read(text, is_named=True) for text in texts)


_SIGNED: Final = _read("signed=false", is_keyword_only=True)
_WITHIN: Final = ("sub", "start=None", "end=None")
_SPLIT: Final = _named("sep=None", "maxsplit=-1")

_PROPERTIES: Final[tuple[OperatorName, ...]] = (
    *("str.isalnum", "str.isalpha", "str.isascii", "str.isdecimal", "str.isdigit", "str.isidentifier"),
    *("str.islower", "str.isnumeric", "str.isspace", "str.istitle", "str.isupper"),
    *("str.upper", "str.lower", "str.casefold", "str.capitalize", "str.swapcase", "str.title"),
    *("decimal.is_finite", "decimal.is_infinite", "decimal.is_nan", "decimal.is_signed", "decimal.is_zero"),
    *("decimal.normalize", "decimal.sqrt", "decimal.exp", "decimal.ln", "decimal.log10"),
    *("decimal.copy_abs", "decimal.copy_negate", "decimal.adjusted"),
    *("int.bit_length", "int.bit_count", "bytes.hex"),
)
"""Those without parameters that are called as their operator is."""
_HEADS: Final = {"str": "str", "decimal": "Decimal", "int": "int", "bytes": "bytes"}

METHODS: Final[Mapping[tuple[str, str], Sequence[Method]]] = {
    **{(_HEADS[op.partition(".")[0]], op.partition(".")[2]): _plain(op) for op in _PROPERTIES},
    ("str", "strip"): [*_plain("str.strip"), *_of("str.strip_chars", "chars=None")],
    ("str", "lstrip"): _of("str.lstrip", "chars=None"),
    ("str", "rstrip"): _of("str.rstrip", "chars=None"),
    ("str", "removeprefix"): _of("str.removeprefix", "prefix"),
    ("str", "removesuffix"): _of("str.removesuffix", "suffix"),
    ("str", "split"): [Method("str.split", _named("sep")), Method("str.split_most", _SPLIT)],
    ("str", "rsplit"): [Method("str.rsplit", _SPLIT)],
    ("str", "splitlines"): [Method("str.splitlines", _named("keepends=false"))],
    ("str", "partition"): _of("str.partition", "sep"),
    ("str", "rpartition"): _of("str.rpartition", "sep"),
    ("str", "replace"): _of("str.replace", "old", "new", "count=-1"),
    ("str", "find"): _of("str.find", *_WITHIN),
    ("str", "rfind"): _of("str.rfind", *_WITHIN),
    ("str", "index"): _of("str.index", *_WITHIN),
    ("str", "rindex"): _of("str.rindex", *_WITHIN),
    ("str", "count"): _of("str.count", *_WITHIN),
    ("str", "zfill"): _of("str.zfill", "width"),
    ("str", "ljust"): _of("str.ljust", "width", "fillchar= "),
    ("str", "rjust"): _of("str.rjust", "width", "fillchar= "),
    ("str", "center"): _of("str.center", "width", "fillchar= "),
    ("str", "expandtabs"): [Method("str.expandtabs", _named("tabsize=8"))],
    ("bytes", "strip"): _of("bytes.strip", "bytes=None"),
    ("bytes", "lstrip"): _of("bytes.lstrip", "bytes=None"),
    ("bytes", "rstrip"): _of("bytes.rstrip", "bytes=None"),
    ("bytes", "removeprefix"): _of("bytes.removeprefix", "prefix"),
    ("bytes", "removesuffix"): _of("bytes.removesuffix", "suffix"),
    ("bytes", "replace"): _of("bytes.replace", "old", "new", "count=-1"),
    ("bytes", "find"): _of("bytes.find", *_WITHIN),
    ("bytes", "rfind"): _of("bytes.rfind", *_WITHIN),
    ("bytes", "index"): _of("bytes.index", *_WITHIN),
    ("bytes", "rindex"): _of("bytes.rindex", *_WITHIN),
    ("bytes", "count"): _of("bytes.count", *_WITHIN),
    ("bytes", "ljust"): _of("bytes.ljust", "width", "fillchar=0x20"),
    ("bytes", "rjust"): _of("bytes.rjust", "width", "fillchar=0x20"),
    ("int", "to_bytes"): [Method("int.to_bytes", (*_named("length=1", "byteorder=big"), _SIGNED))],
    ("Decimal", "quantize"): [
        Method("decimal.quantize", _named("exp")),
        Method("decimal.quantize_rounded", _named("exp", "rounding=ROUND_HALF_EVEN")),
    ],
    ("Decimal", "to_integral_value"): [Method("decimal.to_integral", _named("rounding=ROUND_HALF_EVEN"))],
    ("Decimal", "to_integral"): [Method("decimal.to_integral", _named("rounding=ROUND_HALF_EVEN"))],
    ("Decimal", "copy_sign"): [Method("decimal.copy_sign", _named("other"))],
    ("Decimal", "scaleb"): [Method("decimal.scaleb", _named("other"))],
    ("Decimal", "compare"): [Method("decimal.compare", _named("other"))],
    ("Decimal", "min"): [Method("decimal.min_number", _named("other"))],
    ("Decimal", "max"): [Method("decimal.max_number", _named("other"))],
    ("Decimal", "as_integer_ratio"): _plain("decimal.ratio"),
}
"""The ways to call each method, by the head of the value's type and the method's name."""

CLASS_METHODS: Final[Mapping[tuple[str, str], Sequence[Method]]] = {
    ("int", "from_bytes"): [Method("bytes.int", (*_named("bytes", "byteorder=big"), _SIGNED))],
    ("bytes", "fromhex"): _of("str.fromhex", "string"),
}
"""The methods that are called on a type; the operator's first argument is theirs."""


def apply_method(
    ctx: Context, node: ast.Call, shown: str, methods: Sequence[Method], value: Expr | None
) -> Expr:
    """The call of a method on a value, or on a type; `shown` is its name in messages."""
    method = next((each for each in methods if each.accepts(node)), methods[-1])
    patterns = OPERATORS[method.op].params[0 if value is None else 1 :]
    types = {
        each.name: parse_type(pattern) for each, pattern in zip(method.parameters, patterns, strict=True)
    }
    formals = [
        Formal(
            each.name,
            None if types[each.name] is DECIMAL else types[each.name],
            is_required=each.default is None,
            is_keyword_only=each.is_keyword_only,
            is_positional_only=not each.is_named,
        )
        for each in method.parameters
    ]
    given = bind_arguments(ctx, node, shown, formals)
    if given is None:
        return ctx.unknown(node)
    given = {
        name: fit(ctx, node, to_decimal(as_number(arg)), DECIMAL) if types[name] is DECIMAL else arg
        for name, arg in given.items()
    }
    if any(has_unknown(arg.type) for arg in given.values()):
        return ctx.unknown(node)
    span = ctx.span(node)
    args = [] if value is None else [value]
    for each in method.parameters:
        default = each.default
        args.append(
            given[each.name]
            if default is None
            else given.get(each.name) or Literal(types[each.name], span, default)
        )
    made = apply(method.op, parse_type(OPERATORS[method.op].result), *args)
    made.span = span
    if isinstance(made, Apply):
        made.order = _order(method, list(given), len(args) - len(method.parameters))
    return made


def _order(method: Method, given: list[str], before: int) -> tuple[int, ...] | None:
    """The order in which Python evaluates the arguments; None where it is that of the operator."""
    names = [each.name for each in method.parameters]
    order = [names.index(name) for name in given]
    if order == sorted(order):
        return None
    rest = [index for index in range(len(names)) if index not in order]
    return (*range(before), *(before + index for index in (*order, *rest)))
