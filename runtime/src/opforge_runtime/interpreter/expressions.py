"""Expressions as closures over a frame, evaluated from left to right."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol, TypeAlias

from opforge_ir.canonical import JsonValue
from opforge_ir.codes.execution import E_DECODE_FAILED, E_PROGRAM_EXCEPTION
from opforge_ir.document import (
    AllOf,
    AnyOf,
    Apply,
    CallValue,
    Conditional,
    Const,
    Decode,
    DictValue,
    Do,
    EnumOf,
    Expression,
    FieldOf,
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
from opforge_ir.json_decoding import JsonMismatchError, decode_json
from opforge_ir.operators import OPERATORS
from opforge_ir.operators.bounds import OperationRefusedError
from opforge_ir.types import Type, parse_type
from opforge_ir.values import RecordInstance, ValueCodec
from opforge_runtime.interpreter.program_error import ProgramError
from opforge_runtime.interpreter.scope import RUN, Frame, Scope

__all__ = ["EXCEPTIONS", "Evaluate", "ExpressionCompiler", "PureFunctions"]

Evaluate: TypeAlias = Callable[[Frame], Any]

EXCEPTIONS: Final[dict[str, type[Exception]]] = {
    **{
        e.__name__: e for e in (IndexError, KeyError, OverflowError, TypeError, ValueError, ZeroDivisionError)
    },
    **{e.__name__: e for e in (decimal.DivisionByZero, decimal.InvalidOperation, decimal.Overflow)},
}
"""The exceptions that operators may raise, by the names that the contract uses."""


_ABSENT: Final = object()


class PureFunctions(Protocol):
    """Where expressions find the functions that they call."""

    def get_pure(self, name: str) -> tuple[Callable[[Frame, list[Any]], Any], int]:
        """A function without effects, to be called with the caller's frame; and how deep it is nested."""
        ...


class ExpressionCompiler:
    """Compiles the expressions of one document."""

    def __init__(self, codec: ValueCodec, constants: dict[str, int], functions: PureFunctions) -> None:
        self._codec = codec
        self._constants = constants
        self._functions = functions

    def compile(self, expression: Expression, scope: Scope) -> Evaluate:
        """The closure that computes this expression at this point."""
        layout = scope.layout
        layout.nesting += 1
        layout.note_nesting()
        try:
            return self._compile(expression, scope)
        finally:
            layout.nesting -= 1

    def compile_items(self, expression: Expression, scope: Scope) -> Evaluate:
        """Like `compile`, for what is only iterated over: a range is not written out as a list."""
        if not isinstance(expression, Apply) or expression.op != "int.range":
            return self.compile(expression, scope)
        arguments = self._compile_all(expression.args, scope)
        return _build_apply(range, arguments, (ValueError,))

    def compile_change(self, change: Do, scope: Scope) -> Evaluate:
        """The closure that makes a change; what it returns is of no meaning."""
        return self._compile_operator(change, scope)

    def _compile(  # noqa: C901 - one case for each kind of expression
        self, expression: Expression, scope: Scope
    ) -> Evaluate:
        match expression:
            case Ref(name=name):
                return _build_ref(scope.names[name])
            case Const(name=name):
                return _build_constant(self._constants[name])
            case LiteralValue():
                return _build_literal(self._read_literal(expression))
            case Apply():
                return self._compile_operator(expression, scope)
            case CallValue():
                return self._compile_call(expression, scope)
            case RecordValue():
                return self._compile_record(expression, scope)
            case ListValue():
                return _build_list(self._compile_all(expression.items, scope))
            case TupleValue():
                return _build_tuple(self._compile_all(expression.items, scope))
            case SetValue():
                return _build_set(self._compile_all(expression.items, scope))
            case DictValue():
                keys = self._compile_all([e.key for e in expression.entries], scope)
                values = self._compile_all([e.value for e in expression.entries], scope)
                return _build_dict(list(zip(keys, values, strict=True)))
            case FieldOf():
                return self._compile_field(expression, scope)
            case EnumOf():
                return self._compile_enum(expression, scope)
            case Widen():
                return self.compile(expression.value, scope)
            case IsInstance() | Narrow():
                return self._compile_narrowing(expression, scope)
            case Conditional() | AllOf() | AnyOf():
                return self._compile_choice(expression, scope)
            case Decode():
                return self._compile_decode(expression, scope)

    def _read_literal(self, literal: LiteralValue) -> Any:
        kind = parse_type(literal.type)
        table = self._codec.get_optional_enum(kind.head)
        return read_literal(kind, literal.value) if table is None else table.values[literal.value]

    def _compile_enum(self, expression: EnumOf, scope: Scope) -> Evaluate:
        of = self.compile(expression.of, scope)
        table = self._codec.get_optional_enum(expression.enum)
        assert table is not None
        match expression.part:
            case "value":
                return of
            case "name":
                names = table.names
                return lambda f: names[of(f)]
            case "from_value":
                values = {value: value for value in table.names}
                return _build_look_up(values, of, "ValueError")
            case "from_name":
                return _build_look_up(table.values, of, "KeyError")

    def _compile_narrowing(self, expression: IsInstance | Narrow, scope: Scope) -> Evaluate:
        kind = parse_type(expression.type)
        names = frozenset(record.head for record in (kind.args if kind.is_union else (kind,)))
        value = self.compile(expression.value, scope)
        if isinstance(expression, IsInstance):
            return lambda f: value(f).name in names

        def narrow(f: Frame) -> RecordInstance:
            record: RecordInstance = value(f)
            if record.name not in names:
                raise ProgramError(E_PROGRAM_EXCEPTION, exception="TypeError")
            return record

        return narrow

    def _compile_choice(self, expression: Conditional | AllOf | AnyOf, scope: Scope) -> Evaluate:
        """What does not evaluate all of its parts."""
        if isinstance(expression, Conditional):
            test, then, otherwise = self._compile_all(
                [expression.test, expression.then, expression.otherwise], scope
            )
            return lambda f: then(f) if test(f) else otherwise(f)
        tests = self._compile_all(expression.args, scope)
        if isinstance(expression, AllOf):
            return lambda f: all(test(f) for test in tests)
        return lambda f: any(test(f) for test in tests)

    def _compile_all(self, expressions: Sequence[Expression], scope: Scope) -> list[Evaluate]:
        return [self.compile(expression, scope) for expression in expressions]

    def _compile_operator(self, applied: Apply | Do, scope: Scope) -> Evaluate:
        operator = OPERATORS[applied.op]
        errors = tuple(EXCEPTIONS[name] for name in operator.raises)
        return _build_apply(operator.compute, self._compile_all(applied.args, scope), errors)

    def _compile_call(self, expression: CallValue, scope: Scope) -> Evaluate:
        function, nesting = self._functions.get_pure(expression.function)
        scope.layout.note_nesting(nesting)
        arguments = self._compile_all(expression.args, scope)
        frame = scope.path

        def call(f: Frame) -> Any:
            values = [argument(f) for argument in arguments]
            try:
                return function(f, values)
            except ProgramError as error:
                error.enter(frame)
                raise

        return call

    def _compile_record(self, expression: RecordValue, scope: Scope) -> Evaluate:
        name = expression.record
        given = [field.name for field in expression.fields]
        defined = [field for field, _ in self._codec.fields_of(name)]
        values = self._compile_all([field.value for field in expression.fields], scope)
        if given == defined:
            return lambda f: RecordInstance(name, tuple([value(f) for value in values]))
        order = [given.index(field) for field in defined]

        def build(f: Frame) -> RecordInstance:
            computed = [value(f) for value in values]
            return RecordInstance(name, tuple([computed[index] for index in order]))

        return build

    def _compile_field(self, expression: FieldOf, scope: Scope) -> Evaluate:
        of = self.compile(expression.of, scope)
        if expression.name.isdecimal():
            index = int(expression.name)
            return lambda f: of(f)[index]
        fields = _RecordFields(self._codec, expression.name)
        return lambda f: fields.get(of(f))

    def _compile_decode(self, expression: Decode, scope: Scope) -> Evaluate:
        kind = parse_type(expression.type)
        text = self.compile(expression.value, scope)
        codec = self._codec

        def decode(f: Frame) -> Any:
            try:
                return decode_json(kind, text(f), codec)
            except JsonMismatchError as error:
                raise ProgramError(
                    E_DECODE_FAILED, type=kind.text, problem=error.problem, place=error.pointer
                ) from error

        return decode


class _RecordFields:
    """One field by name, of whichever record it is asked of: the position is found once for each record."""

    __slots__ = ("_codec", "_name", "_positions")

    def __init__(self, codec: ValueCodec, name: str) -> None:
        self._codec = codec
        self._name = name
        self._positions: dict[str, int] = {}

    def get(self, record: RecordInstance) -> Any:
        position = self._positions.get(record.name)
        if position is None:
            names = [name for name, _ in self._codec.fields_of(record.name)]
            position = self._positions[record.name] = names.index(self._name)
        return record.values[position]


def read_literal(kind: Type, text: str) -> Any:
    """The value that a literal of the document spells."""
    match kind.head:
        case "int":
            return int(text)
        case "Decimal":
            return Decimal(text)
        case "bool":
            return text == "true"
        case "bytes":
            return bytes.fromhex(text[2:])
        case "None" | "Optional":
            return None
        case _:
            return text


def _build_ref(slot: int) -> Evaluate:
    return lambda f: f[slot]


def _build_constant(index: int) -> Evaluate:
    return lambda f: f[RUN].constants[index]


def _build_literal(value: JsonValue | bytes | Decimal) -> Evaluate:
    return lambda _: value


def _build_list(items: list[Evaluate]) -> Evaluate:
    return lambda f: [item(f) for item in items]


def _build_look_up(table: Mapping[Any, Any], key: Evaluate, exception: str) -> Evaluate:
    """The entry of a table; the program ends with the exception where there is none."""

    def look_up(f: Frame) -> Any:
        found = table.get(key(f), _ABSENT)
        if found is _ABSENT:
            raise ProgramError(E_PROGRAM_EXCEPTION, exception=exception)
        return found

    return look_up


def _build_set(items: list[Evaluate]) -> Evaluate:
    return lambda f: {item(f) for item in items}


def _build_tuple(items: list[Evaluate]) -> Evaluate:
    return lambda f: tuple([item(f) for item in items])


def _build_dict(entries: list[tuple[Evaluate, Evaluate]]) -> Evaluate:
    return lambda f: {key(f): value(f) for key, value in entries}


def _build_apply(
    operation: Callable[..., Any], arguments: list[Evaluate], errors: tuple[type[Exception], ...]
) -> Evaluate:
    """The operation on its arguments; of its exceptions the declared ones are the program's."""
    if not errors:
        return _build_total(operation, arguments)
    caught: tuple[type[Exception], ...] = (*errors, OperationRefusedError)
    if len(arguments) == 2:
        first, second = arguments

        def apply_two(f: Frame) -> Any:
            a = first(f)
            b = second(f)
            try:
                return operation(a, b)
            except caught as error:
                raise _build_failure(error) from error

        return apply_two

    def apply(f: Frame) -> Any:
        values = [argument(f) for argument in arguments]
        try:
            return operation(*values)
        except caught as error:
            raise _build_failure(error) from error

    return apply


def _build_total(operation: Callable[..., Any], arguments: list[Evaluate]) -> Evaluate:
    """An operation that no exception of Python's ends; what refuses an argument is a failure already."""
    if len(arguments) == 1:
        (only,) = arguments

        def apply_one(f: Frame) -> Any:
            try:
                return operation(only(f))
            except OperationRefusedError as error:
                raise _build_failure(error) from error

        return apply_one
    if len(arguments) == 2:
        first, second = arguments

        def apply_two(f: Frame) -> Any:
            try:
                return operation(first(f), second(f))
            except OperationRefusedError as error:
                raise _build_failure(error) from error

        return apply_two

    def apply(f: Frame) -> Any:
        try:
            return operation(*[argument(f) for argument in arguments])
        except OperationRefusedError as error:
            raise _build_failure(error) from error

    return apply


def _build_failure(error: Exception) -> ProgramError:
    if isinstance(error, OperationRefusedError):
        return ProgramError(error.code, **error.fields)
    return ProgramError(E_PROGRAM_EXCEPTION, exception=type(error).__name__)
