"""The workload IR: pydantic models of the whole document, the source of `schema/workload-ir.schema.json`.

The models say the shape only. What the shape cannot say (names resolve, types fit, grants are
exactly what the program needs) is in `opforge_ir.validation`. Every value is explicit: no field has
a default, so a changed default of the front end changes no old digest. There is no null and no
JSON number except small bounded ones.

A body is structured SSA. A node's id is unique within its region and among the ids visible there;
it is also the name of the value that the node defines. A region ends by falling off its end, or by
`return`, `yield` or `fail`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from typing_extensions import TypeAliasType

from opforge_ir.capabilities import VERBS
from opforge_ir.ids import QUALIFIED_PATTERN, SEGMENT_PATTERN
from opforge_ir.operators import OPERATORS
from opforge_ir.types import TYPE_PATTERN

__all__ = [
    "IR_VERSION",
    "MAX_CHAIN_ID",
    "AllOf",
    "AnyOf",
    "Apply",
    "CallGrant",
    "CallNode",
    "CallValue",
    "Carried",
    "ChainGrant",
    "Conditional",
    "Const",
    "Constant",
    "Contract",
    "ContractFunction",
    "ContractParameter",
    "Decode",
    "DictEntry",
    "DictValue",
    "Do",
    "Document",
    "Effect",
    "Expression",
    "Fail",
    "FieldOf",
    "FieldValue",
    "For",
    "Function",
    "Grants",
    "If",
    "IfResult",
    "Let",
    "ListValue",
    "LiteralValue",
    "Map",
    "Model",
    "Node",
    "Op",
    "OpParameter",
    "Parameter",
    "Policy",
    "Record",
    "RecordField",
    "RecordValue",
    "Ref",
    "Require",
    "Return",
    "Settings",
    "Target",
    "TupleValue",
    "Workload",
    "Yield",
]

IR_VERSION = "0.1"
MAX_CHAIN_ID = 2**53 - 1

Segment = Annotated[str, StringConstraints(pattern=SEGMENT_PATTERN, max_length=63)]
Qualified = Annotated[str, StringConstraints(pattern=QUALIFIED_PATTERN, max_length=1023)]
TypeText = Annotated[str, StringConstraints(pattern=TYPE_PATTERN, max_length=511)]
Selector = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-f]{8}$")]
ContractAddress = Annotated[str, StringConstraints(pattern=r"^(0x[0-9a-f]{40}|any)$")]
AbiType = Annotated[str, StringConstraints(pattern=r"^[a-z]+[0-9]{0,3}(\[[0-9]{0,4}\]){0,4}$", max_length=40)]
Host = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$")]
if TYPE_CHECKING:  # checkers cannot read a Literal that is computed from a table
    OperatorName = str
    MutatingOperatorName = str
    VerbName = str
else:
    OperatorName = TypeAliasType(
        "OperatorName", Literal[tuple(name for name, o in OPERATORS.items() if not o.is_mutating)]
    )
    MutatingOperatorName = TypeAliasType(
        "MutatingOperatorName", Literal[tuple(name for name, o in OPERATORS.items() if o.is_mutating)]
    )
    VerbName = TypeAliasType("VerbName", Literal[tuple(VERBS)])


class Model(BaseModel):
    """What all models of the contract share: unknown fields are refused, nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


# --- expressions: pure, evaluated from left to right -------------------------------------------


class Ref(Model):
    """The value that a node, target or parameter defines."""

    kind: Literal["ref"]
    name: Segment


class Const(Model):
    """A constant of the document."""

    kind: Literal["const"]
    name: Qualified


class LiteralValue(Model):
    """A scalar: `int` and `Decimal` in decimal digits, `bytes` and `Address` as lower-case 0x hex,
    `bool` as `true` or `false`, `None` as `None` (for an Optional, `type` is that Optional).
    """

    kind: Literal["lit"]
    type: TypeText
    value: str


class Apply(Model):
    """A pure operator applied to its arguments."""

    kind: Literal["apply"]
    op: OperatorName
    args: list[Expression]


class CallValue(Model):
    """A call of a function that has no effects."""

    kind: Literal["call"]
    function: Qualified
    args: list[Expression]


class FieldValue(Model):
    """One field of a record that is being made."""

    name: Segment
    value: Expression


class RecordValue(Model):
    """A new record; the fields stand in the order in which they are evaluated."""

    kind: Literal["record"]
    record: Qualified
    fields: list[FieldValue]


class ListValue(Model):
    """A new list."""

    kind: Literal["list"]
    type: TypeText
    items: list[Expression]


class TupleValue(Model):
    """A new tuple."""

    kind: Literal["tuple"]
    items: list[Expression]


class DictEntry(Model):
    """One entry of a dict that is being made."""

    key: Expression
    value: Expression


class DictValue(Model):
    """A new dict; entries in order, a later equal key replaces the value of an earlier one."""

    kind: Literal["dict"]
    type: TypeText
    entries: list[DictEntry]


class FieldOf(Model):
    """A field of a record by name, or an item of a tuple by its decimal index."""

    kind: Literal["field"]
    of: Expression
    name: Annotated[str, StringConstraints(pattern=r"^([A-Za-z_][A-Za-z0-9_-]{0,62}|0|[1-9][0-9]{0,2})$")]


class Conditional(Model):
    """`then if test else otherwise`: only the chosen side is evaluated."""

    kind: Literal["cond"]
    test: Expression
    then: Expression
    otherwise: Expression


class AllOf(Model):
    """`a and b and …` on bool: stops at the first False."""

    kind: Literal["and"]
    args: list[Expression]


class AnyOf(Model):
    """`a or b or …` on bool: stops at the first True."""

    kind: Literal["or"]
    args: list[Expression]


class Decode(Model):
    """JSON text read as a value of a type; raises `DecodeError` when it does not fit."""

    kind: Literal["decode"]
    type: TypeText
    value: Expression


Expression = TypeAliasType(
    "Expression",
    Annotated[
        Ref
        | Const
        | LiteralValue
        | Apply
        | CallValue
        | RecordValue
        | ListValue
        | TupleValue
        | DictValue
        | FieldOf
        | Conditional
        | AllOf
        | AnyOf
        | Decode,
        Field(discriminator="kind"),
    ],
)


# --- nodes: evaluated in order ------------------------------------------------------------------


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


# --- definitions --------------------------------------------------------------------------------


class RecordField(Model):
    """One field of a record."""

    name: Segment
    type: TypeText


class Record(Model):
    """A record type: named fields in order."""

    fields: list[RecordField]


class ContractParameter(Model):
    """One argument or result of a contract function: its ABI type beside the language's."""

    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
    abi: AbiType
    type: TypeText


class ContractFunction(Model):
    """A view function of a contract (Solidity ABI specification)."""

    selector: Selector
    inputs: list[ContractParameter]
    outputs: list[ContractParameter] = Field(max_length=1)


class Contract(Model):
    """The parts of a contract's ABI that the program uses."""

    functions: dict[Segment, ContractFunction]


class Constant(Model):
    """A named constant; its value holds literals, lists, tuples, dicts and records only."""

    type: TypeText
    value: Expression


class Parameter(Model):
    """A parameter of a function."""

    name: Segment
    type: TypeText


class Function(Model):
    """A helper. It may have effects; then it is called by a `call` node."""

    parameters: list[Parameter]
    result: TypeText
    body: list[Node]


class OpParameter(Model):
    """A parameter of an op; `default` holds one constant expression when the caller may leave it out."""

    name: Segment
    type: TypeText
    default: list[Expression] = Field(max_length=1)


class Policy(Model):
    """How the runtime treats the op's effects."""

    retries: int = Field(ge=0, le=100)
    """Further attempts of a read that failed."""
    timeout_ms: int = Field(ge=0, le=31_536_000_000)
    """The longest the run may take, in milliseconds; 0 for no limit."""


class Op(Model):
    """An entry point: what an operator may run."""

    parameters: list[OpParameter]
    result: TypeText
    policy: Policy
    tags: list[Segment]
    body: list[Node]


class CallGrant(Model):
    """The functions of one contract that may be called, as selector and signature."""

    functions: dict[Selector, str]


class ChainGrant(Model):
    """What may be read of one network. In `calls`, `any` stands for an address known only at run time."""

    reads: list[VerbName]
    calls: dict[ContractAddress, CallGrant]


class Grants(Model):
    """Everything the program may ask of the outside: inferred, minimal, and checked."""

    chain: dict[Segment, ChainGrant]
    http: dict[Host, list[VerbName]]
    ambient: list[Literal["log", "random", "time"]]


class Workload(Model):
    """Whose program this is."""

    id: Segment
    version: Annotated[
        str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9}){0,3}(-[0-9A-Za-z.-]{1,40})?$")
    ]


class Settings(Model):
    """Rules of arithmetic that the whole program is computed under."""

    decimal_precision: int = Field(ge=1, le=10_000)


class Document(Model):
    """A workload: the whole program as data."""

    artifact: Literal["workload"]
    ir_version: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})$")]
    workload: Workload
    settings: Settings
    networks: dict[Segment, Annotated[int, Field(ge=1, le=MAX_CHAIN_ID)]]
    grants: Grants
    records: dict[Qualified, Record]
    contracts: dict[Qualified, Contract]
    constants: dict[Qualified, Constant]
    functions: dict[Qualified, Function]
    ops: dict[Segment, Op]


for _model in Model.__subclasses__():
    _model.model_rebuild()
