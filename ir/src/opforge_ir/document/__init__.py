"""The workload IR: pydantic models of the whole document, the source of `schema/workload-ir.schema.json`.

The models say the shape only. What the shape cannot say (names resolve, types fit, grants are
exactly what the program needs) is in `opforge_ir.validation`. Every value is explicit: no field has
a default, so a changed default of the front end changes no old digest. There is no null and no
JSON number except small bounded ones.

A body is structured SSA. A node's id is unique within its region and among the ids visible there;
it is also the name of the value that the node defines. A region ends by falling off its end, or by
`return`, `yield`, `fail`, `rethrow`, `break` or `continue`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from opforge_ir.document.base import Model
    from opforge_ir.document.definitions import Constant, Document, Function, Op, OpParameter, Parameter
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
        EnumOf,
        Expression,
        FieldOf,
        FieldValue,
        IsInstance,
        ListValue,
        LiteralValue,
        Narrow,
        RecordValue,
        Ref,
        SetValue,
        TupleValue,
        Widen,
    )
    from opforge_ir.document.nodes import (
        Break,
        CallNode,
        Carried,
        Continue,
        Do,
        Effect,
        Fail,
        For,
        Handler,
        If,
        IfResult,
        Invoke,
        Keep,
        Kept,
        Let,
        Map,
        Node,
        Require,
        Rethrow,
        Return,
        Target,
        Try,
        While,
        Yield,
    )
    from opforge_ir.document.parts import (
        MAX_CHAIN_ID,
        Backoff,
        CallGrant,
        ChainGrant,
        Contract,
        ContractFunction,
        ContractParameter,
        Enum,
        EnumMember,
        Grants,
        Policy,
        Record,
        RecordField,
        Settings,
        Workload,
    )
    from opforge_ir.document.triggers import (
        BlockTrigger,
        CronTrigger,
        EventInput,
        LogTrigger,
        ManualTrigger,
        MessageTrigger,
        Trigger,
    )
    from opforge_ir.document.upgrade import IR_VERSION, upgrade_document

__all__ = [
    "IR_VERSION",
    "MAX_CHAIN_ID",
    "AllOf",
    "AnyOf",
    "Apply",
    "Backoff",
    "BlockTrigger",
    "Break",
    "CallGrant",
    "CallNode",
    "CallValue",
    "Carried",
    "ChainGrant",
    "Conditional",
    "Const",
    "Constant",
    "Continue",
    "Contract",
    "ContractFunction",
    "ContractParameter",
    "CronTrigger",
    "Decode",
    "DictEntry",
    "DictValue",
    "Do",
    "Document",
    "Effect",
    "Enum",
    "EnumMember",
    "EnumOf",
    "EventInput",
    "Expression",
    "Fail",
    "FieldOf",
    "FieldValue",
    "For",
    "Function",
    "Grants",
    "Handler",
    "If",
    "IfResult",
    "Invoke",
    "IsInstance",
    "Keep",
    "Kept",
    "Let",
    "ListValue",
    "LiteralValue",
    "LogTrigger",
    "ManualTrigger",
    "Map",
    "MessageTrigger",
    "Model",
    "Narrow",
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
    "Rethrow",
    "Return",
    "SetValue",
    "Settings",
    "Target",
    "Trigger",
    "Try",
    "TupleValue",
    "While",
    "Widen",
    "Workload",
    "Yield",
    "upgrade_document",
]

_MODULES: Final = ("upgrade", "base", "parts", "triggers", "expressions", "nodes", "definitions")
"""The modules of the models, those that take long to import last."""


def __getattr__(name: str) -> Any:
    """A name of this package, from the first module that has it.

    The models of expressions and nodes take longer to build than a program takes to compile, without them.
    """
    for part in _MODULES if name in __all__ else ():
        module = import_module(f"{__name__}.{part}")
        if name in module.__all__:
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
