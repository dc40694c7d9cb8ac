"""Computing what constants are: typed expressions, and the functions of the program that they call.

A function is run on the typed tree of its body. What it asks of the outside, and what Python would not know
yet when it goes through the file, is refused.
"""

from __future__ import annotations

from typing import Any, Final

from opforge._frontend.constant_operators import (
    MAX_ITEMS,
    ConstantTooLargeError,
    NotConstantError,
    compute_operator,
    count_steps,
)
from opforge._frontend.constant_values import read_literal
from opforge._frontend.context import Context
from opforge._frontend.scope import get_alternatives
from opforge._frontend.symbols import UNKNOWN, Declaration, FunctionDecl
from opforge._frontend.tree import (
    After,
    Apply,
    Assert,
    Assign,
    Block,
    BooleanChain,
    Break,
    CallFunction,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    Continue,
    DictNew,
    EnumPart,
    Expr,
    ExprStatement,
    FailStatement,
    FieldOf,
    ForStatement,
    IfStatement,
    IsInstance,
    ListNew,
    Literal,
    Local,
    Mutate,
    Narrow,
    Pattern,
    Quantified,
    RecordNew,
    ReturnStatement,
    SetNew,
    Statement,
    Temporary,
    TupleNew,
    Walrus,
    WhileStatement,
    Widen,
    With,
)
from opforge_ir.values import RecordInstance

__all__ = ["Computation", "ProgramRaisedError", "RefusedError"]

_MAX_STEPS: Final = 200_000
_MAX_PROGRAM_STEPS: Final = 2_000_000
_MAX_CALLS: Final = 20
"""How many calls may be under way within each other."""


class RefusedError(Exception):
    """A part of the expression has been refused where it was defined."""


class ProgramRaisedError(Exception):
    """The program raises an exception of its own; the argument is what Python prints of it."""


class _ReturnedError(Exception):
    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


class _LeftError(Exception):
    """A `break`."""


class _ContinuedError(Exception):
    """A `continue`."""


class Computation:
    """Computes one typed expression, and the functions that it calls."""

    def __init__(self, ctx: Context) -> None:
        """`ctx` is the top of a file, at the statement that needs the value."""
        self._ctx = ctx
        self._program = ctx.program
        self._steps = 0
        self._depth = 0
        self._locals: dict[str, Any] = {}
        self._once: dict[int, Any] = {}
        self._constants: dict[int, object] = {}
        """The lists and dicts of constants, by identity: nothing may change them."""

    # --- expressions ------------------------------------------------------------------------------

    def compute(self, node: Expr) -> Any:
        """The value. Raises what Python raises, ConstantTooLargeError and NotConstantError."""
        self._step()
        match node:
            case Literal() if node.type is UNKNOWN:
                raise RefusedError
            case Literal():
                enum = self._program.enum_of(node.type)
                return read_literal(node) if enum is None else enum.values[node.value]
            case Local():
                return self._locals[node.name]
            case Walrus():
                value = self._locals[node.name] = self.compute(node.value)
                return value
            case Temporary():
                return self._once[id(node.of)]
            case ConstantRef():
                if node.constant.literal is None:
                    raise NotConstantError("it depends on a constant that is not computed")
                return self._keep(self.compute(node.constant.literal))
            case CallFunction():
                return self._call(node)
            case Apply():
                return self._apply(node)
            case FieldOf():
                return self._field(node)
            case Conditional():
                return self.compute(node.then if self.compute(node.test) else node.otherwise)
            case BooleanChain():
                test = all if node.is_and else any
                return test(self.compute(arg) for arg in node.args)
            case With():
                assert node.body is not None
                self._once[id(node)] = self.compute(node.value)
                return self.compute(node.body)
            case _:
                return self._make(node)

    def _make(self, node: Expr) -> Any:
        match node:
            case RecordNew():
                self._expect_defined(node.record)
                given = {name: self.compute(value) for name, value in node.fields}
                return RecordInstance(
                    node.record.key, tuple(given[field.name] for field in node.record.fields)
                )
            case ListNew():
                return [self.compute(item) for item in node.items]
            case SetNew():
                return {self.compute(item) for item in node.items}
            case EnumPart():
                return self._enum_part(node)
            case Widen():
                return self.compute(node.value)
            case IsInstance() | Narrow():
                return self._narrowed(node)
            case TupleNew():
                return tuple(self.compute(item) for item in node.items)
            case DictNew():
                return {self.compute(key): self.compute(value) for key, value in node.entries}
            case Comprehension():
                made: list[Any] = []
                self._iterate(node.clauses, lambda: self._add(made, node.element))
                return made
            case Quantified():
                return self._quantified(node)
            case After():
                for change in node.changes:
                    self._mutate(change)
                return self.compute(node.value)
            case _:
                raise NotConstantError("it asks for something outside of the program")

    def _step(self, count: int = 1) -> None:
        self._steps += count
        self._program.constant_steps += count
        if self._steps > _MAX_STEPS:
            raise ConstantTooLargeError(f"{_MAX_STEPS} steps of computing")
        if self._program.constant_steps > _MAX_PROGRAM_STEPS:
            raise ConstantTooLargeError(f"{_MAX_PROGRAM_STEPS} steps of computing for all constants together")

    def _operands(self, args: list[Expr], order: tuple[int, ...] | None) -> list[Any]:
        values = {index: self.compute(args[index]) for index in order or range(len(args))}
        return [values[index] for index in range(len(args))]

    def _apply(self, node: Apply) -> Any:
        operands = self._operands(node.args, node.order)
        self._step(count_steps(node.op, operands))
        return compute_operator(node.op, operands)

    def _enum_part(self, node: EnumPart) -> Any:
        enum = self._program.enum_of(node.enum)
        assert enum is not None
        value = self.compute(node.of)
        match node.part:
            case "value":
                return value
            case "name":
                return enum.names[value]
            case "from_name":
                return enum.values[value]
            case "from_value":
                if value not in enum.names:
                    raise ValueError(f"{value!r} is not a valid {enum.name}")
                return value

    def _narrowed(self, node: IsInstance | Narrow) -> Any:
        value = self.compute(node.value)
        if isinstance(node, Narrow):
            return value
        return value.name in {each.head for each in get_alternatives(node.record)}

    def _field(self, node: FieldOf) -> Any:
        value = self.compute(node.of)
        if isinstance(value, RecordInstance):
            names = [field.name for field in self._program.records[value.name].fields]
            return value.values[names.index(node.name)]
        return value[int(node.name)]

    def _add(self, made: list[Any], element: Expr) -> bool:
        made.append(self.compute(element))
        if len(made) > MAX_ITEMS:
            raise ConstantTooLargeError(f"{MAX_ITEMS} items")
        return True

    def _quantified(self, node: Quantified) -> bool:
        decided: list[bool] = []

        def look() -> bool:
            value = bool(self.compute(node.element))
            if value is not node.is_all:
                decided.append(value)
            return not decided

        self._iterate(node.clauses, look)
        return decided[0] if decided else node.is_all

    def _iterate(self, clauses: list[Clause], body: Any) -> bool:
        """Run `body` for each iteration; it says whether to go on, and so does this."""
        if not clauses:
            return bool(body())
        clause, *inner = clauses
        for item in self.compute(clause.items):
            self._bind(clause.pattern, item)
            if all(self.compute(each) for each in clause.conditions) and not self._iterate(inner, body):
                return False
        return True

    def _bind(self, pattern: Pattern, value: Any) -> None:
        if pattern.name is not None:
            self._locals[pattern.name] = value
        else:
            for part, item in zip(pattern.items, value, strict=True):
                self._bind(part, item)

    # --- functions --------------------------------------------------------------------------------

    def _call(self, call: CallFunction) -> Any:
        function = call.function
        self._expect_defined(function)
        values = self._operands(call.args, call.order)
        if self._depth >= _MAX_CALLS:
            raise NotConstantError(f"more than {_MAX_CALLS} functions call each other")
        self._check_body(function)
        names = [parameter.name for parameter in function.parameters]
        outer, self._locals = self._locals, dict(zip(names, values, strict=True))
        self._depth += 1
        try:
            self._run(function.body)
        except _ReturnedError as returned:
            return returned.value
        except RefusedError:
            raise NotConstantError(f"{function.syntax.name} uses what is not known here") from None
        finally:
            self._depth -= 1
            self._locals = outer
        return None

    def _expect_defined(self, declaration: Declaration) -> None:
        """Refuse what the file defines further down: it does not exist yet."""
        is_here = (
            declaration.module is self._ctx.module and declaration.key not in self._program.nested_by_key
        )
        if is_here and declaration.node.lineno >= self._ctx.line:
            raise NotConstantError(f"it uses {declaration.name}, which is defined further down")

    def _check_body(self, function: FunctionDecl) -> None:
        """Make the function's body known; files are gone through before bodies are checked."""
        from opforge._frontend.statements import check_function

        if function.body:
            return
        problems = function.module.problems
        mark = problems.mark()
        check_function(self._program, function)
        if problems.mark() != mark:
            problems.forget_since(mark)  # the body is checked again when everything is known
            raise NotConstantError(
                f"{function.syntax.name} is not right, or uses what is defined further down"
            )

    def _run(self, block: Block) -> None:
        for statement in block:
            self._step()
            self._execute(statement)

    def _execute(self, statement: Statement) -> None:
        match statement:
            case Assign():
                self._bind(statement.pattern, self.compute(statement.value))
            case Mutate():
                self._mutate(statement)
            case ExprStatement():
                self.compute(statement.value)
            case IfStatement():
                self._run(statement.then if self.compute(statement.test) else statement.otherwise)
            case ForStatement() | WhileStatement():
                self._loop(statement)
            case _:
                self._leave(statement)

    def _loop(self, loop: ForStatement | WhileStatement) -> None:
        if isinstance(loop, WhileStatement):
            while self.compute(loop.test) and not self._is_last_round(loop.body):
                pass
            return
        for item in self.compute(loop.items):
            self._bind(loop.pattern, item)
            if self._is_last_round(loop.body):
                break

    def _leave(self, statement: Statement) -> None:
        match statement:
            case Break():
                raise _LeftError
            case Continue():
                raise _ContinuedError
            case ReturnStatement():
                raise _ReturnedError(self.compute(statement.value))
            case Assert():
                if not self.compute(statement.test):
                    message = self.compute(statement.message)
                    raise ProgramRaisedError(f"AssertionError: {message}" if message else "AssertionError")
            case FailStatement():
                raise ProgramRaisedError(f"Fail: {self.compute(statement.message)}")
            case _:
                raise NotConstantError("it catches errors")

    def _is_last_round(self, body: Block) -> bool:
        """Run one round of a loop; whether a `break` left it."""
        try:
            self._run(body)
        except _ContinuedError:
            return False
        except _LeftError:
            return True
        return False

    def _mutate(self, change: Mutate) -> None:
        target, *given = self._operands(change.args, change.order)
        if id(target) in self._constants:
            raise NotConstantError("it changes a constant")
        compute_operator(change.op, [target, *given])
        if len(target) > MAX_ITEMS:
            raise ConstantTooLargeError(f"{MAX_ITEMS} items")

    def _keep(self, value: Any) -> Any:
        """The value of a constant, of which nothing may be changed."""
        waiting = [value]
        while waiting:
            part: Any = waiting.pop()
            match part:
                case list() | set() | dict():
                    self._keep_object(part)  # pyright: ignore[reportUnknownArgumentType]
                    waiting += part.values() if isinstance(part, dict) else part  # pyright: ignore[reportUnknownMemberType]
                case tuple():
                    waiting += part  # pyright: ignore[reportUnknownArgumentType]
                case RecordInstance():
                    waiting += part.values
                case _:
                    pass
        return value

    def _keep_object(self, value: object) -> None:
        # Kept, so that no other object gets its identity.
        self._constants[id(value)] = value
