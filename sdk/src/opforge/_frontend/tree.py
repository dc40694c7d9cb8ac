"""The typed tree: a program whose names and types are known, before it is cut into nodes.

Every expression has its type and place. What Python does implicitly (converting an int for a Decimal
operation, testing whether a list is empty, wrapping an Optional) stands in the tree explicitly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from typing import Literal as OneOf

from opforge._ir import ErrorName, MutatingOperatorName, OperatorName, VerbName
from opforge_ir.diagnostics import Span
from opforge_ir.types import Type

if TYPE_CHECKING:
    from opforge._frontend.symbols import ConstantDecl, ContractDecl, FunctionDecl, RecordDecl

__all__ = [
    "After",
    "Apply",
    "Assert",
    "Assign",
    "Block",
    "BooleanChain",
    "Break",
    "CallFunction",
    "Clause",
    "Comprehension",
    "Conditional",
    "ConstantRef",
    "Continue",
    "Decode",
    "DictNew",
    "EnumPart",
    "Expr",
    "ExprStatement",
    "FailStatement",
    "FieldOf",
    "ForStatement",
    "Handler",
    "IfStatement",
    "IsInstance",
    "ListNew",
    "Literal",
    "Local",
    "MemberPart",
    "Mutate",
    "Narrow",
    "Pattern",
    "Quantified",
    "RecordNew",
    "Request",
    "Rethrow",
    "ReturnStatement",
    "SetNew",
    "Statement",
    "Temporary",
    "TryStatement",
    "TupleNew",
    "Walrus",
    "WhileStatement",
    "Widen",
    "With",
]


@dataclass(eq=False, slots=True)
class _Typed:
    type: Type
    span: Span


@dataclass(eq=False, slots=True)
class Literal(_Typed):
    """A scalar in the spelling of the IR."""

    value: str


@dataclass(eq=False, slots=True)
class Local(_Typed):
    """A variable or parameter."""

    name: str


@dataclass(eq=False, slots=True)
class Temporary(_Typed):
    """The value that the enclosing `With` of this identity computed."""

    of: With


@dataclass(eq=False, slots=True)
class ConstantRef(_Typed):
    """A module constant."""

    constant: ConstantDecl


@dataclass(eq=False, slots=True)
class Apply(_Typed):
    """A pure operator. `order` lists the positions of `args` in the order in which Python evaluates them."""

    op: OperatorName
    args: list[Expr]
    order: tuple[int, ...] | None = None
    is_copy: bool = False
    """Whether the author made a list of what a loop would read while it runs: `list(d.keys())`."""


@dataclass(eq=False, slots=True)
class CallFunction(_Typed):
    """A call of a helper; `args` in the order of its parameters, `order` as for `Apply`."""

    function: FunctionDecl
    args: list[Expr]
    order: tuple[int, ...] | None = None


@dataclass(eq=False, slots=True)
class Request(_Typed):
    """An effect. `args` in the order in which Python evaluates them."""

    verb: VerbName
    static: dict[str, str]
    args: dict[str, Expr]
    contract: ContractDecl | None = None
    op: FunctionDecl | None = None
    """The op that is run beside this one."""


@dataclass(eq=False, slots=True)
class RecordNew(_Typed):
    """A new record; fields in the order in which they are evaluated."""

    record: RecordDecl
    fields: list[tuple[str, Expr]]


@dataclass(eq=False, slots=True)
class ListNew(_Typed):
    """A new list."""

    items: list[Expr]


@dataclass(eq=False, slots=True)
class TupleNew(_Typed):
    """A new tuple."""

    items: list[Expr]


@dataclass(eq=False, slots=True)
class SetNew(_Typed):
    """A new set."""

    items: list[Expr]


@dataclass(eq=False, slots=True)
class DictNew(_Typed):
    """A new dict."""

    entries: list[tuple[Expr, Expr]]


@dataclass(eq=False, slots=True)
class FieldOf(_Typed):
    """A field of a record, or of all records of a Union, or an item of a tuple by its index."""

    of: Expr
    name: str


MemberPart: TypeAlias = OneOf["value", "name", "from_value", "from_name"]


@dataclass(eq=False, slots=True)
class EnumPart(_Typed):
    """The value or name of a value of an enum, or the value that has it; `enum` is the enum's type."""

    enum: Type
    part: MemberPart
    of: Expr


@dataclass(eq=False, slots=True)
class Widen(_Typed):
    """A record, or one of a smaller Union, as a value of a Union."""

    value: Expr


@dataclass(eq=False, slots=True)
class IsInstance(_Typed):
    """Whether a value of a Union is of the record or smaller Union `record`."""

    record: Type
    value: Expr


@dataclass(eq=False, slots=True)
class Narrow(_Typed):
    """A value of a Union as one of its records, or of a smaller Union, which it is known to be."""

    value: Expr


@dataclass(eq=False, slots=True)
class Conditional(_Typed):
    """`then if test else otherwise`."""

    test: Expr
    then: Expr
    otherwise: Expr


@dataclass(eq=False, slots=True)
class BooleanChain(_Typed):
    """`and` or `or` over bool."""

    is_and: bool
    args: list[Expr]


@dataclass(eq=False, slots=True)
class Decode(_Typed):
    """JSON text as a value of the type."""

    text: Expr


@dataclass(eq=False, slots=True)
class With(_Typed):
    """`body`, with `value` computed once before it and used by its `Temporary` expressions."""

    value: Expr
    body: Expr | None = None
    is_named: bool = False
    """Whether the value gets a name of its own, also where it could be computed again."""


@dataclass(eq=False, slots=True)
class After(_Typed):
    """`value`, computed after the changes were made: what a method that changes its list gives, say."""

    changes: list[Mutate]
    value: Expr


@dataclass(eq=False, slots=True)
class Walrus(_Typed):
    """`name := value`: the value, which is the variable's from here on."""

    name: str
    value: Expr


@dataclass(eq=False, slots=True)
class Clause:
    """`for pattern in items if conditions` of a comprehension."""

    pattern: Pattern
    items: Expr
    conditions: list[Expr]


@dataclass(eq=False, slots=True)
class Comprehension(_Typed):
    """A list of `element` for each iteration; `type` is the list's."""

    clauses: list[Clause]
    element: Expr
    is_lazy: bool = False
    """Whether Python computes an element when it is taken: a generator, `map` or `filter`."""


@dataclass(eq=False, slots=True)
class Quantified(_Typed):
    """`any(…)` or `all(…)` of a generator: stops at the first element that decides."""

    is_all: bool
    clauses: list[Clause]
    element: Expr


Expr: TypeAlias = (
    Literal
    | Local
    | Temporary
    | ConstantRef
    | Apply
    | CallFunction
    | Request
    | RecordNew
    | ListNew
    | TupleNew
    | SetNew
    | DictNew
    | FieldOf
    | EnumPart
    | Widen
    | IsInstance
    | Narrow
    | Conditional
    | BooleanChain
    | Decode
    | With
    | After
    | Comprehension
    | Quantified
    | Walrus
)


@dataclass(eq=False, slots=True)
class Pattern:
    """What an assignment or iteration defines: a variable, or the items of a tuple."""

    type: Type
    span: Span
    name: str | None
    items: list[Pattern] = field(default_factory=list["Pattern"])

    def names(self) -> list[str]:
        """The variables, from left to right."""
        return [self.name] if self.name is not None else [n for item in self.items for n in item.names()]


@dataclass(eq=False, slots=True)
class _Placed:
    span: Span
    walrus: tuple[str, ...] = field(default=(), kw_only=True)
    """The variables that assignment expressions in the statement, but not in its blocks, give a value."""


@dataclass(eq=False, slots=True)
class Assign(_Placed):
    """`pattern = value`."""

    pattern: Pattern
    value: Expr
    is_retyping: bool = False
    """Whether it only says that a variable's value has a narrower type here; the author did not write it."""


@dataclass(eq=False, slots=True)
class Mutate(_Placed):
    """A change of a list or dict; `order` as for `Apply`."""

    op: MutatingOperatorName
    args: list[Expr]
    order: tuple[int, ...] | None = None


@dataclass(eq=False, slots=True)
class ExprStatement(_Placed):
    """An expression for its effects, or for the error it may raise."""

    value: Expr


@dataclass(eq=False, slots=True)
class IfStatement(_Placed):
    """`if`; an `elif` is an `if` in `otherwise`."""

    test: Expr
    then: Block
    otherwise: Block


@dataclass(eq=False, slots=True)
class _Loop(_Placed):
    body: Block
    head_types: dict[str, Type]
    """Variables that have a wider type where a round begins than they had before the loop."""
    slot_types: dict[str, Type]
    """Variables that have another type after the loop than where a round begins; those that have no value
    there stand here too, as Optional."""


@dataclass(eq=False, slots=True)
class ForStatement(_Loop):
    """`for`; what follows `else` is a statement of its own."""

    pattern: Pattern
    items: Expr


@dataclass(eq=False, slots=True)
class WhileStatement(_Loop):
    """`while`; `limit` is the most rounds that it may have, None where an op that calls this says it."""

    test: Expr
    limit: Expr | None
    is_endless: bool
    """Whether the test is the constant True, so that only a `break` leaves the loop."""


@dataclass(eq=False, slots=True)
class Break(_Placed):
    """Leaves the innermost loop."""


@dataclass(eq=False, slots=True)
class Continue(_Placed):
    """Goes on with the next round of the innermost loop."""


@dataclass(eq=False, slots=True)
class Handler:
    """`except errors as name`; `name` is the IR's where the author gave none."""

    span: Span
    errors: list[ErrorName]
    name: str
    body: Block


@dataclass(eq=False, slots=True)
class TryStatement(_Placed):
    """`try`, with the blocks of `else` and `finally`."""

    body: Block
    handlers: list[Handler]
    otherwise: Block
    always: Block


@dataclass(eq=False, slots=True)
class Rethrow(_Placed):
    """`raise` alone, or of the caught error: the handler's `name`."""

    name: str


@dataclass(eq=False, slots=True)
class ReturnStatement(_Placed):
    """`return value`."""

    value: Expr


@dataclass(eq=False, slots=True)
class FailStatement(_Placed):
    """`raise Fail(message)`."""

    message: Expr


@dataclass(eq=False, slots=True)
class Assert(_Placed):
    """`assert test, message`."""

    test: Expr
    message: Expr


Statement: TypeAlias = (
    Assign
    | Mutate
    | ExprStatement
    | IfStatement
    | ForStatement
    | WhileStatement
    | Break
    | Continue
    | TryStatement
    | ReturnStatement
    | FailStatement
    | Rethrow
    | Assert
)
Block: TypeAlias = list[Statement]
