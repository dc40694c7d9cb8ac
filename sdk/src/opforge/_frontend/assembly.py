"""From a checked program to its document: what the ops use, under the names that they have in the IR."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from opforge import _ir
from opforge._frontend.check import CheckedProgram
from opforge._frontend.liveness import ends
from opforge._frontend.lower_expressions import lower
from opforge._frontend.lower_patterns import build_none
from opforge._frontend.lower_requests import get_network
from opforge._frontend.lower_statements import lower_block
from opforge._frontend.lowering_context import Env, Lowering, Places, find_effectful
from opforge._frontend.region import Region
from opforge._frontend.spelling import Spelling
from opforge._frontend.symbols import (
    ConstantDecl,
    ContractDecl,
    ContractParameterDecl,
    Declaration,
    EnumDecl,
    FunctionDecl,
    RecordDecl,
    TriggerDecl,
)
from opforge._frontend.tree import Request
from opforge._frontend.walk import walk
from opforge_ir.document import IR_VERSION
from opforge_ir.selector import function_selector
from opforge_ir.types import INT

__all__ = ["Assembly"]


class Assembly:
    """Builds one document."""

    def __init__(self, checked: CheckedProgram, changing: frozenset[str]) -> None:
        """`changing` are the keys of functions that change what they are given; nodes call them."""
        self._checked = checked
        self._declarations: dict[str, Declaration] = {
            declaration.key: declaration
            for declaration in (
                *checked.functions,
                *checked.enums,
                *checked.records,
                *checked.contracts,
                *checked.constants,
            )
        }
        self._spelling = Spelling(_build_names(self._declarations.values()))
        self._effectful = find_effectful(checked.functions) | changing
        self.places = Places()
        self.docs: dict[str, str] = {}
        """Docstrings by pointer into the document."""

    def build_document(self) -> _ir.Document:
        """The document, with every network that may be named and without grants."""
        checked = self._checked
        document = _ir.Document(
            artifact="workload",
            ir_version=IR_VERSION,
            workload=_ir.Workload(id=checked.workload_id, version=checked.workload_version),
            settings=_ir.Settings(decimal_precision=checked.program.decimal_precision),
            networks=dict(checked.program.networks),
            grants=_ir.Grants(chain={}, http={}, ambient=[]),
            enums={},
            records={},
            contracts={},
            constants={},
            functions={},
            ops={},
        )
        for op in checked.ops:
            self._spelling.name(op)
        done: set[str] = set()
        while waiting := [key for key in self._spelling.used if key not in done]:
            for key in waiting:
                done.add(key)
                self._add(document, self._declarations[key])
        for key in done:
            declaration = self._declarations[key]
            if isinstance(declaration, ContractDecl):
                document["contracts"][self._spelling.name(declaration)] = self._contract(declaration)
        return document

    def _add(self, document: _ir.Document, declaration: Declaration) -> None:
        name = self._spelling.name(declaration)
        match declaration:
            case FunctionDecl() if declaration.is_op:
                self._document(f"/ops/{name}", declaration.doc)
                document["ops"][name] = self._op(declaration)
            case FunctionDecl():
                self._document(f"/functions/{name}", declaration.doc)
                document["functions"][name] = self._function(declaration)
            case EnumDecl():
                self._document(f"/enums/{name}", declaration.doc)
                document["enums"][name] = self._enum(declaration)
            case RecordDecl():
                self._document(f"/records/{name}", declaration.doc)
                document["records"][name] = self._record(declaration)
            case ConstantDecl():
                document["constants"][name] = self._constant(declaration)
            case ContractDecl():
                self._document(f"/contracts/{name}", declaration.doc)
            case _:
                raise AssertionError(f"{declaration.key} is no definition of a document")

    def _document(self, pointer: str, doc: str | None) -> None:
        if doc:
            self.docs[pointer] = doc

    def _place(self, made: object, declaration: Declaration) -> None:
        self.places.put(made, declaration.module.span_of(declaration.node))

    def _lowering(self, function: FunctionDecl | None = None) -> Lowering:
        most = 0 if function is None else self._checked.iterations[function.key]
        return Lowering(self._spelling, self._effectful, self.places, max_iterations=most)

    def _op(self, op: FunctionDecl) -> _ir.Op:
        assert op.policy is not None
        work, region, nowhere = self._lowering(op), Region(), Region()
        parameters = [
            _ir.OpParameter(
                name=region.claim(parameter.name),
                type=self._spelling.type(parameter.type),
                default=[]
                if parameter.default is None
                else [lower(work, parameter.default, nowhere, {}, parameter.name)],
            )
            for parameter in op.parameters
        ]
        self._pin(work, op, region)
        made = _ir.Op(
            parameters=parameters,
            result=self._spelling.type(op.result),
            policy=_ir.Policy(
                retries=op.policy.retries,
                backoff=_ir.Backoff(
                    kind=op.policy.backoff.kind,
                    first_ms=op.policy.backoff.first_ms,
                    cap_ms=op.policy.backoff.cap_ms,
                    jitter="full" if op.policy.backoff.has_jitter else "none",
                ),
                attempt_timeout_ms=op.policy.attempt_timeout_ms,
                timeout_ms=op.policy.timeout_ms,
                concurrency=op.policy.concurrency,
            ),
            tags=list(op.policy.tags),
            triggers=[self._trigger(op, trigger) for trigger in op.triggers],
            compensation=[self._spelling.name(each) for each in [op.policy.compensation] if each is not None],
            body=self._body(work, op, region),
        )
        self._place(made, op)
        return made

    def _trigger(self, op: FunctionDecl, trigger: TriggerDecl) -> Any:
        self.places.put(trigger.members, op.module.span_of(trigger.node))
        return trigger.members

    def _function(self, function: FunctionDecl) -> _ir.Function:
        region = Region()
        parameters = [
            _ir.Parameter(name=region.claim(p.name), type=self._spelling.type(p.type))
            for p in function.parameters
        ]
        made = _ir.Function(
            parameters=parameters,
            result=self._spelling.type(function.result),
            body=self._body(self._lowering(function), function, region),
        )
        self._place(made, function)
        return made

    def _body(self, work: Lowering, function: FunctionDecl, region: Region) -> list[_ir.Node]:
        env: Env = {p.name: (_ir.Ref(kind="ref", name=p.name), p.type) for p in function.parameters}
        lower_block(work, function.body, region, env, frozenset())
        if not ends(function.body):
            value = build_none(self._spelling.type(function.result))
            region.nodes.append(_ir.Return(kind="return", value=value))
        return region.nodes

    def _pin(self, work: Lowering, op: FunctionDecl, region: Region) -> None:
        """Name the block, for each network, of the reads that do not say where they are made (ADR 0012)."""
        requests = [part for statement in op.body for part in walk(statement) if isinstance(part, Request)]
        unpinned = [r for r in requests if r.verb in ("chain.balance", "chain.call") and "at" not in r.args]
        for request in sorted(unpinned, key=lambda r: (r.span.line, r.span.column)):
            network = get_network(request)
            if network in work.pins:
                continue
            node = _ir.Effect(
                kind="effect",
                id=region.claim(f"block-{network}"),
                verb="chain.block",
                type="Block",
                static={"tag": "latest"},
                args={"network": _ir.LiteralValue(kind="lit", type="str", value=network)},
            )
            self.places.put(node, request.span)
            region.nodes.append(node)
            work.pins[network] = _ir.Ref(kind="ref", name=node["id"])

    def _enum(self, enum: EnumDecl) -> _ir.Enum:
        members = [_ir.EnumMember(name=name, value=str(value)) for name, value in enum.values.items()]
        made = _ir.Enum(type="int" if enum.value_type is INT else "str", members=members)
        self._place(made, enum)
        return made

    def _record(self, record: RecordDecl) -> _ir.Record:
        fields = [_ir.RecordField(name=f.name, type=self._spelling.type(f.type)) for f in record.fields]
        made = _ir.Record(fields=fields)
        self._place(made, record)
        return made

    def _constant(self, constant: ConstantDecl) -> _ir.Constant:
        assert constant.literal is not None
        value = lower(self._lowering(), constant.literal, Region(), {}, constant.name)
        made = _ir.Constant(type=self._spelling.type(constant.type), value=value)
        self._place(made, constant)
        return made

    def _contract(self, contract: ContractDecl) -> _ir.Contract:
        functions: dict[str, _ir.ContractFunction] = {}
        for key, name in self._spelling.used_functions:
            if key != contract.key:
                continue
            function = contract.functions[name]
            signature = f"{name}({','.join(parameter.abi for parameter in function.inputs)})"
            functions[name] = _ir.ContractFunction(
                selector=function_selector(signature),
                inputs=[self._contract_parameter(parameter) for parameter in function.inputs],
                outputs=[] if function.output is None else [self._contract_parameter(function.output)],
            )
        made = _ir.Contract(functions=functions)
        self._place(made, contract)
        return made

    def _contract_parameter(self, parameter: ContractParameterDecl) -> _ir.ContractParameter:
        return _ir.ContractParameter(
            name=parameter.name, abi=parameter.abi, type=self._spelling.type(parameter.type)
        )


def _build_names(declarations: Iterable[Declaration]) -> dict[str, str]:
    """A name for each definition: its own where no other file has one of that name, else with its file's.

    The name of an op has no dots, since state ids do; nor has that of a function whose file is called like
    another function, since the states of both could have one id.
    """
    everything = list(declarations)
    count = Counter(declaration.name for declaration in everything)
    names: dict[str, str] = {}
    for each in everything:
        is_unique = each.module.is_entry or count[each.name] == 1
        name = each.name if is_unique else f"{each.module.name}.{each.name}"
        is_op = isinstance(each, FunctionDecl) and each.is_op
        names[each.key] = name.replace(".", "-") if is_op else name
    functions = {each.key for each in everything if isinstance(each, FunctionDecl)}
    taken = {names[key] for key in functions}
    for key in functions:
        parts = names[key].split(".")
        if any(".".join(parts[:count]) in taken for count in range(1, len(parts))):
            names[key] = "-".join(parts)
    return names
