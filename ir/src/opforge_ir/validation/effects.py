"""Effects: the arguments, statics and result of a verb, as its one definition has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from opforge_ir.capabilities import VERBS, Verb
from opforge_ir.codes.document import (
    E_EFFECT_ARGUMENT_MISSING,
    E_EFFECT_ARGUMENT_UNKNOWN,
    E_STATIC_VALUE,
    E_UNKNOWN_CONTRACT,
    E_UNKNOWN_CONTRACT_FUNCTION,
)
from opforge_ir.codes.flow import E_UNKNOWN_OP
from opforge_ir.codes.waits import E_STATIC_NAME
from opforge_ir.excerpt import excerpt
from opforge_ir.ids import is_segment
from opforge_ir.problems import JsonObject, Problems
from opforge_ir.types import Type, parse_type, tuple_of
from opforge_ir.validation.definitions import (
    UNKNOWN,
    ContractSignature,
    Definitions,
    ShapeMismatch,
    Signature,
)

if TYPE_CHECKING:
    from opforge_ir.validation.expressions import ExpressionChecker

__all__ = ["EffectChecker"]

_BY_SIGNATURE: Final = "*"
"""Stands in a verb for what its signature says."""


@dataclass(frozen=True, slots=True)
class _VerbTypes:
    """A verb with its types parsed."""

    verb: Verb
    parameters: tuple[tuple[str, Type | None], ...]
    """Name and type; None for what the signature says."""
    result: Type | None


@dataclass(frozen=True, slots=True)
class _SignatureTypes:
    """What stands for `*` in a verb, where it is known."""

    argument: Type = UNKNOWN
    result: Type | None = UNKNOWN
    """None for any type."""


_NOT_KNOWN: Final = _SignatureTypes()


def _parse(verb: Verb) -> _VerbTypes:
    parameters = tuple(
        (p.name, None if p.type == _BY_SIGNATURE else parse_type(p.type)) for p in verb.parameters
    )
    result = None if verb.result == _BY_SIGNATURE else parse_type(verb.result)
    return _VerbTypes(verb, parameters, result)


_VERBS: Final[dict[str, _VerbTypes]] = {name: _parse(verb) for name, verb in VERBS.items()}


class EffectChecker:
    """Checks effect nodes; the arguments are inferred by the checker of the body they stand in."""

    def __init__(self, expressions: ExpressionChecker, definitions: Definitions, problems: Problems) -> None:
        self._expressions = expressions
        self._definitions = definitions
        self._problems = problems

    def check(self, node: JsonObject) -> Type:
        """Check one effect and return the type of its value."""
        if len(node) != 6:
            raise ShapeMismatch
        spec = _VERBS[node["verb"]]
        if type(node["static"]) is not dict or type(node["args"]) is not dict:
            raise ShapeMismatch
        if node["static"] or spec.verb.statics:
            self._check_statics(node, spec)
        signature = self._find_signature(node, spec)
        self._check_arguments(node, spec, signature)
        stated = self._definitions.types.get(node["type"]) or self._definitions.resolve(node)
        result = signature.result if spec.result is None else spec.result
        if result is not None and stated is not result:
            self._expressions.refuse_type(result, stated, node, "type")
        return stated

    def _find_signature(self, node: JsonObject, spec: _VerbTypes) -> _SignatureTypes:
        """What stands for `*`, after noting what is wrong with the statics that say it."""
        match spec.verb.signature:
            case "stated":
                return _NOT_KNOWN
            case "contract":
                function = self._find_function(node)
                return (
                    _NOT_KNOWN if function is None else _SignatureTypes(function.arguments, function.result)
                )
            case "op":
                op = self._find_op(node)
                return _NOT_KNOWN if op is None else _SignatureTypes(tuple_of(*op.parameters), op.result)
            case "any":
                static = node["static"]
                argument = self._definitions.resolve(static) if "type" in static else UNKNOWN
                return _SignatureTypes(argument, None)

    def _check_arguments(self, node: JsonObject, spec: _VerbTypes, signature: _SignatureTypes) -> None:
        args = node["args"]
        infer = self._expressions.infer
        count = 0
        for name, wanted in spec.parameters:
            if name not in args:
                self._problems.add(
                    E_EFFECT_ARGUMENT_MISSING, node, "args", verb=spec.verb.name, argument=name
                )
                continue
            count += 1
            actual = infer(args[name])
            expected = signature.argument if wanted is None else wanted
            if actual is not expected:
                self._expressions.refuse_type(expected, actual, args, name)
        if count != len(args):
            known = {name for name, _ in spec.parameters}
            for name in sorted(args.keys() - known):
                self._problems.add(E_EFFECT_ARGUMENT_UNKNOWN, args, name, verb=spec.verb.name, argument=name)
                infer(args[name])

    def _check_statics(self, node: JsonObject, spec: _VerbTypes) -> None:
        static = node["static"]
        for each in spec.verb.statics:
            value = static.get(each.name)
            if value is None:
                self._problems.add(
                    E_EFFECT_ARGUMENT_MISSING, node, "static", verb=spec.verb.name, argument=each.name
                )
            elif each.kind == "choice" and value not in each.values:
                self._problems.add(
                    E_STATIC_VALUE,
                    static,
                    each.name,
                    verb=spec.verb.name,
                    argument=each.name,
                    found=str(value),
                    allowed=", ".join(each.values),
                )
            elif each.kind == "name" and not (isinstance(value, str) and is_segment(value)):
                verb, found = spec.verb.name, excerpt(str(value))
                self._problems.add(
                    E_STATIC_NAME, static, each.name, verb=verb, argument=each.name, found=found
                )
        for name in sorted(static.keys() - {each.name for each in spec.verb.statics}):
            self._problems.add(E_EFFECT_ARGUMENT_UNKNOWN, static, name, verb=spec.verb.name, argument=name)

    def _find_function(self, node: JsonObject) -> ContractSignature | None:
        static = node["static"]
        contract, function = static.get("contract"), static.get("function")
        if contract is None or function is None:
            return None
        if contract not in self._definitions.contracts:
            self._problems.add(E_UNKNOWN_CONTRACT, static, "contract", contract=str(contract))
            return None
        functions = self._definitions.contracts[contract]
        if functions is None:
            return None
        self._definitions.used_contract_functions.add((contract, function))
        if function not in functions:
            self._problems.add(
                E_UNKNOWN_CONTRACT_FUNCTION, static, "function", contract=contract, function=str(function)
            )
        return functions.get(function)

    def _find_op(self, node: JsonObject) -> Signature | None:
        static = node["static"]
        op = static.get("op")
        if op is None:
            return None
        if op not in self._definitions.ops:
            self._problems.add(E_UNKNOWN_OP, static, "op", name=str(op))
        return self._definitions.ops.get(op)
