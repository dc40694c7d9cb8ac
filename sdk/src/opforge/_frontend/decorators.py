"""Decorators: what makes a function an op, with which policy, and what starts it."""

from __future__ import annotations

import ast
from typing import Final, Literal

from opforge._durations import read_duration_ms
from opforge._frontend.context import Context
from opforge._frontend.fixed_arguments import FixedArguments
from opforge._frontend.lookup import resolve_dotted
from opforge._frontend.source import Located
from opforge._frontend.symbols import Backoff, Broken, FunctionDecl, Module, Policy, VocabularySymbol
from opforge_ir.codes.source import E_DECORATOR, E_OP_ARGUMENT
from opforge_ir.codes.triggers import E_TRIGGER_WITHOUT_OP
from opforge_ir.ids import is_segment
from opforge_ir.types import BOOL, NONE, STR

__all__ = [
    "RETRY",
    "check_decorators",
    "decorator_name",
    "find_cache",
    "find_op",
    "find_triggers",
    "read_compensation",
    "read_policy",
]

_MAX_RETRIES: Final = 100
_MAX_TIMEOUT_MS: Final = 365 * 24 * 3600 * 1000
_MAX_CONCURRENCY: Final = 1000
_MAX_ITERATIONS: Final = 1_000_000_000
_MAX_BACKOFF_MS: Final = 24 * 3600 * 1000
_PARAMETERS: Final = (
    *("retry", "attempt_timeout", "timeout", "tags", "concurrency", "max_iterations"),
    "compensate",
)
_RETRY_PARAMETERS: Final = ("retries", "first", "cap", "kind", "jitter")
_OP: Final = "opforge.op"
RETRY: Final = "opforge.Retry"
"""What says, in a decorator, how something is tried again."""
_TRIGGER: Final = "opforge.on."


def decorator_name(module: Module, node: ast.expr) -> str | None:
    """The full name of a decorator of the vocabulary, called or not; None for any other."""
    symbol = resolve_dotted(module, node.func if isinstance(node, ast.Call) else node)
    return symbol.full if isinstance(symbol, VocabularySymbol) else None


def find_op(module: Module, node: ast.FunctionDef) -> ast.expr | None:
    """The `@op` of a function."""
    return next((each for each in node.decorator_list if decorator_name(module, each) == _OP), None)


def find_cache(module: Module, node: ast.FunctionDef) -> ast.expr | None:
    """The `@functools.cache` or `@functools.lru_cache` of a function, with arguments that Python takes."""
    for each in node.decorator_list:
        call = each if isinstance(each, ast.Call) else None
        match decorator_name(module, each):
            case "functools.cache" if call is None:
                return each
            case "functools.lru_cache" if call is None or _has_cache_arguments(call):
                return each
            case _:
                pass
    return None


def _has_cache_arguments(node: ast.Call) -> bool:
    values = [*node.args, *(keyword.value for keyword in node.keywords)]
    names = [keyword.arg for keyword in node.keywords]
    return (
        len(node.args) <= 1
        and set(names) <= {"maxsize", "typed"}
        and len(set(names)) == len(names)
        and all(isinstance(value, ast.Constant) and isinstance(value.value, int | None) for value in values)
    )


def find_triggers(module: Module, node: ast.FunctionDef) -> list[tuple[str, ast.expr]]:
    """The triggers of a function: their kinds, and their decorators from top to bottom."""
    named = [(decorator_name(module, each) or "", each) for each in node.decorator_list]
    return [(name.removeprefix(_TRIGGER), each) for name, each in named if name.startswith(_TRIGGER)]


def check_decorators(module: Module, node: ast.FunctionDef) -> None:
    """Report the decorators of a function that mean nothing here."""
    op = find_op(module, node)
    known = [op, find_cache(module, node), *(decorator for _, decorator in find_triggers(module, node))]
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        if decorator not in known and not isinstance(resolve_dotted(module, named), Broken):
            module.report(E_DECORATOR, decorator)
    if op is None:
        for kind, decorator in find_triggers(module, node):
            module.report(E_TRIGGER_WITHOUT_OP, decorator, kind=kind, name=node.name)


def read_policy(ctx: Context, decorator: ast.expr) -> Policy:
    """What `@op` or `@op(retry=…, timeout="2m", tags=[…], …)` says, but for what undoes the op."""
    if not isinstance(decorator, ast.Call):
        return Policy()

    def refuse(place: Located, argument: str, reason: str) -> None:
        ctx.report(E_OP_ARGUMENT, place, argument=argument, reason=reason)

    arguments = FixedArguments(ctx, decorator, _PARAMETERS, 0, refuse)
    retry = arguments.get("retry")
    if isinstance(retry, ast.Call) and decorator_name(ctx.module, retry) == RETRY:
        given = FixedArguments(ctx, retry, _RETRY_PARAMETERS, 1, refuse)
        given.need("retries")
        retries, backoff = given.number("retries", 0, _MAX_RETRIES, 0), _read_backoff(given)
    else:
        retries, backoff = arguments.number("retry", 0, _MAX_RETRIES, 0), Backoff()
    return Policy(
        retries=retries,
        backoff=backoff,
        attempt_timeout_ms=_read_duration(arguments, "attempt_timeout", _MAX_TIMEOUT_MS),
        timeout_ms=_read_duration(arguments, "timeout", _MAX_TIMEOUT_MS),
        tags=_read_tags(arguments),
        concurrency=arguments.number("concurrency", 0, _MAX_CONCURRENCY, 0),
        max_iterations=arguments.number("max_iterations", 0, _MAX_ITERATIONS, 0),
    )


def read_compensation(ctx: Context, decorator: ast.expr, function: FunctionDecl) -> FunctionDecl | None:
    """The op that `compensate=` names; None where it names none or was refused.

    The parameters of both ops have been read.
    """
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    given = next((each.value for each in keywords if each.arg == "compensate"), None)
    if given is None or (isinstance(given, ast.Constant) and given.value is None):
        return None
    undoing = ctx.resolve(given)
    if isinstance(undoing, FunctionDecl) and undoing.is_op and _is_above(ctx, undoing):
        if not (undoing.is_complete and function.is_complete):
            return None
        if [each.type for each in undoing.parameters] == [each.type for each in function.parameters]:
            ctx.program.calls.append((function, undoing, ctx.span(given)))
            return undoing
    if not isinstance(undoing, Broken):
        reason = "it is another op, defined above, with parameters of the same types"
        ctx.report(E_OP_ARGUMENT, given, argument="compensate", reason=reason)
    return None


def _is_above(ctx: Context, function: FunctionDecl) -> bool:
    return function.module is not ctx.module or function.node.lineno < ctx.line


def _read_backoff(arguments: FixedArguments) -> Backoff:
    kind: Literal["exponential", "fixed"] = "exponential"
    if arguments.choice("kind", ("exponential", "fixed"), kind) == "fixed":
        kind = "fixed"
    first = _read_duration(arguments, "first", _MAX_BACKOFF_MS) or Backoff.first_ms
    cap = _read_duration(arguments, "cap", _MAX_BACKOFF_MS) or (
        first if kind == "fixed" else max(first, Backoff.cap_ms)
    )
    if cap < first and arguments.get("cap") is not None:
        arguments.refuse("cap", "the longest wait is not shorter than the first one")
    return Backoff(kind, first, cap, has_jitter=_read_jitter(arguments))


def _read_jitter(arguments: FixedArguments) -> bool:
    found = arguments.read("jitter")
    if found is not None and found[0] is not BOOL:
        arguments.refuse("jitter", "it is True or False")
    return found is None or found[1] is not False


def _read_duration(arguments: FixedArguments, name: str, most: int) -> int:
    """The milliseconds of a duration; 0 where there is none."""
    found = arguments.read(name)
    if found is None or found == (NONE, None):
        return 0
    kind, value = found
    milliseconds = (read_duration_ms(value) if kind is STR else None) or 0
    if not 0 < milliseconds <= most:
        longest = "a year" if most == _MAX_TIMEOUT_MS else "a day"
        arguments.refuse(name, f'it is a number and ms, s, m, h or d, such as "2m", and at most {longest}')
        return 0
    return milliseconds


def _read_tags(arguments: FixedArguments) -> tuple[str, ...]:
    node = arguments.get("tags")
    if isinstance(node, ast.List | ast.Tuple) and not node.elts:
        return ()
    found = arguments.read("tags")
    if found is None:
        return ()
    kind, tags = found[0], tuple(found[1]) if found[0].is_list or found[0].is_tuple else ()
    are_texts = bool(tags) and all(arg is STR for arg in kind.args)
    if not are_texts or len(set(tags)) != len(tags) or not all(is_segment(tag) for tag in tags):
        arguments.refuse("tags", "they are different names of letters, digits, - and _")
        return ()
    return tags
