"""Random statements: the bodies of the functions of generated programs."""

from __future__ import annotations

from typing import Final

from house.program_containers import container_changes
from house.program_expressions import KINDS, ExpressionBuilder
from house.program_scope import Scope, spell
from opforge_ir.types import BOOL, DECIMAL, INT, STR, Type, dict_of, list_of, optional_of, parse_type

__all__ = ["BodyBuilder"]

_DEPTH: Final = 3
_ERRORS: Final = [
    *("HttpError", "EffectError"),
    *("ZeroDivisionError", "IndexError", "KeyError", "ValueError", "Fail", "AssertionError"),
    *("ArithmeticError", "LookupError", "InvalidOperation", "DivisionByZero", "OverflowError"),
]


class BodyBuilder:
    """Writes the statements of one function."""

    def __init__(self, write: ExpressionBuilder, scope: Scope, parameters: set[str], result: Type) -> None:
        self._write = write
        self._scope = write.scope = scope
        self._result = result
        self._locals = parameters
        self._loops = 0
        """How many loops are open that a jump may leave."""

    def build(self) -> str:
        """The whole body, which ends with a `return`."""
        lines = self._block(self._write.number(1, 6), nesting=0)
        lines.append(f"return {self._write.typed(self._result, _DEPTH)}")
        return _indent(lines) + "\n"

    def _block(self, count: int, nesting: int) -> list[str]:
        lines: list[str] = []
        for _ in range(count):
            options = [
                self._define,
                self._define,
                self._reassign,
                self._augment,
                self._change,
                self._alias,
                self._unpack,
            ]
            if nesting < 2:
                control = [self._branch, self._loop, self._narrow, self._while, self._try, self._match]
                control += [self._assign_in_test]
                options += [lambda form=form: form(nesting) for form in control]  # type: ignore[misc]
            options += [self._assert, self._fail, self._leave, self._order, self._search, self._log]
            if self._loops:
                options += [self._jump, self._jump]
            lines += self._write.pick(options)()
        return lines or ["pass"]

    def _nested(self, nesting: int) -> list[str]:
        return _indent_lines(self._block(self._write.number(1, 3), nesting + 1))

    # --- assignments --------------------------------------------------------------------------------

    def _define(self) -> list[str]:
        kind = self._write.pick([*KINDS, optional_of(INT), optional_of(STR)])
        is_annotated = kind.is_optional or self._write.number(0, 1) == 0
        value = (
            self._write.typed(kind, _DEPTH, is_assigned=True)
            if is_annotated
            else self._write.expression(kind, _DEPTH)
        )
        name = self._write.name("v")
        self._scope.define(name, kind, value)
        self._locals.add(name)
        return [f"{name}: {spell(kind)} = {value}" if is_annotated else f"{name} = {value}"]

    def _reassign(self) -> list[str]:
        names = [
            name
            for name, kind in self._scope.variables.items()
            if name in self._locals and not kind.is_optional
        ]
        if not names:
            return self._define()
        name = self._write.pick(names)
        value = self._write.expression(self._scope.variables[name], _DEPTH)
        if not self._scope.may_assign(name, value):
            return self._define()
        self._scope.define(name, self._scope.variables[name], value)
        return [f"{name} = {value}"]

    def _augment(self) -> list[str]:
        names = [name for name in self._scope.find(INT, STR, DECIMAL) if name in self._locals]
        if not names:
            return self._define()
        name = self._write.pick(names)
        kind = self._scope.variables[name]
        sign = "+" if kind is STR else self._write.pick(["+", "-", "*"])
        return [f"{name} {sign}= {self._write.expression(kind, 1)}"]

    def _alias(self) -> list[str]:
        names = self._scope.find(list_of(INT), dict_of(STR, INT), list_of(list_of(INT)), parse_type("Box"))
        if not names:
            return self._define()
        value = self._write.pick(names)
        name = self._write.name("v")
        self._scope.define(name, self._scope.variables[value], value)
        self._locals.add(name)
        return [f"{name} = {value}"]

    def _unpack(self) -> list[str]:
        kinds = [self._write.pick([INT, STR, DECIMAL, list_of(INT)]) for _ in range(2)]
        values = [self._write.expression(kind, 2) for kind in kinds]
        names = [self._write.name("v") for _ in kinds]
        for name, kind in zip(names, kinds, strict=True):
            # The front end does not tell apart what the parts of one tuple may be.
            self._scope.define(name, kind, " ".join([*values, *names]))
            self._locals.add(name)
        same = [name for name in self._scope.find(kinds[0]) if name in self._locals]
        if len(same) > 1 and not self._scope.outer and self._write.number(0, 1):
            first, second = same[0], same[-1]
            swap = f"{first}, {second} = {second}, {first}"
            both = f"{first} {second}"
            self._scope.define(first, kinds[0], both)
            self._scope.define(second, kinds[0], both)
            return [f"{', '.join(names)} = {', '.join(values)}", swap]
        return [f"{', '.join(names)} = {', '.join(values)}"]

    # --- changes ------------------------------------------------------------------------------------

    def _change(self) -> list[str]:
        names = self._scope.find_changeable()
        if not names:
            return self._define()
        name = self._write.pick(names)
        kind = self._scope.variables[name]
        value = self._write.expression(kind.args[-1], 2)
        if not self._scope.may_assign(name, value):
            return self._define()
        self._scope.store(name, value)
        if self._write.number(0, 1):
            return self._change_in_any_form(name, kind)
        if kind.is_list:
            return [f"{name}.append({value})"]
        if kind.args[1] is INT and self._write.number(0, 2) == 0:
            key = self._write.literal(kind.args[0])
            return [f"{name}[{key}] {self._write.pick(['+', '-', '*'])}= {value}"]
        return [f"{name}[{self._write.expression(kind.args[0], 2)}] = {value}"]

    def _change_in_any_form(self, name: str, kind: Type) -> list[str]:
        change, given = self._write.pick(container_changes(self._write, name, kind))
        if name not in self._locals and "= " in change:
            return [f"{name}.clear()"]
        if not self._scope.may_assign(name, change.replace(name, "", 1)):
            return self._define()
        self._scope.store(name, change)
        if given is None:
            return [change]
        taken = self._write.name("v")
        self._scope.define(taken, given, change)
        self._locals.add(taken)
        return [f"{taken} = {change}"]

    def _order(self) -> list[str]:
        """Changes inside of expressions, whose order of evaluation can be seen."""
        names = [
            name for name in self._scope.find_changeable() if self._scope.variables[name] is list_of(INT)
        ]
        if not names:
            return self._define()
        one, other = self._write.pick(names), self._write.pick(names)
        a, b = self._write.expression(INT, 1), self._write.expression(INT, 1)
        kind, value = self._write.pick(
            [
                (list_of(INT), f"[push({one}, {a}), len({other}), push({other}, {b})]"),
                (INT, f"push({one}, {a}) - len({other}) * push({other}, {b})"),
                (BOOL, f"push({one}, {a}) > 3 and push({other}, {b}) > 2 or len({one}) > 1"),
                (INT, f"push({one}, {a}) if len({other}) > 1 else push({other}, {b})"),
                (BOOL, f"push({one}, {a}) < push({other}, {b}) <= len({one})"),
                (
                    dict_of(INT, STR),
                    f"{{push({one}, {a}): str(len({other})), push({other}, {b}): str(len({one}))}}",
                ),
                (
                    parse_type("Pair"),
                    f"Pair(label=str(push({one}, {a})), amount=push({other}, {b}), scale=Decimal({one}[0]))",
                ),
                (BOOL, f"push({one}, {a}) in {other}"),
                (INT, f"{one}[push({other}, {a}) - 1]"),
                (list_of(INT), f"{one} + [push({other}, {a})] + {other}"),
            ]
        )  # fmt: skip
        name = self._write.name("v")
        self._scope.define(name, kind, "")
        self._locals.add(name)
        return [f"{name} = {value}"]

    # --- control ------------------------------------------------------------------------------------

    def _branch(self, nesting: int) -> list[str]:
        lines: list[str] = []
        for word in ["if", *["elif"] * self._write.number(0, 1)]:
            lines.append(f"{word} {self._write.expression(BOOL, 2)}:")
            with self._scope.enter_block():
                lines += self._nested(nesting)
        if self._write.number(0, 1):
            lines.append("else:")
            with self._scope.enter_block():
                lines += self._nested(nesting)
        return lines

    def _narrow(self, nesting: int) -> list[str]:
        names = [name for name, kind in self._scope.variables.items() if kind.is_optional]
        if not names:
            return self._branch(nesting)
        name = self._write.pick(names)
        lines = [f"if {name} is not None:"]
        with self._scope.enter_block():
            self._scope.variables[name] = self._scope.variables[name].args[0]
            self._locals.discard(name)
            lines += self._nested(nesting)
        self._locals.add(name)
        return lines

    def _loop(self, nesting: int) -> list[str]:
        targets, items, kinds = self._write.iterable(1)
        lines = [f"for {targets} in {items}:"]
        with self._scope.enter_loop(items):
            for name, kind in kinds:
                self._scope.define(name, kind, items)
            self._loops += 1
            lines += self._nested(nesting)
            self._loops -= 1
        return lines + self._otherwise(nesting)

    def _assert(self) -> list[str]:
        return [f"assert {self._write.expression(BOOL, 2)}, {self._write.expression(STR, 1)}"]

    def _fail(self) -> list[str]:
        return [f"if {self._write.expression(BOOL, 1)}:", f"    raise Fail({self._write.expression(STR, 1)})"]

    def _leave(self) -> list[str]:
        return [f"if {self._write.expression(BOOL, 1)}:", f"    return {self._write.typed(self._result, 2)}"]

    # --- ways out -----------------------------------------------------------------------------------

    def _jump(self) -> list[str]:
        """`break` or `continue` of the innermost loop, perhaps under a condition."""
        word = self._write.pick(["break", "continue"])
        if self._write.number(0, 4) == 0:
            return [word]
        return [f"if {self._write.expression(BOOL, 1)}:", f"    {word}"]

    def _while(self, nesting: int) -> list[str]:
        """A loop with a counter, which the condition compares with a limit."""
        counter = self._write.name("w")
        limit = self._write.number(0, 5)
        condition = f" and {self._write.expression(BOOL, 1)}" if self._write.number(0, 1) else ""
        lines = [f"{counter} = 0", f"while {counter} < {limit}{condition}:", f"    {counter} += 1"]
        self._scope.define(counter, INT, "0")
        with self._scope.enter_loop(""):
            self._loops += 1
            lines += self._nested(nesting)
            self._loops -= 1
        return lines + self._otherwise(nesting)

    def _otherwise(self, nesting: int) -> list[str]:
        """The `else` of a loop."""
        if self._write.number(0, 3):
            return []
        with self._scope.enter_block():
            return ["else:", *self._nested(nesting)]

    def _search(self) -> list[str]:
        """A variable that gets its first value at a `break` and in the `else` of the loop."""
        targets, items, kinds = self._write.iterable(1)
        kind = self._write.pick([INT, STR, DECIMAL, parse_type("Pair")])
        name = self._write.name("v")
        lines = [f"for {targets} in {items}:"]
        with self._scope.enter_loop(items):
            for target, target_kind in kinds:
                self._scope.define(target, target_kind, items)
            lines += [f"    if {self._write.expression(BOOL, 2)}:"]
            lines += [f"        {name} = {self._write.expression(kind, 1)}", "        break"]
        lines += ["else:", f"    {name} = {self._write.expression(kind, 1)}"]
        self._scope.define(name, kind, "")
        self._locals.add(name)
        return lines

    def _try(self, nesting: int) -> list[str]:
        """Handlers, `else` and `finally`; what the body changes is seen by all of them."""
        has_final = self._write.number(0, 1) == 1
        loops = self._loops
        if has_final and self._write.number(0, 2):
            self._loops = 0  # a jump must not leave a `finally` that assigns variables
        lines = ["try:"]
        with self._scope.enter_block():
            lines += self._nested(nesting)
        for _ in range(self._write.number(0 if has_final else 1, 2)):
            names = [self._write.pick(_ERRORS) for _ in range(self._write.number(1, 2))]
            caught = names[0] if len(set(names)) == 1 else f"({', '.join(dict.fromkeys(names))})"
            with self._scope.enter_block():
                if caught in ("Fail", "AssertionError", "HttpError", "EffectError"):
                    error = self._write.name("e")
                    lines += [f"except {caught} as {error}:", *_indent_lines(self._note(f"str({error})"))]
                else:
                    lines += [f"except {caught}:", *self._nested(nesting)]
                if self._write.number(0, 5) == 0:
                    lines.append("    raise")
        has_handler = any(line.startswith("except") for line in lines)
        if has_handler and self._write.number(0, 2) == 0:
            with self._scope.enter_block():
                lines += ["else:", *self._nested(nesting)]
        if has_final:
            may_assign = self._loops == 0
            with self._scope.enter_block():
                inner, self._loops = self._loops, 0
                block = self._nested(nesting) if may_assign else _indent_lines(self._change_only())
                self._loops = inner
            lines += ["finally:", *block]
        self._loops = loops
        return lines

    def _note(self, value: str) -> list[str]:
        """A variable that holds a text."""
        name = self._write.name("v")
        self._scope.define(name, STR, "")
        return [f"{name} = {value}", *self._change_only()]

    def _log(self) -> list[str]:
        if not self._scope.may_ask:
            return self._define()
        return [f"log.info({self._write.expression(STR, 2)})"]

    def _change_only(self) -> list[str]:
        """A change of a list or dict, which assigns no variable."""
        names = [n for n in self._scope.find_changeable() if self._scope.variables[n] is list_of(INT)]
        if not names:
            return ["pass"]
        return [f"{self._write.pick(names)}.append({self._write.expression(INT, 1)})"]

    def _match(self, nesting: int) -> list[str]:
        """Literals, captures with guards, sequences and records."""
        records = [parse_type("Pair"), parse_type("tuple[int,str]")]
        kind = self._write.pick([INT, STR, list_of(INT), *records, BOOL])
        lines = [f"match {self._write.expression(kind, 2)}:"]
        for _ in range(self._write.number(1, 3)):
            pattern, captured = self._pattern(kind)
            with self._scope.enter_block():
                for name, captured_kind in captured:
                    # What a pattern takes out of a list is the list's own item.
                    self._scope.define_fixed(name, captured_kind)
                guard = f" if {self._write.expression(BOOL, 1)}" if self._write.number(0, 1) else ""
                lines.append(f"    case {pattern}{guard}:")
                lines += _indent_lines(self._nested(nesting))
        if self._write.number(0, 1):
            with self._scope.enter_block():
                lines += ["    case _:", *_indent_lines(self._nested(nesting))]
        return lines

    def _pattern(self, kind: Type) -> tuple[str, list[tuple[str, Type]]]:
        """A pattern that may fail, and the variables that it captures."""
        name, other = self._write.name("m"), self._write.name("m")
        options: list[tuple[str, list[tuple[str, Type]]]]
        match kind.head:
            case "int":
                options = [("0", []), ("1 | 2 | -1", []), (f"(3 | 4) as {name}", [(name, INT)])]
            case "str":
                options = [('""', []), ('"a" | "b"', []), (f'"a,b" | "1" as {name}', [(name, STR)])]
            case "bool":
                options = [("True", []), ("False", [])]
            case "list":
                options = [
                    ("[]", []),
                    (f"[{name}]", [(name, INT)]),
                    (f"[1, {name}, *_]", [(name, INT)]),
                    (f"[{name}, *_, {other}]", [(name, INT), (other, INT)]),
                ]
            case "tuple":
                options = [
                    ("(0, _)", []),
                    (f"({name}, 'a' | 'b')", [(name, INT)]),
                    (f"(1, {name})", [(name, STR)]),
                ]
            case _:
                options = [
                    (f"Pair(0, {name})", [(name, STR)]),
                    (f"Pair(amount=1 | 2, scale={name})", [(name, DECIMAL)]),
                    (f"Pair({name}, 'a')", [(name, INT)]),
                ]
        return self._write.pick(options)

    def _assign_in_test(self, nesting: int) -> list[str]:
        """A variable that the test of an `if` gives its value."""
        name = self._write.name("v")
        value = self._write.expression(INT, 2)
        self._scope.define(name, INT, "")
        self._locals.add(name)
        lines = [
            f"if ({name} := {value}) {self._write.pick(['>', '<', '=='])} {self._write.expression(INT, 1)}:"
        ]
        with self._scope.enter_block():
            lines += self._nested(nesting)
        return lines


def _indent_lines(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


def _indent(lines: list[str]) -> str:
    return "\n".join(_indent_lines(lines))
