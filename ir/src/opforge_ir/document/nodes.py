"""Nodes of the IR: the steps of a body, evaluated in order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from opforge_ir.document.base import (
    ErrorName,
    Model,
    MutatingOperatorName,
    Qualified,
    Segment,
    TypeText,
    VerbName,
)
from opforge_ir.document.expressions import Expression

__all__ = [
    "Break",
    "CallNode",
    "Carried",
    "Continue",
    "Do",
    "Effect",
    "Fail",
    "For",
    "Handler",
    "If",
    "IfResult",
    "Invoke",
    "Keep",
    "Kept",
    "Let",
    "Map",
    "Node",
    "Require",
    "Rethrow",
    "Return",
    "Target",
    "Try",
    "While",
    "Yield",
]


class Let(Model):
    """A pure value."""

    kind: Literal["let"]
    id: Segment
    type: TypeText
    value: Expression


class Effect(Model):
    """A request to the outside: one verb of a capability. A state of the run."""

    kind: Literal["effect"]
    id: Segment
    verb: VerbName
    type: TypeText
    static: dict[Segment, str]
    args: dict[Segment, Expression]


class CallNode(Model):
    """A call of a function that has effects."""

    kind: Literal["call"]
    id: Segment
    type: TypeText
    function: Qualified
    args: list[Expression]


class IfResult(Model):
    """A value that both sides of an `if` define; a side that does not fall through gives none."""

    id: Segment
    type: TypeText
    then: list[Expression] = Field(max_length=1)
    otherwise: list[Expression] = Field(max_length=1)


class If(Model):
    """One of two regions."""

    kind: Literal["if"]
    id: Segment
    test: Expression
    then: list[Node]
    otherwise: list[Node]
    results: list[IfResult]


class Target(Model):
    """A value that an iteration defines."""

    id: Segment
    type: TypeText


class Carried(Model):
    """A value that a `for` or `while` hands from one iteration to the next.

    `id` names it within the loop, `init` is its value before the first iteration, `next` is
    evaluated at the end of the body, and `result` names its last value after the loop.
    """

    id: Segment
    type: TypeText
    init: Expression
    next: Expression
    result: Segment


class For(Model):
    """Iterations in order. Two or more targets take the items of a tuple."""

    kind: Literal["for"]
    id: Segment
    items: Expression
    targets: list[Target] = Field(min_length=1)
    carried: list[Carried]
    body: list[Node]


class Map(Model):
    """A comprehension: iterations that may go side by side, and the list of what they yield, in order.

    An iteration that ends without `yield` adds nothing to the list.
    """

    kind: Literal["map"]
    id: Segment
    type: TypeText
    items: Expression
    targets: list[Target] = Field(min_length=1)
    body: list[Node]


class While(Model):
    """Rounds as long as the test is True; more than `limit` of them end the run.

    `limit` is evaluated once. `head` is computed before each test; its names are visible in the test only.
    """

    kind: Literal["while"]
    id: Segment
    limit: Expression
    carried: list[Carried]
    head: list[Node]
    test: Expression
    body: list[Node]


class Kept(Model):
    """A value that outlives a region of a `try` that is left early.

    `init` is its value when the `try` begins, each `keep` gives it another one, `id` names the present one
    within the regions, and `result` names the last one after the node.
    """

    id: Segment
    type: TypeText
    init: Expression
    result: Segment


class Handler(Model):
    """What is done about errors of these classes. `id` names the error within the body, a `Caught`."""

    errors: list[ErrorName] = Field(min_length=1)
    id: Segment
    body: list[Node]


class Try(Model):
    """A region whose errors are caught.

    An error of the body goes to the first handler that has its class. `otherwise` follows a body that
    has come to its end. `always` follows all of them, however they are left, and may itself end early, which
    then counts.
    """

    kind: Literal["try"]
    id: Segment
    kept: list[Kept]
    body: list[Node]
    handlers: list[Handler]
    otherwise: list[Node]
    always: list[Node]


class Keep(Model):
    """Gives a kept value of a `try` around this node its next value."""

    kind: Literal["keep"]
    name: Segment
    value: Expression


class Invoke(Model):
    """A call of another op as a part of this run, with an argument for each of its parameters."""

    kind: Literal["invoke"]
    id: Segment
    type: TypeText
    op: Segment
    args: list[Expression]


class Do(Model):
    """A change of a list or dict, in order with the other nodes."""

    kind: Literal["do"]
    id: Segment
    op: MutatingOperatorName
    args: list[Expression] = Field(min_length=1)


class Require(Model):
    """`assert test, message`: raises AssertionError when the test is False."""

    kind: Literal["require"]
    id: Segment
    test: Expression
    message: Expression


class Fail(Model):
    """`raise Fail(message)`."""

    kind: Literal["fail"]
    message: Expression


class Rethrow(Model):
    """Raises the error of a handler around this node again."""

    kind: Literal["rethrow"]
    error: Segment


class Break(Model):
    """Leaves the innermost `for` or `while`; `values` are the last ones of what it carries, in order.

    They are evaluated after every `always` on the way to the loop.
    """

    kind: Literal["break"]
    values: list[Expression]


class Continue(Model):
    """Ends a round of the innermost `for` or `while`; `values` are the next ones of what it carries.

    They are evaluated after every `always` on the way to the loop.
    """

    kind: Literal["continue"]
    values: list[Expression]


class Return(Model):
    """The result of the op or function; `None` is a literal."""

    kind: Literal["return"]
    value: Expression


class Yield(Model):
    """What one iteration of a `map` adds to its list; ends the iteration."""

    kind: Literal["yield"]
    value: Expression


Node = TypeAliasType(
    "Node",
    Annotated[
        Let
        | Effect
        | CallNode
        | Invoke
        | If
        | For
        | While
        | Map
        | Try
        | Keep
        | Do
        | Require
        | Fail
        | Rethrow
        | Break
        | Continue
        | Return
        | Yield,
        Field(discriminator="kind"),
    ],
)


for _model in (
    Let,
    Effect,
    CallNode,
    Invoke,
    IfResult,
    If,
    Target,
    Carried,
    For,
    While,
    Map,
    Kept,
    Handler,
    Try,
    Keep,
    Do,
    Require,
    Fail,
    Rethrow,
    Break,
    Continue,
    Return,
    Yield,
):
    _model.model_rebuild()
