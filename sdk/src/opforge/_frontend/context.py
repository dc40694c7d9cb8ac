"""What the checks of one function share: its file, its variables, and the way back to the dispatcher."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.scope import State
from opforge._frontend.source import Located
from opforge._frontend.symbols import (
    UNKNOWN,
    ContractDecl,
    EnumDecl,
    FunctionDecl,
    Module,
    RecordDecl,
    Symbol,
    split_enum,
    split_function,
)
from opforge._frontend.tree import Expr, Literal
from opforge_ir.builtin_records import BUILTIN_RECORDS
from opforge_ir.diagnostics import Code, Edit, FieldValue, Span
from opforge_ir.types import NONE, Type, parse_type

__all__ = ["Context", "Program"]


@dataclass(slots=True)
class Program:
    """What all files share."""

    networks: dict[str, int] = field(default_factory=dict[str, int])
    """Every network that may be named, with its chain id."""
    declared_networks: tuple[str, ...] = ()
    """Those that `workload(...)` declares."""
    declared_hosts: tuple[str, ...] = ()
    """The hosts that `workload(...)` declares."""
    decimal_precision: int = 28
    constant_steps: int = 0
    """How many steps the constants have taken so far."""
    records: dict[str, RecordDecl] = field(default_factory=dict[str, RecordDecl])
    """Records by key."""
    enums: dict[str, EnumDecl] = field(default_factory=dict[str, EnumDecl])
    """Enums by key."""
    nested: dict[ast.FunctionDef, FunctionDecl] = field(default_factory=dict[ast.FunctionDef, FunctionDecl])
    """The functions that stand inside of others, by their definitions."""
    nested_by_key: dict[str, FunctionDecl] = field(default_factory=dict[str, FunctionDecl])
    contracts: dict[str, ContractDecl] = field(default_factory=dict[str, ContractDecl])
    """Contract classes by key."""
    calls: list[tuple[FunctionDecl, FunctionDecl, Span]] = field(
        default_factory=list["tuple[FunctionDecl, FunctionDecl, Span]"]
    )
    """Which function calls which, and where."""
    unbounded: list[tuple[FunctionDecl, Span]] = field(default_factory=list["tuple[FunctionDecl, Span]"])
    """The `while` loops whose condition shows no bound, by function and place."""
    guards: list[tuple[FunctionDecl, Expr]] = field(default_factory=list["tuple[FunctionDecl, Expr]"])
    """The guards of cases that name items or entries, which are read once more after the guard."""

    def fields_of(self, kind: Type) -> Mapping[str, Type] | None:
        """The fields of a record type in order, or None when `kind` is not one."""
        if (shape := BUILTIN_RECORDS.get(kind.head)) is not None:
            return {f.name: parse_type(f.type) for f in shape.fields}
        record = self.records.get(kind.head)
        return None if record is None else {f.name: f.type for f in record.fields}

    def enum_of(self, kind: Type) -> EnumDecl | None:
        """The enum that a type is of, if it is of one."""
        enum = split_enum(kind)
        return None if enum is None else self.enums[enum[1]]

    def nested_function(self, kind: Type) -> FunctionDecl | None:
        """The function inside of another one that a variable of this type is."""
        key = split_function(kind)
        return None if key is None else self.nested_by_key[key]


@dataclass(slots=True)
class Context:
    """The checks of one function, or of the expressions at the top of a file."""

    program: Program
    module: Module
    function: FunctionDecl | None
    """None at the top of a file, where only constants are allowed."""
    dispatch: Callable[[Context, ast.expr, Type | None], Expr]
    state: State = field(default_factory=State)
    local_names: frozenset[str] = frozenset()
    """Every name that the function assigns somewhere; it is never a global (Python reference, 4.2.2)."""
    declared: dict[str, Type] = field(default_factory=dict[str, Type])
    """Annotated variables."""
    caught: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """For the variable of each handler around the present statement, the errors that it catches."""
    substitutes: dict[str, Callable[[], Expr]] = field(default_factory=dict[str, Callable[[], Expr]])
    """In the guard of a `case`, what the captured variables stand for."""
    may_be_skipped: bool = False
    """Whether the expression that is being checked is one that Python may not come to evaluate, or evaluates
    several times."""
    hidden: frozenset[str] = frozenset()
    """The variables of comprehensions and lambdas around; the function's of these names are not seen."""
    line: int = 0
    """At the top of a file, the line that is being looked at: later definitions do not exist yet."""

    def check(self, node: ast.expr, expected: Type | None = None) -> Expr:
        """The typed form of an expression. `expected` guides displays and None; it is not enforced."""
        if self.module.problems.is_full:
            return self.unknown(node)
        return self.dispatch(self, node, expected)

    @contextmanager
    def skippable(self) -> Generator[None]:
        """Check what Python may not come to evaluate: an operand behind `and`, a side of a choice."""
        before, self.may_be_skipped = self.may_be_skipped, True
        yield
        self.may_be_skipped = before

    def span(self, node: Located) -> Span:
        """The place of a node."""
        return self.module.source.span_of(node)

    def report(
        self, code: Code, node: Located | Span, /, *, edits: Sequence[Edit] = (), **fields: FieldValue
    ) -> None:
        """Record a problem, with what mends it where that is certain."""
        self.module.report(code, node, edits=edits, **fields)

    def refuse(
        self, code: Code, node: Located | Span, /, *, edits: Sequence[Edit] = (), **fields: FieldValue
    ) -> Expr:
        """Record a problem, and give what stands for the refused expression."""
        self.module.report(code, node, edits=edits, **fields)
        return self.unknown(node)

    def unknown(self, node: Located | Span) -> Expr:
        """An expression whose problem has been reported."""
        return Literal(UNKNOWN, node if isinstance(node, Span) else self.span(node), "None")

    def none(self, node: Located) -> Expr:
        """The literal None."""
        return Literal(NONE, self.span(node), "None")

    def resolve(self, node: ast.expr) -> Symbol | None:
        """What a dotted name stands for at the top of a file; None where its first part is a variable."""
        root = node
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name) or self.is_variable(root.id):
            return None
        return resolve_dotted(self.module, node)

    def is_variable(self, name: str) -> bool:
        """Whether the function has a variable of this name."""
        return name in self.local_names or name in self.state.variables

    def find_nested(self, node: ast.expr) -> FunctionDecl | None:
        """The function inside of this one that a name stands for."""
        found = self.state.variables.get(node.id) if isinstance(node, ast.Name) else None
        return self.program.nested_function(found) if isinstance(found, Type) else None

    def symbol(self, name: str) -> Symbol | None:
        """What a name at the top of the file stands for."""
        return self.module.symbols.get(name)
