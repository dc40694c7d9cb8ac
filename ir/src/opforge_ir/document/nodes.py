"""Nodes of the IR: the steps of a body, evaluated in order."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType

from opforge_ir.document.base import Model, MutatingOperatorName, Qualified, Segment, TypeText, VerbName
from opforge_ir.document.expressions import Expression

__all__ = [
    "CallNode",
    "Carried",
    "Do",
    "Effect",
    "Fail",
    "For",
    "If",
    "IfResult",
    "Let",
    "Map",
    "Node",
    "Require",
    "Return",
    "Target",
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
    """A value that a `for` hands from one iteration to the next.

    `id` names it within the body, `init` is its value before the first iteration, `next` is
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
        Let | Effect | CallNode | If | For | Map | Do | Require | Fail | Return | Yield,
        Field(discriminator="kind"),
    ],
)


for _model in (
    Let,
    Effect,
    CallNode,
    IfResult,
    If,
    Target,
    Carried,
    For,
    Map,
    Do,
    Require,
    Fail,
    Return,
    Yield,
):
    _model.model_rebuild()
