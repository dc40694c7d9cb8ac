"""Types as authors write them, read from the syntax."""

from __future__ import annotations

import ast
from typing import Final

from opforge._frontend.coercion import has_unknown, is_key_type, show
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.names import hint_for
from opforge._frontend.scope import get_alternatives
from opforge._frontend.source import Located
from opforge._frontend.symbols import (
    UNKNOWN,
    AliasDecl,
    Broken,
    ContractDecl,
    Declaration,
    EnumDecl,
    Module,
    RecordDecl,
    Symbol,
    TypeOnly,
    VocabularySymbol,
    contract_type,
    frozenset_of,
    split_contract,
    split_enum,
)
from opforge._frontend.vocabulary import BUILTIN_TYPES, FOREIGN_TYPES, TYPE_NAMES
from opforge_ir.codes.source import (
    E_FLOAT_REFUSED,
    E_KEY_TYPE,
    E_NOT_A_VALUE,
    E_UNKNOWN_TYPE,
    E_USED_BEFORE_DEFINITION,
)
from opforge_ir.types import INT, NONE, STR, Type, dict_of, list_of, optional_of, set_of, tuple_of, union_of

__all__ = ["is_type_expression", "resolve_type"]

_GENERICS: Final = {
    "list": "list",
    "dict": "dict",
    "tuple": "tuple",
    "set": "set",
    "frozenset": "frozenset",
    "typing.Set": "set",
    "typing.FrozenSet": "frozenset",
    "typing.List": "list",
    "typing.Dict": "dict",
    "typing.Tuple": "tuple",
    "typing.Annotated": "Annotated",
    "typing.Final": "Final",
    "typing.Literal": "Literal",
    "typing.Sequence": "list",
    "typing.Iterable": "list",
    "typing.Collection": "list",
    "typing.Mapping": "dict",
    "typing.Optional": "Optional",
    "typing.Union": "Union",
    "collections.abc.Sequence": "list",
    "collections.abc.Iterable": "list",
    "collections.abc.Collection": "list",
    "collections.abc.Mapping": "dict",
}
"""What a subscripted name means. The abstract collections are what they are given as here."""

_MAX_TEXT: Final = 400


def resolve_type(module: Module, node: ast.expr, *, eager_line: int | None = None) -> Type:
    """The type that an annotation says; UNKNOWN, with a problem reported, when it says none.

    `eager_line` is the line of a definition at the top of the file whose annotations Python evaluates at
    once: types that the file defines later do not exist yet there.
    """
    reader = _Reader(module, None if module.has_lazy_annotations else eager_line)
    kind = reader.read(node)
    if len(kind.text) > _MAX_TEXT:
        module.report(E_UNKNOWN_TYPE, node, text="a type this long", hint="")
        return UNKNOWN
    return kind


def is_type_expression(module: Module, node: ast.expr) -> bool:
    """Whether an expression at the top of a file is a type rather than a value."""
    match node:
        case ast.Name() | ast.Attribute():
            symbol = resolve_dotted(module, node)
            if isinstance(symbol, VocabularySymbol):
                return symbol.full in TYPE_NAMES
            if symbol is None and isinstance(node, ast.Name):
                return node.id in BUILTIN_TYPES
            return isinstance(symbol, RecordDecl | EnumDecl | ContractDecl | AliasDecl)
        case ast.Subscript():
            is_type_only = isinstance(resolve_dotted(module, node.value), TypeOnly)
            return not is_type_only and _generic_name(module, node.value) is not None
        case ast.BinOp(op=ast.BitOr()):
            return is_type_expression(module, node.left)
        case _:
            return False


def _generic_name(module: Module, node: ast.expr) -> str | None:
    if not isinstance(node, ast.Name | ast.Attribute):
        return None
    symbol = resolve_dotted(module, node)
    if isinstance(symbol, TypeOnly):
        symbol = symbol.symbol
    if isinstance(symbol, VocabularySymbol):
        return _GENERICS.get(symbol.full)
    if symbol is None and isinstance(node, ast.Name):
        return _GENERICS.get(node.id)
    return None


class _Reader:
    def __init__(self, module: Module, eager_line: int | None) -> None:
        self._module = module
        self._eager_line = eager_line
        self._aliases: list[AliasDecl] = []

    def read(self, node: ast.expr) -> Type:
        match node:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str()):
                return self._quoted(node, str(node.value))
            case ast.Name() | ast.Attribute():
                return self._named(node)
            case ast.Subscript():
                return self._generic(node)
            case ast.BinOp(op=ast.BitOr()):
                return self._union(node)
            case _:
                return self._refuse(node)

    def _refuse(self, node: Located, text: str | None = None, hint: str = "") -> Type:
        shown = text if text is not None else "this"
        self._module.report(E_UNKNOWN_TYPE, node, text=shown, hint=hint)
        return UNKNOWN

    def _quoted(self, node: ast.Constant, text: str) -> Type:
        try:
            inner = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return self._refuse(node)
        pending: list[ast.AST] = [inner]
        size = 0
        while pending:
            part = pending.pop()
            size += 1
            if size > 100:
                return self._refuse(node)
            ast.copy_location(part, node)
            pending.extend(ast.iter_child_nodes(part))
        eager, self._eager_line = self._eager_line, None
        kind = self.read(inner)
        self._eager_line = eager
        return kind

    def _look_up(self, node: ast.expr) -> Symbol | None:
        symbol = resolve_dotted(self._module, node)
        if not isinstance(symbol, TypeOnly):
            return symbol
        if self._eager_line is None:
            return symbol.symbol
        what = f"{ast.unparse(node)}, which only type checkers import,"
        instead = "write `from __future__ import annotations`, or import it for all"
        self._module.report(E_NOT_A_VALUE, node, what=what, instead=instead)
        return Broken()

    def _named(self, node: ast.Name | ast.Attribute) -> Type:
        symbol = self._look_up(node)
        text = ast.unparse(node)
        if isinstance(symbol, Declaration) and self._is_later(symbol):
            line = symbol.node.lineno
            self._module.report(E_USED_BEFORE_DEFINITION, node, name=text, line=line)
            return UNKNOWN
        match symbol:
            case Broken():
                return UNKNOWN
            case RecordDecl() | EnumDecl():
                return symbol.type
            case ContractDecl():
                return contract_type(symbol, None)
            case AliasDecl():
                return self._alias(symbol, node)
            case VocabularySymbol() if symbol.full in TYPE_NAMES:
                return TYPE_NAMES[symbol.full]
            case VocabularySymbol() if symbol.full in _GENERICS:
                return self._refuse(node, text, f"; say of what, as in {text}[int]")
            case VocabularySymbol() if symbol.full in FOREIGN_TYPES:
                return self._refuse(node, text, FOREIGN_TYPES[symbol.full])
            case None if text in FOREIGN_TYPES:
                return self._refuse(node, text, FOREIGN_TYPES[text])
            case None if text in BUILTIN_TYPES:
                return BUILTIN_TYPES[text]
            case None if text == "float":
                self._module.report(
                    E_FLOAT_REFUSED, node, text="float", instead="use Decimal, or int in the smallest unit"
                )
                return UNKNOWN
            case None if text in _GENERICS:
                return self._refuse(node, text, f"; say of what, as in {text}[int]")
            case None:
                known = [*BUILTIN_TYPES, "list", "dict", "tuple", *self._module.symbols]
                return self._refuse(node, text, hint_for(text, known))
            case _:
                return self._refuse(node, text)

    def _is_later(self, symbol: Declaration) -> bool:
        return (
            self._eager_line is not None
            and symbol.module is self._module
            and symbol.node.lineno >= self._eager_line
        )

    def _alias(self, alias: AliasDecl, node: Located) -> Type:
        if alias in self._aliases:
            return self._refuse(node, alias.name, "; it is defined by itself")
        self._aliases.append(alias)
        reader = _Reader(alias.module, None)
        reader._aliases = self._aliases
        kind = reader.read(alias.value)
        self._aliases.pop()
        return kind

    def _generic(self, node: ast.Subscript) -> Type:
        head = _generic_name(self._module, node.value)
        if isinstance(self._look_up(node.value), Broken):
            return UNKNOWN
        if head is None:
            if isinstance(node.value, ast.Name | ast.Attribute):
                symbol = resolve_dotted(self._module, node.value)
                if isinstance(symbol, VocabularySymbol) and symbol.full in FOREIGN_TYPES:
                    return self._named(node.value)
            return self._refuse(node, ast.unparse(node.value))
        given = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head in ("Annotated", "Final") and given:
            return self.read(given[0])
        if head == "Literal":
            return self._literal(node, given)
        wanted = {"list": 1, "set": 1, "frozenset": 1, "Optional": 1, "dict": 2}.get(head)
        if (wanted is not None and len(given) != wanted) or not given:
            return self._refuse(node, ast.unparse(node), f"; {head} takes {wanted or 'one or more'} types")
        if any(isinstance(arg, ast.Constant) and arg.value is ... for arg in given):
            some = ast.unparse(given[0])
            return self._refuse(node, ast.unparse(node), f"; any number of items make a list: list[{some}]")
        args = [self.read(arg) for arg in given]
        if any(has_unknown(arg) for arg in args):
            return UNKNOWN
        return self._build(node, head, given, args)

    def _build(self, node: ast.Subscript, head: str, given: list[ast.expr], args: list[Type]) -> Type:
        match head:
            case "list":
                return list_of(args[0])
            case "Optional":
                return optional_of(args[0])
            case "Union":
                return self._alternatives(node, args)
            case "set" | "frozenset":
                if not is_key_type(args[0]):
                    self._module.report(E_KEY_TYPE, given[0], type=show(args[0]))
                    return UNKNOWN
                return set_of(args[0]) if head == "set" else frozenset_of(args[0])
            case "dict":
                if not is_key_type(args[0]):
                    self._module.report(E_KEY_TYPE, given[0], type=show(args[0]))
                    return UNKNOWN
                return dict_of(args[0], args[1])
            case _:
                return tuple_of(*args)

    def _literal(self, node: ast.expr, given: list[ast.expr]) -> Type:
        """The type of the values that a Literal lists; Python does not check them either."""
        values = [each.value if isinstance(each, ast.Constant) else None for each in given]
        for python_type, kind in ((str, STR), (int, INT)):
            if values and all(type(value) is python_type for value in values):
                return kind
        return self._refuse(node, ast.unparse(node), "; a Literal lists texts, or whole numbers")

    def _union(self, node: ast.BinOp) -> Type:
        left, right = self.read(node.left), self.read(node.right)
        if has_unknown(left) or has_unknown(right):
            return UNKNOWN
        return self._alternatives(node, [left, right])

    def _alternatives(self, node: ast.expr, parts: list[Type]) -> Type:
        """A Union: None and one type, or None and records."""
        flat = [each for part in parts for each in get_alternatives(part)]
        others = list(dict.fromkeys(each for each in flat if each is not NONE))
        if len(others) > 1:
            if not all(self._is_record(each) for each in others):
                hint = "; a union holds records, or None and one other type"
                return self._refuse(node, ast.unparse(node), hint)
            if len({show(each) for each in others}) < len(others):
                return self._refuse(node, ast.unparse(node), "; two of its records have one name")
        union = union_of(*others) if len(others) > 1 else others[0] if others else NONE
        return optional_of(union) if NONE in flat else union

    def _is_record(self, kind: Type) -> bool:
        is_other = split_contract(kind) is not None or split_enum(kind) is not None
        return kind.is_named and not is_other
