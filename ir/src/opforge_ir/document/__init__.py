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

from opforge_ir.document.base import Model
from opforge_ir.document.definitions import (
    MAX_CHAIN_ID,
    CallGrant,
    ChainGrant,
    Constant,
    Contract,
    ContractFunction,
    ContractParameter,
    Document,
    Function,
    Grants,
    Op,
    OpParameter,
    Parameter,
    Policy,
    Record,
    RecordField,
    Settings,
    Workload,
)
from opforge_ir.document.expressions import (
    AllOf,
    AnyOf,
    Apply,
    CallValue,
    Conditional,
    Const,
    Decode,
    DictEntry,
    DictValue,
    Expression,
    FieldOf,
    FieldValue,
    ListValue,
    LiteralValue,
    RecordValue,
    Ref,
    TupleValue,
)
from opforge_ir.document.nodes import (
    CallNode,
    Carried,
    Do,
    Effect,
    Fail,
    For,
    If,
    IfResult,
    Let,
    Map,
    Node,
    Require,
    Return,
    Target,
    Yield,
)
from opforge_ir.document.upgrade import IR_VERSION, upgrade_document

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
    "upgrade_document",
]
