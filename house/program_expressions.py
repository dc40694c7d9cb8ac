"""Random expressions of a wanted type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from house.program_containers import container_options
from house.program_operators import build_operator_options
from house.program_scope import RECORDS, Scope, is_mutable
from opforge_ir.types import (
    ADDRESS,
    BOOL,
    BYTES,
    DECIMAL,
    INT,
    STR,
    Type,
    dict_of,
    list_of,
    parse_type,
)

__all__ = ["KINDS", "Draw", "ExpressionBuilder"]

Draw = Callable[[st.SearchStrategy[Any]], Any]
_T = TypeVar("_T")
_Option = Callable[[], str]

KINDS: Final = [
    parse_type(text)
    for text in (
        "int", "str", "bool", "Decimal", "list[int]", "dict[str,int]", "Pair", "tuple[int,str]", "list[str]",
        "list[Decimal]", "list[Pair]", "list[list[int]]", "dict[int,str]", "list[tuple[int,str]]", "bytes",
        "Box", "dict[str,list[int]]", "list[bool]", "Address", "dict[Address,int]",
    )
]  # fmt: skip
"""The types of variables and results."""
_WORDS: Final = [
    "", "a", "b", "ab", "B", " x ", "1", "-2", "1.5", "a,b", "é", "ß", "İ", "\n", "'", '"', "{}", "\\", "𝄞",
    "\ufb01", "٣", "\x00", "NaN", "007",
]  # fmt: skip
_INTS: Final = [
    "0",
    "1",
    "2",
    "-1",
    "3",
    "7",
    "-5",
    "10",
    "255",
    "1000",
    "(10**18)",
    "(2**64)",
    "-(2**63)",
    "(10**30)",
]
_DECIMALS: Final = [
    "0",
    "1",
    "0.5",
    "-1.50",
    "3",
    "0.1",
    "100",
    "1E+3",
    "1E-10",
    "-0",
    "123456789.987654321",
    "2.675",
    "1E+30",
]
_BYTES: Final = ["b''", "b'a'", "b'\\x00\\xff'", "b'ab'"]
_ADDRESSES: Final = [
    'Address("0x0000000000000000000000000000000000000000")',
    'Address("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")',
    'Address("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359")',
]
_INT_SPECS: Final = ["d", ">6", "<5", "^7", "05d", "+d", "x", ",", "_d", "b", "#x", "*^9", "=+6"]
_DECIMAL_SPECS: Final = [".2f", ">12", ",.3f", "e", ".1e", "g", "%", "+.0f", "012.2f", "z.1f"]
_STR_SPECS: Final = [">6", "<4", "^5", ".2", "*>4.1", "s"]
_INT_SIGNS: Final = ["+", "-", "*", "//", "%"]
_DECIMAL_SIGNS: Final = ["+", "-", "*", "/", "//", "%"]
_COMPARISONS: Final = ["<", "<=", ">", ">=", "==", "!="]


class ExpressionBuilder:
    """Writes expressions in a scope; `depth` bounds how far they are nested."""

    def __init__(self, draw: Draw, scope: Scope) -> None:
        self._draw = draw
        self.scope = scope
        self._count = 0

    def pick(self, options: Sequence[_T]) -> _T:
        """One of several, plainest first."""
        return options[self.number(0, len(options) - 1)]

    def number(self, low: int, high: int) -> int:
        """A number between two bounds, both included."""
        return int(self._draw(st.integers(low, high)))

    def name(self, letter: str) -> str:
        """A name that is not in use."""
        self._count += 1
        return f"{letter}{self._count}"

    def kind(self) -> Type:
        """Any type of a variable."""
        return self.pick(KINDS)

    def typed(self, kind: Type, depth: int, *, is_assigned: bool = False) -> str:
        """An expression where the type is known from outside: an annotation, a parameter, a field.

        A variable that is assigned a value other than None must not be tested for None afterwards.
        """
        if kind.is_optional:
            inner = kind.args[0]
            options: list[_Option] = [
                lambda: "None",
                lambda: f"({self.typed(inner, depth - 1)} if {self.expression(BOOL, depth - 1)} else None)",
            ]
            if not is_assigned:
                options.append(lambda: self.expression(inner, depth))
            names = self.scope.find(kind)
            if names:
                options.append(lambda: self.pick(names))
            dicts = self.scope.find(dict_of(STR, inner), dict_of(INT, inner), dict_of(ADDRESS, inner))
            if dicts and depth > 0:
                name = self.pick(dicts)
                key = self.scope.variables[name].args[0]
                options.append(lambda: f"{name}.get({self.expression(key, depth - 1)})")
            return self.pick(options)()
        if kind.is_list and self.number(0, 5) == 0:
            return "[]"
        if kind.is_dict and self.number(0, 5) == 0:
            return "{}"
        return self.expression(kind, depth)

    def expression(self, kind: Type, depth: int) -> str:
        """An expression whose type is `kind` by itself."""
        options: list[_Option] = [lambda: self._plain(kind, depth)]
        names = self.scope.find(kind)
        if names:
            options += [lambda: self.pick(names)] * 3
        if depth > 0:
            options += self._general(kind, depth - 1)
            options += self._special(kind, depth - 1)
            options += build_operator_options(self, kind, depth - 1)
            options += container_options(self, kind, depth - 1)
        return self.pick(options)()

    def literal(self, kind: Type) -> str:
        """A value written out."""
        return self._plain(kind, 0)

    # --- of every type ----------------------------------------------------------------------------

    def _plain(self, kind: Type, depth: int) -> str:
        """A literal or display."""
        below = max(depth - 1, 0)
        match kind.head:
            case "int":
                return self.pick(_INTS)
            case "bool":
                return self.pick(["False", "True"])
            case "str":
                return repr(self.pick(_WORDS))
            case "bytes":
                return self.pick(_BYTES)
            case "Decimal":
                return f'Decimal("{self.pick(_DECIMALS)}")'
            case "Address":
                return self.pick(_ADDRESSES)
            case "list":
                return (
                    f"[{', '.join(self.expression(kind.args[0], below) for _ in range(self.number(1, 3)))}]"
                )
            case "tuple":
                return f"({', '.join(self.expression(arg, below) for arg in kind.args)})"
            case "dict":
                key, value = kind.args
                entries = [
                    f"{self.expression(key, below)}: {self.expression(value, below)}"
                    for _ in range(self.number(1, 3))
                ]
                return f"{{{', '.join(entries)}}}"
            case _:
                given = [
                    f"{name}={self.typed(parse_type(text), below)}"
                    for name, text in RECORDS[kind.head].items()
                ]
                return f"{kind.head}({', '.join(given)})"

    def _general(self, kind: Type, depth: int) -> list[_Option]:
        """What gives a value of any type: items, fields, calls and choices."""
        e = self.expression
        options: list[_Option] = [lambda: f"({e(kind, depth)} if {e(BOOL, depth)} else {e(kind, depth)})"]
        lists, found = self.scope.find(list_of(kind)), self.scope.variables
        if lists:
            options.append(lambda: f"{self.pick(lists)}[{self._index(depth)}]")
        for name, held in found.items():
            options += self._parts(name, held, kind, depth)
        for helper in self.scope.helpers:
            if helper.result is kind:
                options.append(
                    lambda h=helper: f"{h.name}({', '.join(self.typed(p, depth) for p in h.parameters)})"  # type: ignore[misc]
                )
        return options

    def _parts(self, name: str, held: Type, kind: Type, depth: int) -> list[_Option]:
        """The parts of one variable that have the type."""
        options: list[_Option] = []
        if held.is_dict and held.args[1] is kind:
            key = held.args[0]
            options.append(lambda: f"{name}[{self.expression(key, depth)}]")
            options.append(
                lambda: f"{name}.get({self.expression(key, depth)}, {self.expression(kind, depth)})"
            )
        if held.is_tuple:
            options += [lambda i=i: f"{name}[{i}]" for i, arg in enumerate(held.args) if arg is kind]  # type: ignore[misc]
        if held.is_optional and held.args[0] is kind:
            options.append(lambda: f"({name} if {name} is not None else {self.expression(kind, depth)})")
        for field, text in RECORDS.get(held.head, {}).items():
            if parse_type(text) is kind:
                options.append(lambda f=field: f"{name}.{f}")  # type: ignore[misc]
        return options

    def _index(self, depth: int) -> str:
        return self.pick(["0", "-1", "1", "2"]) if self.number(0, 4) else self.expression(INT, depth)

    # --- of one type --------------------------------------------------------------------------------

    def _special(self, kind: Type, depth: int) -> list[_Option]:
        match kind.head:
            case "int":
                return self._ints(depth)
            case "bool":
                return self._bools(depth)
            case "str":
                return self._strs(depth)
            case "Decimal":
                return self._decimals(depth)
            case "bytes":
                return [lambda: f"({self.expression(BYTES, depth)} + {self.expression(BYTES, depth)})"]
            case "list":
                return self._lists(kind, depth)
            case "dict":
                return self._dicts(kind, depth)
            case _:
                return []

    def _asked(self, depth: int) -> list[_Option]:
        """Numbers from outside."""
        e = self.expression
        if not self.scope.may_ask:
            return []
        return [
            lambda: "time.now()",
            lambda: f"random.integer({self.number(-3, 3)}, {e(INT, depth)})",
            lambda: 'http.get("https://api.example/x").status',
            lambda: f"ask({e(INT, depth)})",
        ]

    def _ints(self, depth: int) -> list[_Option]:
        e = self.expression
        return [
            *self._asked(depth),
            lambda: f"({e(INT, depth)} {self.pick(_INT_SIGNS)} {e(INT, depth)})",
            lambda: f"({e(INT, depth)} ** {self.number(0, 3)})",
            lambda: f"(-{e(INT, depth)})",
            lambda: f"(+{e(BOOL, depth)})",
            lambda: f"({e(BOOL, depth)} {self.pick(_INT_SIGNS)} {e(INT, depth)})",
            lambda: f"abs({e(INT, depth)})",
            lambda: f"len({e(self.pick([STR, BYTES, list_of(INT), dict_of(STR, INT)]), depth)})",
            lambda: f"sum({e(list_of(INT), depth)})",
            lambda: f"sum(({self._loop(depth, INT)}), {e(INT, depth)})",
            lambda: f"{self.pick(['min', 'max'])}({e(INT, depth)}, {e(INT, depth)})",
            lambda: f"{self.pick(['min', 'max'])}({e(list_of(INT), depth)})",
            lambda: f"max({e(list_of(INT), depth)}, default={self.pick(_INTS[:6])})",
            lambda: f"int({e(self.pick([BOOL, DECIMAL]), depth)})",
            *self._numbers_from_text("int"),
            lambda: f"({e(INT, depth)} {self.pick(['or', 'and'])} {e(INT, depth)})",
        ]

    def _bools(self, depth: int) -> list[_Option]:
        e = self.expression
        number = [INT, DECIMAL, BOOL]
        anything = [INT, STR, BOOL, DECIMAL, BYTES, ADDRESS, list_of(INT), list_of(DECIMAL), *KINDS]
        tested = [INT, STR, DECIMAL, BYTES, list_of(INT), dict_of(STR, INT)]

        def equal() -> str:
            kind = self.pick(anything)
            return f"({e(kind, depth)} {self.pick(['==', '!='])} {e(kind, depth)})"

        def contained() -> str:
            item, owner = self.pick(
                [
                    (INT, list_of(INT)),
                    (STR, STR),
                    (STR, dict_of(STR, INT)),
                    (DECIMAL, list_of(DECIMAL)),
                    (STR, list_of(STR)),
                ]
            )
            return f"({e(item, depth)} {self.pick(['in', 'not in'])} {e(owner, depth)})"

        def chained() -> str:
            signs = [self.pick(_COMPARISONS) for _ in range(2)]
            kind = self.pick([INT, DECIMAL, STR])
            return f"({e(kind, depth)} {signs[0]} {e(kind, depth)} {signs[1]} {e(kind, depth)})"

        options: list[_Option] = [
            lambda: (
                f"({e(self.pick(number), depth)} {self.pick(_COMPARISONS)} {e(self.pick(number), depth)})"
            ),
            lambda: f"({e(STR, depth)} {self.pick(_COMPARISONS)} {e(STR, depth)})",
            equal,
            contained,
            chained,
            lambda: f"(not {e(self.pick([BOOL, *tested]), depth)})",
            lambda: f"({e(BOOL, depth)} {self.pick(['and', 'or'])} {e(BOOL, depth)})",
            lambda: f"bool({e(self.pick(tested), depth)})",
            lambda: f"{self.pick(['any', 'all'])}({self._loop(depth, BOOL)})",
            lambda: f"{self.pick(['any', 'all'])}({e(list_of(BOOL), depth)})",
            lambda: f"{e(STR, depth)}.{self.pick(['startswith', 'endswith'])}({e(STR, depth)})",
        ]
        optional = [name for name, kind in self.scope.variables.items() if kind.is_optional]
        if optional:
            # A bare test would narrow the type, so that the same test within it is refused as needless.
            options.append(
                lambda: f"(({self.pick(optional)} {self.pick(['is', 'is not'])} None) == {e(BOOL, 0)})"
            )
        return options

    def _strs(self, depth: int) -> list[_Option]:
        e = self.expression
        return [
            lambda: f"({e(STR, depth)} + {e(STR, depth)})",
            lambda: f"str({e(self.pick([INT, DECIMAL, BOOL, ADDRESS, STR]), depth)})",
            self._fstring,
            lambda: f"{e(STR, depth)}.{self.pick(['upper', 'lower', 'strip'])}()",
            lambda: f"{e(STR, depth)}.join({e(list_of(STR), depth)})",
            lambda: f"{e(BYTES, depth)}.hex()",
            lambda: f"({e(STR, depth)} or {e(STR, depth)})",
        ]

    def _fstring(self) -> str:
        """Inside the braces stand names only: Python 3.11 takes no quotes and backslashes there."""
        parts: list[str] = []
        specs = {INT: _INT_SPECS, DECIMAL: _DECIMAL_SPECS, STR: _STR_SPECS, BOOL: _INT_SPECS[:4]}
        for name in self.scope.find(INT, DECIMAL, STR, BOOL, ADDRESS)[-3:]:
            allowed = specs.get(self.scope.variables[name], _STR_SPECS)
            spec = self.pick(["", *(f":{each}" for each in allowed)])
            parts.append(f"{{{name}{spec}}}" if self.number(0, 3) else f"<{{{name}!s:>3}}}}}}")
        return f'f"{self.pick(["", "n: ", "{{", "é "])}{"|".join(parts)}"'

    def _decimals(self, depth: int) -> list[_Option]:
        e = self.expression
        return [
            lambda: f"Decimal({e(INT, depth)})",
            lambda: f"({e(DECIMAL, depth)} {self.pick(_DECIMAL_SIGNS)} {e(DECIMAL, depth)})",
            lambda: f"({e(DECIMAL, depth)} {self.pick(_DECIMAL_SIGNS)} {e(INT, depth)})",
            lambda: f"({e(INT, depth)} {self.pick(_DECIMAL_SIGNS)} {e(DECIMAL, depth)})",
            lambda: f"({e(DECIMAL, depth)} ** {self.number(-2, 3)})",
            lambda: f"(-{e(DECIMAL, depth)})",
            lambda: f"abs({e(DECIMAL, depth)})",
            lambda: (
                f'{e(DECIMAL, depth)}.quantize(Decimal("{self.pick(["1", "0.1", "0.01", "1E+2", "1E-20"])}"))'
            ),
            lambda: f"round({e(DECIMAL, depth)}, {self.number(-2, 4)})",
            lambda: f"sum({e(list_of(DECIMAL), depth)}, {e(DECIMAL, depth)})",
            lambda: f"{self.pick(['min', 'max'])}({e(DECIMAL, depth)}, {e(DECIMAL, depth)})",
            lambda: f"{self.pick(['min', 'max'])}({e(list_of(DECIMAL), depth)})",
            *self._numbers_from_text("Decimal"),
        ]

    def _numbers_from_text(self, kind: str) -> list[_Option]:
        """Conversions of variables: what a literal cannot be converted to is refused."""
        return [lambda n=name: f"{kind}({n})" for name in self.scope.find(STR)[-2:] if name[0] != "K"]  # type: ignore[misc]

    # --- containers ---------------------------------------------------------------------------------

    def iterable(self, depth: int, *, may_hide: bool = False) -> tuple[str, str, list[tuple[str, Type]]]:
        """Targets of a loop, what it goes over, and the types of the targets.

        With `may_hide` a target may have the name of a variable, as those of comprehensions may.
        """
        first = self.name("c")
        hidden = [name for name, kind in self.scope.variables.items() if not is_mutable(kind)]
        if may_hide and hidden and self.number(0, 4) == 0:
            first = self.pick(hidden)
        options: list[Callable[[], tuple[str, str, list[tuple[str, Type]]]]] = []

        def over(kind: Type) -> Callable[[], tuple[str, str, list[tuple[str, Type]]]]:
            return lambda: (first, self.expression(list_of(kind), depth), [(first, kind)])

        def several(
            text: Callable[[], str], *kinds: Type
        ) -> Callable[[], tuple[str, str, list[tuple[str, Type]]]]:
            def build() -> tuple[str, str, list[tuple[str, Type]]]:
                targets = [(first, kinds[0]), *((self.name("c"), kind) for kind in kinds[1:])]
                return ", ".join(name for name, _ in targets), text(), targets

            return build

        e = self.expression
        options = [
            over(INT),
            lambda: (first, f"range({self.number(0, 4)})", [(first, INT)]),
            lambda: (
                first,
                f"range({self.number(-3, 3)}, {self.number(-3, 5)}, {self.pick([1, 2, -1, -2])})",
                [(first, INT)],
            ),
            over(STR),
            several(lambda: f"enumerate({e(list_of(STR), depth)})", INT, STR),
            several(lambda: f"enumerate({e(list_of(INT), depth)}, {self.number(-1, 3)})", INT, INT),
            several(lambda: f"zip({e(list_of(INT), depth)}, {e(list_of(STR), depth)})", INT, STR),
            several(lambda: f"{e(dict_of(STR, INT), depth)}.items()", STR, INT),
            several(lambda: e(list_of(parse_type("tuple[int,str]")), depth), INT, STR),
            lambda: (first, e(dict_of(STR, INT), depth), [(first, STR)]),
            lambda: (first, f"{e(dict_of(INT, STR), depth)}.values()", [(first, STR)]),
            lambda: (first, f"reversed({e(list_of(INT), depth)})", [(first, INT)]),
            over(DECIMAL),
            over(parse_type("Pair")),
            over(list_of(INT)),
        ]
        return self.pick(options)()

    def _loop(self, depth: int, kind: Type) -> str:
        """`element for targets in items if condition`, without the brackets."""
        targets, items, kinds = self.iterable(depth, may_hide=True)
        with self.scope.enter_expression(kinds, items):
            inner = ""
            condition = f" if {self.expression(BOOL, depth)}" if self.number(0, 2) == 0 else ""
            if self.number(0, 5) == 0:
                # What this one hid could not be used in the condition any more.
                more, others, other_kinds = self.iterable(depth)
                with self.scope.enter_expression(other_kinds, others):
                    inner = f" for {more} in {others}"
                    element = self.expression(kind, depth)
            else:
                element = self.expression(kind, depth)
        return f"{element} for {targets} in {items}{condition}{inner}"

    def _lists(self, kind: Type, depth: int) -> list[_Option]:
        e, item = self.expression, kind.args[0]
        options: list[_Option] = [
            lambda: f"[{self._loop(depth, item)}]",
            lambda: f"({e(kind, depth)} + {e(kind, depth)})",
            lambda: f"list({e(kind, depth)})",
            lambda: f"list(reversed({e(kind, depth)}))",
        ]
        if item in (INT, STR):
            options.append(lambda: f"sorted({e(kind, depth)}{self.pick(['', ', reverse=True'])})")
        if item is INT:
            options.append(lambda: f"list(range({self.number(0, 4)}))")
            options.append(lambda: f"list({e(dict_of(STR, INT), depth)}.values())")
        if item is STR:
            options.append(lambda: f"{e(STR, depth)}.split({e(STR, depth)})")
            options.append(lambda: f"list({e(dict_of(STR, INT), depth)})")
        if item is parse_type("tuple[int,str]"):
            options.append(lambda: f"list(zip({e(list_of(INT), depth)}, {e(list_of(STR), depth)}))")
            options.append(lambda: f"list({e(dict_of(INT, STR), depth)}.items())")
        return options

    def _dicts(self, kind: Type, depth: int) -> list[_Option]:
        key, value = kind.args
        options: list[_Option] = [
            lambda: f"dict({self.expression(kind, depth)})",
            lambda: self._dict_comprehension(key, value, depth),
        ]
        if kind is dict_of(INT, STR):
            options.append(lambda: f"dict({self.expression(list_of(parse_type('tuple[int,str]')), depth)})")
        return options

    def _dict_comprehension(self, key: Type, value: Type, depth: int) -> str:
        targets, items, kinds = self.iterable(depth, may_hide=True)
        with self.scope.enter_expression(kinds, items):
            entry = f"{self.expression(key, depth)}: {self.expression(value, depth)}"
        return f"{{{entry} for {targets} in {items}}}"
