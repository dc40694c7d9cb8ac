"""A whole document as text: what it may do first, then its types, constants, functions and ops."""

from __future__ import annotations

import json
from collections.abc import Iterable

from opforge_compiler.text.expression import render_expression
from opforge_compiler.text.node import INDENT, render_body
from opforge_compiler.text.trigger import render_trigger
from opforge_ir.decimal_context import DEFAULT_PRECISION
from opforge_ir.document import Backoff, Contract, Document, Enum, Function, Grants, Op, OpParameter

__all__ = ["render_text"]


def render_text(document: Document) -> str:
    """The document as lines of text with a final line end."""
    blocks = [
        _head(document),
        _grants(document),
        *(_enum(name, enum) for name, enum in sorted(document.enums.items())),
        *(
            _record(name, [(f.name, f.type) for f in r.fields])
            for name, r in sorted(document.records.items())
        ),
        *(_contract(name, contract) for name, contract in sorted(document.contracts.items())),
        _constants(document),
        *(_function(name, function) for name, function in sorted(document.functions.items())),
        *(_op(name, op) for name, op in sorted(document.ops.items())),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _head(document: Document) -> list[str]:
    head = f"workload {document.workload.id} {document.workload.version}  # IR {document.ir_version}"
    precision = document.settings.decimal_precision
    return [head] if precision == DEFAULT_PRECISION else [head, f"Decimal has {precision} digits"]


def _grants(document: Document) -> list[str]:
    grants = document.grants
    lines = [line for name in sorted(grants.chain) for line in _chain_grant(name, document)]
    lines += [f"may {verb} {host}" for host, verbs in sorted(grants.http.items()) for verb in sorted(verbs)]
    lines += _ambient(grants)
    return lines or ["may do nothing outside"]


def _chain_grant(network: str, document: Document) -> Iterable[str]:
    grant = document.grants.chain[network]
    where = f"on {network} (chain id {document.networks.get(network, 'unknown')})"
    yield from (f"may {verb} {where}" for verb in sorted(grant.reads))
    for address, call in sorted(grant.calls.items()):
        target = "any contract" if address == "any" else address
        for selector, signature in sorted(call.functions.items()):
            yield f"may call {signature} [{selector}] of {target} {where}"


def _ambient(grants: Grants) -> list[str]:
    return [f"may use {name}" for name in sorted(grants.ambient)]


def _record(name: str, fields: list[tuple[str, str]]) -> list[str]:
    return [f"record {name}:", *(f"{INDENT}{field}: {kind}" for field, kind in fields or [("pass", "")])]


def _enum(name: str, enum: Enum) -> list[str]:
    is_text = enum.type == "str"
    members = [f"{e.name} = {json.dumps(e.value) if is_text else e.value}" for e in enum.members]
    return [f"enum {name}({enum.type}):", *(INDENT + member for member in members)]


def _contract(name: str, contract: Contract) -> list[str]:
    lines = [f"contract {name}:"]
    for function, shape in sorted(contract.functions.items()):
        parameters = ", ".join(f"{p.name}: {p.type}" for p in shape.inputs)
        result = shape.outputs[0].type if shape.outputs else "None"
        signature = f"{function}({','.join(p.abi for p in shape.inputs)})"
        lines.append(f"{INDENT}{function}({parameters}) -> {result}  # {signature} {shape.selector}")
    return lines


def _constants(document: Document) -> list[str]:
    return [f"{n}: {c.type} = {render_expression(c.value)}" for n, c in sorted(document.constants.items())]


def _function(name: str, function: Function) -> list[str]:
    parameters = ", ".join(f"{p.name}: {p.type}" for p in function.parameters)
    return [f"def {name}({parameters}) -> {function.result}:", *render_body(function.body, 1)]


def _op(name: str, op: Op) -> list[str]:
    parameters = ", ".join(_op_parameter(p) for p in op.parameters)
    head = f"op {name}({parameters}) -> {op.result}:  # {', '.join(_policy(op))}"
    return [*(render_trigger(trigger) for trigger in op.triggers), head, *render_body(op.body, 1)]


def _policy(op: Op) -> Iterable[str]:
    policy = op.policy
    yield f"retries {policy.retries}{_backoff(policy.backoff) if policy.retries else ''}"
    yield f"timeout {policy.timeout_ms} ms" if policy.timeout_ms else "timeout none"
    if policy.attempt_timeout_ms:
        yield f"at most {policy.attempt_timeout_ms} ms for an attempt"
    if policy.concurrency:
        yield f"at most {policy.concurrency} requests at once"
    if op.tags:
        yield f"tags {' '.join(op.tags)}"
    yield from (f"undone by {undoing}" for undoing in op.compensation)


def _backoff(backoff: Backoff) -> str:
    longest = f" up to {backoff.cap_ms} ms" if backoff.kind == "exponential" else ""
    jitter = "full" if backoff.jitter == "full" else "no"
    return f" ({backoff.kind} from {backoff.first_ms} ms{longest}, {jitter} jitter)"


def _op_parameter(parameter: OpParameter) -> str:
    default = "".join(f" = {render_expression(value)}" for value in parameter.default)
    return f"{parameter.name}: {parameter.type}{default}"
