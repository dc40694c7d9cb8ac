"""Definitions of the IR that hold expressions or bodies, and the document itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from opforge_ir.document.base import Model, Qualified, Segment, TypeText
from opforge_ir.document.expressions import Expression
from opforge_ir.document.nodes import Node
from opforge_ir.document.parts import Contract, Enum, Grants, Networks, Policy, Record, Settings, Workload
from opforge_ir.document.triggers import Trigger
from opforge_ir.document.upgrade import upgrade_document

__all__ = [
    "Constant",
    "Document",
    "Function",
    "Op",
    "OpParameter",
    "Parameter",
]


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


class Op(Model):
    """An entry point: what an operator may run."""

    parameters: list[OpParameter]
    result: TypeText
    policy: Policy
    tags: list[Segment]
    triggers: list[Trigger] = Field(max_length=100)
    compensation: list[Segment] = Field(max_length=1)
    """The op that undoes what this one did, run with the same arguments when it fails or is cancelled."""
    body: list[Node]


class Document(Model):
    """A workload: the whole program as data."""

    artifact: Literal["workload"]
    ir_version: Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})$")]
    workload: Workload
    settings: Settings
    networks: Networks
    grants: Grants
    enums: dict[Qualified, Enum]
    records: dict[Qualified, Record]
    contracts: dict[Qualified, Contract]
    constants: dict[Qualified, Constant]
    functions: dict[Qualified, Function]
    ops: dict[Segment, Op]

    @model_validator(mode="before")
    @classmethod
    def _upgrade(cls, value: object) -> object:
        """Take a document of an earlier minor version too: artifacts of old runs are read by this model."""
        return upgrade_document(value)
