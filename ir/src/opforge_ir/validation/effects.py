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
from opforge_ir.problems import JsonObject, Problems
from opforge_ir.types import Type, parse_type
from opforge_ir.validation.definitions import UNKNOWN, ContractSignature, Definitions, ShapeMismatch

if TYPE_CHECKING:
    from opforge_ir.validation.expressions import ExpressionChecker

__all__ = ["EffectChecker"]

_BY_SIGNATURE: Final = "*"
"""Stands in a verb for what the contract function says."""


@dataclass(frozen=True, slots=True)
class _VerbTypes:
    """A verb with its types parsed."""

    verb: Verb
    parameters: tuple[tuple[str, Type | None], ...]
    """Name and type; None for the arguments of a contract function."""
    result: Type | None
    is_contract_call: bool


def _parse(verb: Verb) -> _VerbTypes:
    parameters = tuple(
        (p.name, None if p.type == _BY_SIGNATURE else parse_type(p.type)) for p in verb.parameters
    )
    result = None if verb.result == _BY_SIGNATURE else parse_type(verb.result)
    return _VerbTypes(verb, parameters, result, result is None)


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
        signature: ContractSignature | None = None
        if spec.is_contract_call:
            signature = self._find_function(node)
        self._check_arguments(node, spec, signature)
        stated = self._definitions.types.get(node["type"]) or self._definitions.resolve(node)
        result = spec.result
        if result is None:
            result = signature.result if signature is not None else UNKNOWN
        if stated is not result:
            self._expressions.refuse_type(result, stated, node, "type")
        return stated

    def _check_arguments(
        self, node: JsonObject, spec: _VerbTypes, signature: ContractSignature | None
    ) -> None:
        args = node["args"]
        infer = self._expressions.infer
        by_signature = signature.arguments if signature is not None else UNKNOWN
        count = 0
        for name, wanted in spec.parameters:
            if name not in args:
                self._problems.add(
                    E_EFFECT_ARGUMENT_MISSING, node, "args", verb=spec.verb.name, argument=name
                )
                continue
            count += 1
            actual = infer(args[name])
            expected = by_signature if wanted is None else wanted
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
            elif each.values and value not in each.values:
                self._problems.add(
                    E_STATIC_VALUE,
                    static,
                    each.name,
                    verb=spec.verb.name,
                    argument=each.name,
                    found=str(value),
                    allowed=", ".join(each.values),
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
