"""Random uses of lists and dicts: functions over their items, and changes in every form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from house.program_scope import is_mutable
from opforge_ir.types import BOOL, DECIMAL, INT, STR, Type, dict_of, list_of, parse_type

if TYPE_CHECKING:
    from house.program_expressions import ExpressionBuilder

__all__ = ["container_changes", "container_options"]

_Option = Callable[[], str]


def container_options(write: ExpressionBuilder, kind: Type, depth: int) -> list[_Option]:
    """Expressions of this type that go through a list or dict, or join several."""
    e = write.expression
    options: list[_Option] = []
    if not is_mutable(kind):
        options.append(lambda: f"{_extreme(write)}({e(list_of(kind), depth)}, {_key(write, kind, depth)})")
    match kind.head:
        case "int":
            options += [
                lambda: f"sum({_map(write, INT, depth)})",
                lambda: f"{e(list_of(INT), depth)}.index({e(INT, depth)})",
                lambda: f"{e(list_of(STR), depth)}.count({e(STR, depth)})",
                lambda: f"len([*{e(list_of(STR), depth)}, *{e(dict_of(STR, INT), depth)}])",
            ]
        case "bool":
            options += [
                lambda: f"{write.pick(['any', 'all'])}({_map(write, BOOL, depth)})",
                lambda: f"({e(INT, depth)} in range({_small(write)}, {_small(write)}, {_small(write)}))",
                lambda: f"({e(INT, depth)} in {e(dict_of(STR, INT), depth)}.values())",
            ]
        case "str":
            options += [
                lambda: f"{e(STR, depth)}.join({_map(write, STR, depth)})",
                lambda: f"{_extreme(write)}({e(STR, depth)}, {e(STR, depth)}, key=len)",
            ]
        case "list":
            options += _list_options(write, kind, depth)
        case "dict":
            options += [
                lambda: f"({e(kind, depth)} | {e(kind, depth)})",
                lambda: f"{{**{e(kind, depth)}, {e(kind.args[0], depth)}: {e(kind.args[1], depth)}}}",
                lambda: f"{e(kind, depth)}.copy()",
            ]
        case _:
            pass
    return options


def _list_options(write: ExpressionBuilder, kind: Type, depth: int) -> list[_Option]:
    e, item = write.expression, kind.args[0]
    options: list[_Option] = [
        lambda: f"sorted({e(kind, depth)}, {_key(write, item, depth)}{_reverse(write, depth)})",
        lambda: f"list({_map(write, item, depth)})",
        lambda: f"list({_filter(write, item, depth)})",
        lambda: f"[*{e(kind, depth)}, {e(item, depth)}, *{e(kind, depth)}]",
        lambda: f"({e(kind, depth)} * {_small(write)})",
        lambda: f"{e(kind, depth)}.copy()",
    ]
    if item in (INT, STR, BOOL, DECIMAL):
        options.append(lambda: f"sorted({e(kind, depth)}{_reverse(write, depth)})")
    if item is INT:
        rows = list_of(kind)
        options.append(lambda: f"sum({e(rows, depth)}, [])")
    if item is parse_type("tuple[int,str]"):
        options.append(lambda: f"list(zip({e(list_of(INT), depth)}, {e(list_of(STR), depth)}, strict=True))")
    return options


def _small(write: ExpressionBuilder) -> str:
    return str(write.number(-1, 3))


def _extreme(write: ExpressionBuilder) -> str:
    return write.pick(["min", "max"])


def _reverse(write: ExpressionBuilder, depth: int) -> str:
    return write.pick(["", ", reverse=True", f", reverse={write.expression(BOOL, depth)}"])


def _key(write: ExpressionBuilder, item: Type, depth: int) -> str:
    """A key function; the keys cannot fail to be compared."""
    if item is STR and write.number(0, 2) == 0:
        return f"key={write.pick(['len', 'str.lower', 'str.upper'])}"
    if item is INT and write.number(0, 2) == 0:
        return f"key={write.pick(['abs', 'bool', 'str'])}"
    name = write.name("k")
    with write.scope.enter_expression([(name, item)], ""):
        parts = [write.expression(write.pick([INT, STR, BOOL]), depth) for _ in range(write.number(1, 2))]
    return f"key=lambda {name}: {parts[0] if len(parts) == 1 else '(' + ', '.join(parts) + ')'}"


def _map(write: ExpressionBuilder, result: Type, depth: int) -> str:
    """A `map` that gives items of this type."""
    kinds = [write.pick([INT, STR, parse_type("Pair")]) for _ in range(write.pick([1, 1, 1, 2]))]
    items = [write.expression(list_of(kind), depth) for kind in kinds]
    names = [write.name("k") for _ in kinds]
    with write.scope.enter_expression(list(zip(names, kinds, strict=True)), " ".join(items)):
        value = write.expression(result, depth)
    return f"map(lambda {', '.join(names)}: {value}, {', '.join(items)})"


def _filter(write: ExpressionBuilder, item: Type, depth: int) -> str:
    items = write.expression(list_of(item), depth)
    if item in (INT, STR) and write.number(0, 2) == 0:
        return f"filter(None, {items})"
    name = write.name("k")
    with write.scope.enter_expression([(name, item)], items):
        return f"filter(lambda {name}: {write.expression(BOOL, depth)}, {items})"


def container_changes(write: ExpressionBuilder, name: str, kind: Type) -> list[tuple[str, Type | None]]:
    """Statements that change a variable; beside each the type of what it gives, which may be assigned."""
    value = write.expression(kind.args[-1], 1)
    if kind.is_dict:
        key = write.expression(kind.args[0], 1)
        entries = write.expression(kind, 1)
        return [
            (f"{name}[{key}] = {value}", None),
            (f"del {name}[{key}]", None),
            (f"{name}.pop({key})", kind.args[1]),
            (f"{name}.pop({key}, {value})", kind.args[1]),
            (f"{name}.setdefault({key}, {value})", kind.args[1]),
            (f"{name}.update({entries})", None),
            (f"{name} |= {entries}", None),
            (f"{name}.popitem()[1]", kind.args[1]),
            (f"{name}.clear()", None),
        ]
    place, items = write.pick(["0", "-1", "1", write.expression(INT, 1)]), write.expression(kind, 1)
    changes: list[tuple[str, Type | None]] = [
        (f"{name}[{place}] = {value}", None),
        (f"{name}.insert({place}, {value})", None),
        (f"{name}.extend({items})", None),
        (f"{name} += {items}", None),
        (f"{name}.pop({place})", kind.args[0]),
        (f"{name}.pop()", kind.args[0]),
        (f"del {name}[{place}]", None),
        (f"{name}.remove({value})", None),
        (f"{name}.reverse()", None),
        (f"{name}[0], {name}[{place}] = {name}[-1], {name}[0]", None),
        (f"{name}.clear()", None),
    ]
    if kind.args[0] in (INT, STR):
        sign = write.pick(["+", "-", "*"]) if kind.args[0] is INT else "+"
        changes.append((f"{name}[{place}] {sign}= {value}", None))
        changes.append((f"{name}.sort({_key(write, kind.args[0], 1)}{_reverse(write, 1)})", None))
        changes.append((f"{name}.sort()", None))
    return changes
