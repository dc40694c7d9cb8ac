"""The types of expressions, inferred from the leaves up.

The methods read the JSON objects themselves. Nothing is looked at twice: looking up a name in the scope shows
that it is a name, looking up an operator that there is one. What such a look-up would let pass (a
member too many, a text in place of a list) is checked beside it, and raises ShapeMismatch. Together a
run without a problem shows that the models accept the expression; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from opforge_ir.codes.document import (
    E_ARGUMENT_COUNT,
    E_BAD_LITERAL,
    E_DICT_KEY_TYPE,
    E_DUPLICATE_MEMBER,
    E_LITERAL_TYPE,
    E_OPERATOR_ARGUMENTS,
    E_RECORD_FIELD_MISSING,
    E_REF_WITHOUT_VALUE,
    E_STRING_NOT_NORMALIZED,
    E_TYPE_CONFLICT,
    E_TYPE_TOO_LONG,
    E_UNKNOWN_CONSTANT,
    E_UNKNOWN_FUNCTION,
    E_UNKNOWN_MEMBER,
    E_UNKNOWN_RECORD,
    E_UNKNOWN_REF,
)
from opforge_ir.codes.types import E_UNKNOWN_ENUM
from opforge_ir.operators import OPERATORS, Operator, resolve_operator
from opforge_ir.problems import JsonArray, JsonObject, Problems
from opforge_ir.types import (
    BOOL,
    MAX_TYPE_LENGTH,
    NONE,
    SCALARS,
    STR,
    Type,
    named,
    parse_type,
    tuple_of,
)
from opforge_ir.validation.definitions import UNKNOWN, Definitions, ShapeMismatch, Signature, is_known
from opforge_ir.validation.literals import PLAIN_LITERALS, is_canonical_text

__all__ = ["NO_VALUE", "ExpressionChecker"]


class _NoValue(Type):
    """Not a type: false, so that a name without a value is as little found as one that nothing defines."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return False


NO_VALUE: Final = _NoValue("", (), "")
"""What the scope holds for the id of a node that defines no value."""

_ENUM_PARTS: Final = frozenset({"value", "name", "from_value", "from_name"})


class ExpressionChecker:
    """Infers the types of expressions in a scope that changes from node to node."""

    def __init__(self, definitions: Definitions, problems: Problems) -> None:
        self._definitions = definitions
        self._problems = problems
        self._types = definitions.types
        self._applied: dict[tuple[str, tuple[Type, ...]], Type] = {}
        self.scope: dict[str, Type] = {}
        """The ids that are visible, with the types of their values."""
        self.value_calls: list[JsonObject] = []
        """The calls that stand in expressions, where only pure functions may be called."""

    def infer(self, expression: JsonObject) -> Type:
        """The type of the expression; UNKNOWN after noting a problem that hides it."""
        kind = expression["kind"]
        if kind == "ref":
            found = self.scope.get(expression["name"])
            return found if found and len(expression) == 2 else self._refuse_ref(expression)
        return self._by_kind[kind](self, expression)

    def infer_all(self, expressions: JsonArray) -> tuple[Type, ...]:
        """The types of a list of expressions."""
        if type(expressions) is not list:
            raise ShapeMismatch
        # This is `infer`, without a call for each name; a name that is not found goes through it again.
        get, by_kind = self.scope.get, self._by_kind
        return tuple(
            [
                (get(each["name"]) or self.infer(each))
                if (kind := each["kind"]) == "ref" and len(each) == 2
                else by_kind[kind](self, each)
                for each in expressions
            ]
        )

    def expect(self, wanted: Type, container: JsonObject, key: str) -> None:
        """Check that the expression in the member `key` has this type."""
        actual = self.infer(container[key])
        if actual is not wanted:
            self.refuse_type(wanted, actual, container, key)

    def expect_all(self, wanted: tuple[Type, ...], container: JsonObject, key: str, *, callee: str) -> None:
        """Check the list of arguments in the member `key` against parameter types."""
        actual = self.infer_all(container[key])
        if actual == wanted:
            return
        if len(actual) != len(wanted):
            self._problems.add(
                E_ARGUMENT_COUNT, container, key, callee=callee, expected=len(wanted), actual=len(actual)
            )
            return
        for index, (need, have) in enumerate(zip(wanted, actual, strict=True)):
            if have is not need:
                self.refuse_type(need, have, container, key, index)

    def refuse_type(self, wanted: Type, actual: Type, container: JsonObject, *tail: str | int) -> None:
        """Note that a type is not the one that is needed, unless a problem hides one of the two."""
        if is_known(wanted, actual):
            self._problems.add(E_TYPE_CONFLICT, container, *tail, expected=wanted.text, actual=actual.text)

    def _refuse_ref(self, expression: JsonObject) -> Type:
        name = expression["name"]
        if type(name) is not str or len(expression) != 2:
            raise ShapeMismatch
        code = E_REF_WITHOUT_VALUE if name in self.scope else E_UNKNOWN_REF
        self._problems.add(code, expression, name=name)
        return UNKNOWN

    def _const(self, expression: JsonObject) -> Type:
        name = expression["name"]
        if len(expression) != 2:
            raise ShapeMismatch
        found = self._definitions.constants.get(name)
        if found is None:
            self._problems.add(E_UNKNOWN_CONSTANT, expression, name=str(name))
            return UNKNOWN
        self._definitions.used_constants.add(name)
        return found

    def _lit(self, expression: JsonObject) -> Type:
        text = expression["type"]
        value = expression["value"]
        if type(value) is not str or len(expression) != 3:
            raise ShapeMismatch
        plain = PLAIN_LITERALS.get(text)
        if plain is not None:
            scalar, is_right = plain
            if not is_right(value):
                self._problems.add(E_BAD_LITERAL, expression, "value", found=value, type=text)
            return scalar
        if text == "str":
            if not is_canonical_text(value):
                self._problems.add(E_STRING_NOT_NORMALIZED, expression, "value", found=value)
            return STR
        stated = self._definitions.resolve(expression)
        if stated.is_optional:
            if value != "None":
                self._problems.add(E_BAD_LITERAL, expression, "value", found=value, type=stated.text)
        elif stated.head in self._definitions.enums:
            table = self._definitions.enums[stated.head]
            if table is not None and value not in table.names.values():
                self._problems.add(E_BAD_LITERAL, expression, "value", found=value, type=stated.text)
        elif stated is not UNKNOWN:
            self._problems.add(E_LITERAL_TYPE, expression, "type", type=stated.text)
        return stated

    def _apply(self, expression: JsonObject) -> Type:
        if len(expression) != 3:
            raise ShapeMismatch
        types = self.infer_all(expression["args"])
        applied = (expression["op"], types)
        found = self._applied.get(applied)
        if found is None:
            if OPERATORS[applied[0]].is_mutating:
                raise ShapeMismatch
            found = self.apply_operator(expression, types)
            if found is not UNKNOWN:
                self._applied[applied] = found
        return found

    def _is_short(self, length: int, parts: tuple[Type, ...], container: JsonObject, key: str) -> bool:
        """Whether a type of so many characters can be stated; if not, that is noted."""
        if length > MAX_TYPE_LENGTH and is_known(*parts):
            self._problems.add(E_TYPE_TOO_LONG, container, key, length=length, limit=MAX_TYPE_LENGTH)
        return length <= MAX_TYPE_LENGTH

    def apply_operator(self, container: JsonObject, types: tuple[Type, ...]) -> Type:
        """The result type of the operator `op` of an `apply` or `do` for arguments of these types."""
        operator = OPERATORS[container["op"]]
        found = resolve_operator(operator.name, types)
        if operator.name == "optional.some" and found in (NONE, *types):
            found = None
        if found is None:
            if is_known(*types):
                self._problems.add(
                    E_OPERATOR_ARGUMENTS,
                    container,
                    "args",
                    operator=operator.name,
                    expected=_describe(operator),
                    actual=",".join(each.text for each in types),
                )
            result = parse_type(operator.result)
            return result if result.text in SCALARS else UNKNOWN
        if (found.is_dict or found.is_set) and not self._definitions.is_key(found.args[0]):
            self._problems.add(E_DICT_KEY_TYPE, container, type=found.text, key=found.args[0].text)
        return found if self._is_short(len(found.text), types, container, "args") else UNKNOWN

    def get_signature(self, container: JsonObject) -> Signature | None:
        """The signature of the called function, or None after checking its arguments by themselves."""
        name = container["function"]
        found = self._definitions.functions.get(name)
        if found is None:
            if name not in self._definitions.functions:
                self._problems.add(E_UNKNOWN_FUNCTION, container, "function", name=str(name))
            self.infer_all(container["args"])
        return found

    def _call(self, expression: JsonObject) -> Type:
        if len(expression) != 3:
            raise ShapeMismatch
        self.value_calls.append(expression)
        signature = self.get_signature(expression)
        if signature is None:
            return UNKNOWN
        self.expect_all(signature.parameters, expression, "args", callee=expression["function"])
        return signature.result

    def _record(self, expression: JsonObject) -> Type:
        name = expression["record"]
        values: JsonArray = expression["fields"]
        if len(expression) != 3 or type(values) is not list:
            raise ShapeMismatch
        if name not in self._definitions.own_records:
            self._problems.add(E_UNKNOWN_RECORD, expression, "record", name=str(name))
            for each in values:
                self.infer(each["value"])
            return UNKNOWN
        self._definitions.used_records.add(name)
        fields = self._definitions.fields[name]
        result = named(name)
        given: set[str] = set()
        for each in values:
            field = each["name"]
            if len(each) != 2:
                raise ShapeMismatch
            actual = self.infer(each["value"])
            wanted = UNKNOWN if fields is None else fields.get(field)
            if wanted is None:
                self._problems.add(E_UNKNOWN_MEMBER, each, "name", type=name, name=str(field))
            elif field in given:
                self._problems.add(E_DUPLICATE_MEMBER, each, "name", name=field)
            elif actual is not wanted:
                self.refuse_type(wanted, actual, each, "value")
            given.add(field)
        if fields is not None and len(given) < len(fields):
            for field in sorted(fields.keys() - given):
                self._problems.add(E_RECORD_FIELD_MISSING, expression, "fields", record=name, field=field)
        return result

    def _list(self, expression: JsonObject) -> Type:
        return self._items(expression, "list")

    def _set(self, expression: JsonObject) -> Type:
        return self._items(expression, "set")

    def _items(self, expression: JsonObject, head: str) -> Type:
        items: JsonArray = expression["items"]
        if len(expression) != 3 or type(items) is not list:
            raise ShapeMismatch
        stated = self._types.get(expression["type"]) or self._definitions.resolve(expression)
        if stated.head != head:
            if stated is not UNKNOWN:
                self._problems.add(E_TYPE_CONFLICT, expression, "type", expected=head, actual=stated.text)
            self.infer_all(items)
            return UNKNOWN
        wanted = stated.args[0]
        for index, each in enumerate(items):
            actual = self.infer(each)
            if actual is not wanted:
                self.refuse_type(wanted, actual, expression, "items", index)
        return stated

    def _tuple(self, expression: JsonObject) -> Type:
        if len(expression) != 2:
            raise ShapeMismatch
        types = self.infer_all(expression["items"])
        # Before the type is made: a long tuple within others would be spelled once more at each level.
        length = len("tuple[]") + sum(len(each.text) + 1 for each in types)
        return tuple_of(*types) if self._is_short(length, types, expression, "items") else UNKNOWN

    def _dict(self, expression: JsonObject) -> Type:
        entries: JsonArray = expression["entries"]
        if len(expression) != 3 or type(entries) is not list:
            raise ShapeMismatch
        stated = self._types.get(expression["type"]) or self._definitions.resolve(expression)
        if stated.head != "dict":
            if stated is not UNKNOWN:
                self._problems.add(E_TYPE_CONFLICT, expression, "type", expected="dict", actual=stated.text)
            key, value = UNKNOWN, UNKNOWN
        else:
            key, value = stated.args
        for each in entries:
            if len(each) != 2:
                raise ShapeMismatch
            self.expect(key, each, "key")
            self.expect(value, each, "value")
        return stated if stated.head == "dict" else UNKNOWN

    def _field(self, expression: JsonObject) -> Type:
        if len(expression) != 3:
            raise ShapeMismatch
        of = self.infer(expression["of"])
        name = expression["name"]
        if of.is_union:
            return self._shared_field(expression, of, name)
        fields = self._definitions.fields.get(of.head)
        found = fields.get(name) if fields else None
        if found is not None:
            return found
        if of.is_tuple:
            found = dict(zip(map(str, range(len(of.args))), of.args, strict=True)).get(name)
        elif fields is None and of.head in self._definitions.fields:
            return UNKNOWN
        if found is None:
            if is_known(of):
                self._problems.add(E_UNKNOWN_MEMBER, expression, "name", type=of.text, name=str(name))
            return UNKNOWN
        return found

    def _shared_field(self, expression: JsonObject, of: Type, name: str) -> Type:
        """The field of a Union, which all of its records have with one type."""
        tables = [self._definitions.fields[record.head] for record in of.args]
        found = {(fields.get(name) if fields is not None else UNKNOWN) for fields in tables} - {UNKNOWN}
        if None in found or len(found) > 1:
            self._problems.add(E_UNKNOWN_MEMBER, expression, "name", type=of.text, name=str(name))
            return UNKNOWN
        return next((kind for kind in found if kind is not None), UNKNOWN)

    def _enum(self, expression: JsonObject) -> Type:
        name, part = expression["enum"], expression["part"]
        if len(expression) != 4 or part not in _ENUM_PARTS:
            raise ShapeMismatch
        table = self._definitions.enums.get(name)
        if table is None:
            if name not in self._definitions.enums:
                self._problems.add(E_UNKNOWN_ENUM, expression, "enum", name=str(name))
            self.infer(expression["of"])
            return STR if part == "name" else UNKNOWN
        self._definitions.used_enums.add(name)
        of = self.infer(expression["of"])
        member, text = named(name), STR if part.endswith("name") else table.value_type
        wanted, result = (text, member) if part.startswith("from_") else (member, text)
        if of is not wanted:
            self.refuse_type(wanted, of, expression, "of")
        return result

    def _widen(self, expression: JsonObject) -> Type:
        stated, actual = self._infer_parts(expression)
        if stated.is_union:
            if not _is_part(actual, stated):
                self.refuse_type(stated, actual, expression, "value")
            return stated
        return self._refuse_union(expression, "type", stated)

    def _is_instance(self, expression: JsonObject) -> Type:
        self._narrow(expression)
        return BOOL

    def _narrow(self, expression: JsonObject) -> Type:
        stated, actual = self._infer_parts(expression)
        if not actual.is_union:
            self._refuse_union(expression, "value", actual)
        elif not _is_part(stated, actual):
            self.refuse_type(actual, stated, expression, "type")
        return stated

    def _infer_parts(self, expression: JsonObject) -> tuple[Type, Type]:
        """The type that is stated, and that of the value."""
        if len(expression) != 3:
            raise ShapeMismatch
        stated = self._types.get(expression["type"]) or self._definitions.resolve(expression)
        return stated, self.infer(expression["value"])

    def _refuse_union(self, expression: JsonObject, key: str, actual: Type) -> Type:
        if is_known(actual):
            self._problems.add(E_TYPE_CONFLICT, expression, key, expected="Union", actual=actual.text)
        return UNKNOWN

    def _cond(self, expression: JsonObject) -> Type:
        if len(expression) != 4:
            raise ShapeMismatch
        self.expect(BOOL, expression, "test")
        then = self.infer(expression["then"])
        otherwise = self.infer(expression["otherwise"])
        if otherwise is not then:
            self.refuse_type(then, otherwise, expression, "otherwise")
            return then if is_known(then) else otherwise
        return then

    def _all_or_any(self, expression: JsonObject) -> Type:
        args: JsonArray = expression["args"]
        if len(expression) != 2 or type(args) is not list:
            raise ShapeMismatch
        if len(args) < 2:
            self._problems.add(
                E_ARGUMENT_COUNT,
                expression,
                "args",
                callee=expression["kind"],
                expected="two or more",
                actual=len(args),
            )
        for index, each in enumerate(args):
            actual = self.infer(each)
            if actual is not BOOL:
                self.refuse_type(BOOL, actual, expression, "args", index)
        return BOOL

    def _decode(self, expression: JsonObject) -> Type:
        if len(expression) != 3:
            raise ShapeMismatch
        self.expect(STR, expression, "value")
        return self._types.get(expression["type"]) or self._definitions.resolve(expression)

    _by_kind: ClassVar[dict[str, Callable[[ExpressionChecker, JsonObject], Type]]] = {
        "ref": infer,
        "const": _const,
        "lit": _lit,
        "apply": _apply,
        "call": _call,
        "record": _record,
        "list": _list,
        "set": _set,
        "tuple": _tuple,
        "dict": _dict,
        "field": _field,
        "enum": _enum,
        "widen": _widen,
        "isinstance": _is_instance,
        "narrow": _narrow,
        "cond": _cond,
        "and": _all_or_any,
        "or": _all_or_any,
        "decode": _decode,
    }
    """How each kind of expression is checked."""


def _is_part(part: Type, union: Type) -> bool:
    """Whether a type is one of the records of a Union, or a Union of some of them."""
    records = part.args if part.is_union else (part,)
    return part is not union and all(record in union.args for record in records)


def _describe(operator: Operator) -> str:
    """The parameter types as a message shows them; letters stand for any type."""
    return ",".join(operator.params) + (",..." if operator.is_variadic else "")
