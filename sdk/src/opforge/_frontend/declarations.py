"""The top of a file: which names it defines, and what their definitions say.

Names are collected first, so that functions may use what stands below them. Then the statements are
gone through in order, as Python does when it imports the file: constants, defaults and fields can
use only what stands above them.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Final

from opforge._frontend.annotations import is_type_expression, resolve_type
from opforge._frontend.coercion import has_unknown
from opforge._frontend.constant_targets import bind_constants, list_names
from opforge._frontend.constants import compute_constant, compute_value, write_constant
from opforge._frontend.context import Context, Program
from opforge._frontend.contracts import is_contract_class, read_contract
from opforge._frontend.decorators import decorator_name
from opforge._frontend.enums import find_enum_base, read_enum
from opforge._frontend.expressions import check_expression
from opforge._frontend.guards import is_for_type_checkers, is_main_guard
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.names import hint_for
from opforge._frontend.records import is_record_decorator, read_record
from opforge._frontend.signatures import declare_function, read_signature
from opforge._frontend.sizes import check_size, find_size
from opforge._frontend.source import Located, beginning_of, head_of, shorten_place
from opforge._frontend.symbols import (
    AliasDecl,
    Broken,
    ConstantDecl,
    ContractDecl,
    Declaration,
    EnumDecl,
    FunctionDecl,
    ImportedName,
    Module,
    NameOf,
    RecordDecl,
    Symbol,
    TypeOnly,
    VocabularySymbol,
)
from opforge._frontend.unsupported import describe_statement, refuse_statement
from opforge._frontend.workload import WorkloadHead, read_workload
from opforge_ir.builtin_records import BUILTIN_RECORDS
from opforge_ir.codes.functions import E_ASSERTION
from opforge_ir.codes.source import (
    E_ASYNC,
    E_DECORATOR,
    E_DUPLICATE_DEFINITION,
    E_IMPORT_NAME,
    E_MODULE_STATEMENT,
    E_RESERVED_NAME,
    E_WORKLOAD_PLACE,
)
from opforge_ir.excerpt import excerpt
from opforge_ir.types import CONSTRUCTORS, SCALARS, Type

__all__ = ["FileDeclarations", "declare_file"]

_RESERVED: Final = SCALARS | CONSTRUCTORS | set(BUILTIN_RECORDS)
_STATEMENTS: Final = {
    "If": "an if statement",
    "For": "a for loop",
    "While": "a while loop",
    "With": "a with statement",
    "Try": "a try statement",
    "Raise": "a raise",
    "Return": "a return",
    "Delete": "a del",
    "AugAssign": "an assignment that changes a constant",
    "Expr": "an expression",
    "Match": "a match statement",
    "Global": "a global statement",
}


@dataclass(slots=True)
class FileDeclarations:
    """What one file defines, in the order of the file."""

    functions: list[FunctionDecl] = field(default_factory=list[FunctionDecl])
    records: list[RecordDecl] = field(default_factory=list[RecordDecl])
    enums: list[EnumDecl] = field(default_factory=list[EnumDecl])
    contracts: list[ContractDecl] = field(default_factory=list[ContractDecl])
    constants: list[ConstantDecl] = field(default_factory=list[ConstantDecl])
    workload: WorkloadHead | None = None


def declare_file(program: Program, module: Module) -> FileDeclarations:
    """Go through the top of a file; the files that it imports have been gone through before."""
    reader = _File(program, module)
    reader.collect()
    reader.read()
    return reader.found


class _File:
    def __init__(self, program: Program, module: Module) -> None:
        self._module = module
        self._program = program
        self._ctx = Context(program, module, None, check_expression)
        self._lines: dict[str, int] = {}
        self.found = FileDeclarations()
        self._order: list[Declaration | ast.Call | ast.Assign | ast.Assert] = []
        self._unpacked: dict[int, ConstantDecl] = {}
        """The constants that an assignment defines together, by their targets' identity."""
        self._has_workload = False
        self._imports = {id(imported.alias): imported for imported in module.imports}

    # --- names ------------------------------------------------------------------------------------

    def collect(self) -> None:
        """Give every name of the file its symbol."""
        for statement in self._module.source.tree.body:
            match statement:
                case ast.Import() | ast.ImportFrom():
                    self._import_all(statement)
                case ast.If() if is_main_guard(statement):
                    pass
                case ast.If() if is_for_type_checkers(statement, self._module.imports):
                    for each in statement.body:
                        self._import_all(each, is_type_only=True)
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign() if _is_list_of_names(statement):
                    pass
                case _:
                    self._declare(statement)

    def _declare(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assert():
                self._order.append(statement)
            case ast.FunctionDef():
                self._declare_function(statement)
            case ast.ClassDef():
                self._declare_class(statement)
            case ast.Assign():
                self._declare_assignment(statement)
            case ast.AnnAssign():
                self._declare_annotated(statement)
            case ast.Expr():
                self._expression(statement)
            case ast.Pass():
                pass
            case ast.AsyncFunctionDef():
                self._module.report(E_ASYNC, beginning_of(statement, "async"))
                self._module.symbols.setdefault(statement.name, Broken())
            case _:
                self._refuse(statement)

    def _import_all(self, statement: ast.stmt, *, is_type_only: bool = False) -> None:
        aliases = statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else ()
        for alias in aliases:
            if (imported := self._imports.get(id(alias))) is not None:
                self._import(statement, imported, is_type_only=is_type_only)

    def _import(self, statement: ast.stmt, imported: ImportedName, *, is_type_only: bool = False) -> None:
        target = imported.target
        symbol: Symbol
        if isinstance(target, NameOf):
            found = target.module.symbols.get(target.name)
            if isinstance(found, TypeOnly):
                found = found.symbol if is_type_only else None
            if found is None:
                hint = hint_for(target.name, target.module.symbols)
                self._module.report(
                    E_IMPORT_NAME, imported.alias, module=target.module.name, name=target.name, hint=hint
                )
            symbol = found or Broken()
        else:
            symbol = target
        if isinstance(symbol, VocabularySymbol) and symbol.full.startswith("__future__"):
            return
        if is_type_only and not isinstance(symbol, Broken):
            symbol = TypeOnly(symbol)
        known = self._module.symbols.get(imported.name)
        if known is not None and (known is symbol or known == symbol):
            return
        self._define(statement, imported.name, symbol)

    def _define(self, node: Located, name: str, symbol: Symbol) -> bool:
        """Give a name its symbol; False where it has another one already."""
        if name in self._lines:
            self._module.report(E_DUPLICATE_DEFINITION, node, name=name, line=self._lines[name])
            return False
        self._lines[name] = node.lineno
        self._module.symbols[name] = symbol
        if isinstance(symbol, Declaration) and symbol.module is self._module and name in _RESERVED:
            self._module.report(E_RESERVED_NAME, node, name=name)
            self._module.symbols[name] = Broken()
        return True

    def _declare_function(self, node: ast.FunctionDef) -> None:
        function = declare_function(self._ctx, node)
        if self._define(head_of(node), node.name, function):
            self._order.append(function)
            self.found.functions.append(function)

    def _declare_class(self, node: ast.ClassDef) -> None:
        module = self._module
        place = beginning_of(node, f"class {node.name}")
        names = [decorator_name(module, each) for each in node.decorator_list]
        doc = ast.get_docstring(node)
        if is_contract_class(module, node):
            contract = ContractDecl(module, node.name, node, node, doc=doc)
            if self._define(place, node.name, contract):
                self._order.append(contract)
                self.found.contracts.append(contract)
                self._program.contracts[contract.key] = contract
            return
        if (base := find_enum_base(module, node)) is not None:
            enum = EnumDecl(module, node.name, node, node, base, doc=doc)
            if self._define(place, node.name, enum):
                self._order.append(enum)
                self.found.enums.append(enum)
                self._program.enums[enum.key] = enum
            return
        if not any(is_record_decorator(name) for name in names):
            self._refuse_class(node)
            self._define(place, node.name, Broken())
            return
        for decorator, name in zip(node.decorator_list, names, strict=True):
            if not is_record_decorator(name):
                module.report(E_DECORATOR, decorator)
        record = RecordDecl(module, node.name, node, node, doc=doc)
        if self._define(place, node.name, record):
            self._order.append(record)
            self.found.records.append(record)
            self._program.records[record.key] = record

    def _refuse_class(self, node: ast.ClassDef) -> None:
        module = self._module
        symbols = [resolve_dotted(module, each) for each in (*node.decorator_list, *node.bases)]
        if any(isinstance(symbol, Broken) for symbol in symbols):
            return
        for decorator in node.decorator_list:
            module.report(E_DECORATOR, decorator)
        if not node.decorator_list:
            construct = "a class that is neither a record, an enum nor a contract"
            module.report(E_MODULE_STATEMENT, beginning_of(node, f"class {node.name}"), construct=construct)

    def _declare_assignment(self, node: ast.Assign) -> None:
        names = list_names(node.targets)
        if names is None:
            construct = "an assignment to anything but names"
            self._module.report(E_MODULE_STATEMENT, node.targets[0], construct=construct)
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                    self._module.symbols.setdefault(each.id, Broken())
            return
        if len(names) == 1 and (base := self._find_new_type(node.value)) is not None:
            alias = AliasDecl(self._module, names[0].id, node, base, is_new_type=True)
            self._define(names[0], names[0].id, alias)
            return
        if len(names) == len(node.targets) and is_type_expression(self._module, node.value):
            for name in names:
                self._declare_alias(node, name, node.value)
            return
        if len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            self._declare_constant(node, names[0], node.value, None)
            return
        self._order.append(node)
        for name in names:
            constant = ConstantDecl(self._module, name.id, node, name, node.value, None)
            if self._define(name, name.id, constant):
                self._unpacked[id(name)] = constant
                self.found.constants.append(constant)

    def _declare_alias(self, node: ast.stmt, name: ast.Name, value: ast.expr) -> None:
        for each in ast.walk(value):
            if isinstance(each, ast.Name) and isinstance(self._module.symbols.get(each.id), TypeOnly):
                self._ctx.check(each)  # a name that does not exist when the file is run: reported there
                self._module.symbols.setdefault(name.id, Broken())
                return
        self._define(name, name.id, AliasDecl(self._module, name.id, node, value))

    def _find_new_type(self, node: ast.expr) -> ast.expr | None:
        """The type that `NewType("Name", type)` gives another name; None for anything else."""
        if not isinstance(node, ast.Call) or node.keywords or len(node.args) != 2:
            return None
        name = node.args[0]
        is_text = isinstance(name, ast.Constant) and isinstance(name.value, str)
        found = resolve_dotted(self._module, node.func) == VocabularySymbol("typing.NewType")
        return node.args[1] if is_text and found else None

    def _declare_annotated(self, node: ast.AnnAssign) -> None:
        target = node.target
        if not isinstance(target, ast.Name) or node.value is None:
            self._module.report(E_MODULE_STATEMENT, node, construct="a name without a value")
            if isinstance(target, ast.Name):
                self._module.symbols.setdefault(target.id, Broken())
            return
        if resolve_dotted(self._module, node.annotation) == VocabularySymbol("typing.TypeAlias"):
            self._declare_alias(node, target, node.value)
            return
        self._declare_constant(node, target, node.value, _inner_annotation(self._module, node.annotation))

    def _declare_constant(
        self, node: ast.stmt, target: ast.Name, value: ast.expr, annotation: ast.expr | None
    ) -> None:
        constant = ConstantDecl(self._module, target.id, node, target, value, annotation)
        if self._define(target, target.id, constant):
            self._order.append(constant)
            self.found.constants.append(constant)

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if isinstance(value, ast.Constant) and (isinstance(value.value, str) or value.value is ...):
            return
        if not isinstance(value, ast.Call):
            self._refuse(node)
            return
        symbol = resolve_dotted(self._module, value.func)
        if symbol == VocabularySymbol("opforge.workload"):
            if self._has_workload or not self._module.is_entry:
                self._module.report(E_WORKLOAD_PLACE, node)
                return
            self._has_workload = True
            self._order.append(value)
        elif not isinstance(symbol, Broken):
            self._module.report(E_MODULE_STATEMENT, node, construct="a call")

    def _refuse(self, node: ast.stmt) -> None:
        name = type(node).__name__
        if name in _STATEMENTS:
            construct = _STATEMENTS[name]
        elif isinstance(node, ast.AsyncFor | ast.AsyncWith):
            refuse_statement(self._module, node)
            return
        else:
            construct = describe_statement(node)[0]
        self._module.report(E_MODULE_STATEMENT, shorten_place(node, name.lower()), construct=construct)
        for each in ast.walk(node):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
                self._module.symbols.setdefault(each.id, Broken())
            elif isinstance(each, ast.FunctionDef | ast.ClassDef):
                self._module.symbols.setdefault(each.name, Broken())

    # --- what the definitions say -----------------------------------------------------------------

    def read(self) -> None:
        """Go through the definitions in order."""
        for item in self._order:
            self._ctx.line = item.node.lineno if isinstance(item, Declaration) else item.lineno
            match item:
                case FunctionDecl():
                    read_signature(self._ctx, item)
                case RecordDecl():
                    read_record(self._ctx, item)
                case EnumDecl():
                    read_enum(self._ctx, item)
                case ContractDecl():
                    read_contract(self._ctx, item)
                case ConstantDecl():
                    self._compute(item)
                case ast.Call():
                    self.found.workload = read_workload(self._ctx, item)
                case ast.Assign():
                    self._compute_several(item)
                case ast.Assert():
                    self._check_assertion(item)
                case _:
                    pass

    def _compute(self, constant: ConstantDecl) -> None:
        expected: Type | None = None
        if constant.annotation is not None:
            line = constant.node.lineno
            expected = resolve_type(self._module, constant.annotation, eager_line=line)
            if has_unknown(expected):
                constant.is_computed = True
                return
        literal = compute_constant(self._ctx, constant.value, expected)
        constant.is_computed = True
        if literal is not None:
            constant.literal, constant.type = literal, literal.type
            check_size(self._ctx, constant.value, literal, find_size(self._module, constant.annotation))

    def _compute_several(self, node: ast.Assign) -> None:
        """Compute the value once; no name has it before all are known."""

        def define(target: ast.Name, kind: Type, value: Any) -> None:
            constant = self._unpacked.get(id(target))
            literal = write_constant(self._ctx, target, kind, value)
            if constant is not None and literal is not None:
                constant.literal, constant.type = literal, literal.type

        found = compute_value(self._ctx, node.value, None)
        if found is not None:
            kind, value = found
            for target in node.targets:
                bind_constants(self._ctx, target, kind, value, define)
        for name in list_names(node.targets) or ():
            if (constant := self._unpacked.get(id(name))) is not None:
                constant.is_computed = True

    def _check_assertion(self, node: ast.Assert) -> None:
        """Compute the test; when it does not hold, say so with its message."""
        negated = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node.test)
        fails = compute_value(self._ctx, negated, None)
        message = compute_value(self._ctx, node.msg, None) if node.msg is not None and fails else None
        if fails is not None and fails[1]:
            text = f": {excerpt(str(message[1]), 120)}" if message is not None else ""
            self._module.report(E_ASSERTION, node.test, message=text)


def _is_list_of_names(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> bool:
    """Whether it is `__all__ = ...`, which says something to star imports only, and there are none."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return all(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)


def _inner_annotation(module: Module, node: ast.expr) -> ast.expr | None:
    """The type within `Final[…]`; None for `Final` alone, which says no type."""
    head = node.value if isinstance(node, ast.Subscript) else node
    if resolve_dotted(module, head) != VocabularySymbol("typing.Final"):
        return node
    return node.slice if isinstance(node, ast.Subscript) else None
