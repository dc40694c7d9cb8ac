"""From typed expressions to those of the IR, with what is more than an expression there lifted into nodes.

Python evaluates operands from left to right. When a later operand adds nodes, an earlier one whose value
could change or whose evaluation could fail is given a name before them, so the order stays Python's.
"""

from __future__ import annotations

from collections.abc import Sequence

from opforge import _ir
from opforge._frontend.coercion import apply
from opforge._frontend.flow import HIDDEN
from opforge._frontend.lower_conversions import build_conversion
from opforge._frontend.lower_patterns import assign, bind_targets
from opforge._frontend.lower_requests import build_static, get_network, name_request
from opforge._frontend.lowering_context import Env, Lowering, is_order_kept_by_nodes, is_settled
from opforge._frontend.region import Region
from opforge._frontend.tree import (
    After,
    Apply,
    BooleanChain,
    CallFunction,
    Clause,
    Comprehension,
    Conditional,
    ConstantRef,
    Decode,
    DictNew,
    EnumPart,
    Expr,
    FieldOf,
    IsInstance,
    ListNew,
    Literal,
    Local,
    Mutate,
    Narrow,
    Pattern,
    Quantified,
    RecordNew,
    Request,
    SetNew,
    Temporary,
    TupleNew,
    Walrus,
    Widen,
    With,
)
from opforge._frontend.walk import walk
from opforge_ir.capabilities import VERBS
from opforge_ir.types import BOOL, list_of

__all__ = [
    "define",
    "lower",
    "lower_change",
    "lower_operands",
    "name_if",
    "name_test",
]


def lower(work: Lowering, expression: Expr, region: Region, env: Env, hint: str) -> _ir.Expression:
    """The value of an expression; nodes that it needs go into the region. `hint` names temporaries."""
    made = _lower(work, expression, region, env, hint)
    work.places.put(made, expression.span)
    return made


def define(work: Lowering, name: str, expression: Expr, region: Region, env: Env) -> _ir.Expression:
    """Evaluate an expression as the value called `name`; returns the reference to it."""
    match expression:
        case With():
            _bind_temporary(work, expression, region, env, name)
            assert expression.body is not None
            return define(work, name, expression.body, region, env)
        case After():
            _make_changes(work, expression, region, env)
            return define(work, name, expression.value, region, env)
        case Request():
            return _request(work, expression, region, env, name)
        case CallFunction() if expression.function.key in work.effectful:
            return _call_node(work, expression, region, env, name)
        case Comprehension() if len(expression.clauses) == 1:
            return _map(work, expression, region, env, name)
        case _:
            value = lower(work, expression, region, env, name)
            return _let(work, region, name, expression, value)


def _ref(name: str) -> _ir.Ref:
    return _ir.Ref(kind="ref", name=name)


def _let(work: Lowering, region: Region, name: str, source: Expr, value: _ir.Expression) -> _ir.Ref:
    node = _ir.Let(kind="let", id=region.claim(name), type=work.type(source.type), value=value)
    work.places.put(node, source.span)
    region.nodes.append(node)
    return _ref(node["id"])


def _lower(  # noqa: C901 - one case for each kind of expression
    work: Lowering, expression: Expr, region: Region, env: Env, hint: str
) -> _ir.Expression:
    match expression:
        case Literal():
            return _ir.LiteralValue(kind="lit", type=work.type(expression.type), value=expression.value)
        case Local():
            return env[expression.name][0].copy()
        case Temporary():
            return work.temporaries[id(expression.of)].copy()
        case ConstantRef():
            return _ir.Const(kind="const", name=work.spelling.name(expression.constant))
        case Apply():
            args = lower_operands(work, expression.args, region, env, hint, expression.order)
            return _ir.Apply(kind="apply", op=expression.op, args=args)
        case CallFunction():
            return _call(work, expression, region, env, hint)
        case Request():
            return _request(work, expression, region, env, None)
        case RecordNew():
            return _record(work, expression, region, env, hint)
        case ListNew():
            items = lower_operands(work, expression.items, region, env, hint)
            return _ir.ListValue(kind="list", type=work.type(expression.type), items=items)
        case TupleNew():
            return _ir.TupleValue(
                kind="tuple", items=lower_operands(work, expression.items, region, env, hint)
            )
        case DictNew():
            return _dict(work, expression, region, env, hint)
        case SetNew():
            items = lower_operands(work, expression.items, region, env, hint)
            return _ir.SetValue(kind="set", type=work.type(expression.type), items=items)
        case EnumPart() | Widen() | IsInstance() | Narrow():
            source = expression.of if isinstance(expression, EnumPart) else expression.value
            return build_conversion(work, expression, lower(work, source, region, env, hint))
        case FieldOf():
            of = lower(work, expression.of, region, env, hint)
            return _ir.FieldOf(kind="field", of=of, name=expression.name)
        case Conditional():
            return _conditional(work, expression, region, env, hint)
        case BooleanChain():
            return _chain(work, expression, region, env, hint)
        case Decode():
            text = lower(work, expression.text, region, env, hint)
            return _ir.Decode(kind="decode", type=work.type(expression.type), value=text)
        case With():
            _bind_temporary(work, expression, region, env, hint)
            assert expression.body is not None
            return lower(work, expression.body, region, env, hint)
        case After():
            _make_changes(work, expression, region, env)
            return lower(work, expression.value, region, env, hint)
        case Comprehension():
            return _comprehension(work, expression, region, env)
        case Quantified():
            return _quantified(work, expression, region, env)
        case Walrus():
            made = define(work, expression.name, expression.value, region, env)
            assign(work, expression.name, made, expression.type, region, env)
            return made.copy()


def _bind_temporary(work: Lowering, expression: With, region: Region, env: Env, hint: str) -> None:
    value = lower(work, expression.value, region, env, f"{hint}-part")
    is_named = expression.is_named or not is_settled(expression.value)
    if is_named and not _is_at_hand(value):
        value = _let(work, region, f"{hint}-part", expression.value, value)
    work.temporaries[id(expression)] = value


def _make_changes(work: Lowering, after: After, region: Region, env: Env) -> None:
    for change in after.changes:
        lower_change(work, change, region, env)


def lower_change(work: Lowering, change: Mutate, region: Region, env: Env) -> None:
    """The node that makes a change; it is named after the variable that leads to what it changes."""
    verb = change.op.rpartition(".")[2].replace("_", "-")
    target = _name_owner(change.args[0])
    args = lower_operands(work, change.args, region, env, target, change.order)
    node = _ir.Do(kind="do", id=region.claim(f"{verb}-{target}"), op=change.op, args=args)
    work.places.put(node, change.span)
    region.nodes.append(node)


def _name_owner(value: Expr) -> str:
    while True:
        match value:
            case Local():
                return value.name
            case Temporary():
                value = value.of.value
            case Apply():
                value = value.args[0]
            case FieldOf():
                value = value.of
            case _:
                return "value"


def lower_operands(
    work: Lowering,
    expressions: Sequence[Expr],
    region: Region,
    env: Env,
    hint: str,
    order: Sequence[int] | None = None,
) -> list[_ir.Expression]:
    """Operands, evaluated in `order`; the IR evaluates those that stay expressions from left to right."""
    is_reordered = is_order_kept_by_nodes(expressions, order)
    order = range(len(expressions)) if order is None else order
    emitting = [position for position in order if work.emits(expressions[position])]
    last = emitting[-1] if emitting else None
    is_before_last = last is not None
    made: dict[int, _ir.Expression] = {}
    for position in order:
        if position == last:
            is_before_last = False
        source = expressions[position]
        value = lower(work, source, region, env, hint)
        if (is_before_last or is_reordered) and not _is_at_hand(value) and not is_settled(source):
            value = _let(work, region, f"{hint}-part", source, value)
        made[position] = value
    return [made[position] for position in range(len(expressions))]


def _is_at_hand(value: _ir.Expression) -> bool:
    """Whether there is nothing to evaluate."""
    return value["kind"] in ("ref", "lit", "const")


def _call(work: Lowering, call: CallFunction, region: Region, env: Env, hint: str) -> _ir.Expression:
    if call.function.key in work.effectful:
        return _call_node(work, call, region, env, None)
    args = lower_operands(work, call.args, region, env, hint, call.order)
    return _ir.CallValue(kind="call", function=work.spelling.name(call.function), args=args)


def _call_node(
    work: Lowering, call: CallFunction, region: Region, env: Env, name: str | None
) -> _ir.Expression:
    name = name or f"call-{call.function.syntax.name}"
    args = lower_operands(work, call.args, region, env, name, call.order)
    called, kind = work.spelling.name(call.function), work.type(call.type)
    node: _ir.Invoke | _ir.CallNode
    if call.function.is_op:
        node = _ir.Invoke(kind="invoke", id=region.claim(name), type=kind, op=called, args=args)
    else:
        node = _ir.CallNode(kind="call", id=region.claim(name), type=kind, function=called, args=args)
    work.places.put(node, call.span)
    region.nodes.append(node)
    return _ref(node["id"])


def _request(work: Lowering, request: Request, region: Region, env: Env, name: str | None) -> _ir.Expression:
    static = build_static(work, request)
    name = name or name_request(request, static)
    # The arguments of an effect are evaluated in the order of the verb's parameters.
    names = [p.name for p in VERBS[request.verb].parameters if p.name in request.args]
    order = [names.index(argument) for argument in request.args]
    values = lower_operands(work, [request.args[each] for each in names], region, env, name, order)
    args = dict(zip(names, values, strict=True))
    if request.verb in ("chain.balance", "chain.call") and "at" not in args:
        args["at"] = work.pins[get_network(request)].copy()
    node = _ir.Effect(
        kind="effect",
        id=region.claim(name),
        verb=request.verb,
        type=work.type(request.type),
        static=static,
        args=args,
    )
    work.places.put(node, request.span)
    region.nodes.append(node)
    return _ref(node["id"])


def _record(work: Lowering, made: RecordNew, region: Region, env: Env, hint: str) -> _ir.Expression:
    values = lower_operands(work, [value for _, value in made.fields], region, env, hint)
    names = [name for name, _ in made.fields]
    return _ir.RecordValue(
        kind="record",
        record=work.spelling.name(made.record),
        fields=[_ir.FieldValue(name=name, value=value) for name, value in zip(names, values, strict=True)],
    )


def _dict(work: Lowering, made: DictNew, region: Region, env: Env, hint: str) -> _ir.Expression:
    flat = [part for entry in made.entries for part in entry]
    values = lower_operands(work, flat, region, env, hint)
    pairs = zip(values[::2], values[1::2], strict=True)
    return _ir.DictValue(
        kind="dict",
        type=work.type(made.type),
        entries=[_ir.DictEntry(key=key, value=value) for key, value in pairs],
    )


def _conditional(work: Lowering, choice: Conditional, region: Region, env: Env, hint: str) -> _ir.Expression:
    test = lower(work, choice.test, region, env, hint)
    if not work.emits(choice.then) and not work.emits(choice.otherwise):
        return _ir.Conditional(
            kind="cond",
            test=test,
            then=lower(work, choice.then, region, env, hint),
            otherwise=lower(work, choice.otherwise, region, env, hint),
        )
    return _choose(work, choice.test, test, choice.then, choice.otherwise, region, env, hint)


def _choose(
    work: Lowering,
    test_source: Expr,
    test: _ir.Expression,
    then: Expr,
    otherwise: Expr,
    region: Region,
    env: Env,
    hint: str,
) -> _ir.Expression:
    """`then if test else otherwise` as an `if` node, since a side of it adds nodes."""
    node = _ir.If(
        kind="if", id=region.claim(name_if(test_source)), test=test, then=[], otherwise=[], results=[]
    )
    sides: list[_ir.Expression] = []
    for side, nodes in ((then, node["then"]), (otherwise, node["otherwise"])):
        inner = Region(region)
        sides.append(lower(work, side, inner, env, hint))
        nodes.extend(inner.nodes)
    result = region.claim(f"{hint}-part")
    node["results"].append(
        _ir.IfResult(id=result, type=work.type(then.type), then=[sides[0]], otherwise=[sides[1]])
    )
    work.places.put(node, then.span)
    region.nodes.append(node)
    return _ref(result)


def name_if(test: Expr) -> str:
    """The id of an `if`."""
    return f"if-{name_test(test)}"


def name_test(test: Expr) -> str:
    """What a test is called: the first variable in it."""
    named = [part for part in walk(test) if isinstance(part, Local)]
    first = min(named, key=lambda part: (part.span.line, part.span.column), default=None)
    return first.name.partition(HIDDEN)[0] if first is not None else "test"


def _chain(work: Lowering, chain: BooleanChain, region: Region, env: Env, hint: str) -> _ir.Expression:
    first, *rest = chain.args
    if not rest:
        return lower(work, first, region, env, hint)
    if any(work.emits(arg) for arg in rest):
        test = lower(work, first, region, env, hint)
        others = rest[0] if len(rest) == 1 else BooleanChain(BOOL, chain.span, chain.is_and, rest)
        decided = Literal(BOOL, first.span, "false" if chain.is_and else "true")
        then, otherwise = (others, decided) if chain.is_and else (decided, others)
        return _choose(work, first, test, then, otherwise, region, env, hint)
    args = [lower(work, arg, region, env, hint) for arg in chain.args]
    if chain.is_and:
        return _ir.AllOf(kind="and", args=args)
    return _ir.AnyOf(kind="or", args=args)


def _comprehension(work: Lowering, made: Comprehension, region: Region, env: Env) -> _ir.Expression:
    if len(made.clauses) == 1:
        return _map(work, made, region, env, None)
    head, *rest = made.clauses
    inner = Comprehension(made.type, made.span, rest, made.element)
    nested = Comprehension(list_of(made.type), made.span, [head], inner)
    return lower(work, apply("list.flatten", made.type, nested), region, env, "")


def _map(work: Lowering, made: Comprehension, region: Region, env: Env, name: str | None) -> _ir.Expression:
    (clause,) = made.clauses
    name = name or f"map-{_first_name(clause.pattern)}"
    items = lower(work, clause.items, region, env, name)
    node_id = region.claim(name)
    body, inner = Region(region), dict(env)
    # The variables of a comprehension are its own, also where a `try` keeps one of the same name.
    tries, work.tries = work.tries, []
    targets = bind_targets(work, clause.pattern, body, inner)
    _yield(work, clause.conditions, made.element, body, inner)
    work.tries = tries
    node = _ir.Map(
        kind="map",
        id=node_id,
        type=work.type(made.type),
        items=items,
        targets=targets,
        body=body.nodes,
    )
    work.places.put(node, made.span)
    region.nodes.append(node)
    return _ref(node_id)


def _yield(work: Lowering, conditions: Sequence[Expr], element: Expr, region: Region, env: Env) -> None:
    if not conditions:
        value = lower(work, element, region, env, "yield")
        end = _ir.Yield(kind="yield", value=value)
        work.places.put(end, element.span)
        region.nodes.append(end)
        return
    test = lower(work, conditions[0], region, env, "test")
    node = _ir.If(
        kind="if", id=region.claim(name_if(conditions[0])), test=test, then=[], otherwise=[], results=[]
    )
    inner = Region(region)
    _yield(work, conditions[1:], element, inner, dict(env))
    node["then"].extend(inner.nodes)
    work.places.put(node, conditions[0].span)
    region.nodes.append(node)


def _quantified(work: Lowering, made: Quantified, region: Region, env: Env) -> _ir.Expression:
    """`any` and `all`: a loop that carries the answer, and evaluates nothing more once it is known."""
    clause, *rest = made.clauses
    word = "all" if made.is_all else "any"
    items = lower(work, clause.items, region, env, word)
    node_id = region.claim(f"{word}-{_first_name(clause.pattern)}")
    body, inner = Region(region), dict(env)
    carried_id = body.claim(word)
    so_far = With(BOOL, made.span, Literal(BOOL, made.span, "true"))
    work.temporaries[id(so_far)] = _ref(carried_id)
    tries, work.tries = work.tries, []
    targets = bind_targets(work, clause.pattern, body, inner)
    step = _step(made, clause, rest, Temporary(BOOL, made.span, so_far))
    following = lower(work, step, body, inner, word)
    work.tries = tries
    result = region.claim(word)
    node = _ir.For(
        kind="for",
        id=node_id,
        items=items,
        targets=targets,
        carried=[
            _ir.Carried(
                id=carried_id,
                type="bool",
                init=_ir.LiteralValue(kind="lit", type="bool", value="true" if made.is_all else "false"),
                next=following,
                result=result,
            )
        ],
        body=body.nodes,
    )
    work.places.put(node, made.span)
    region.nodes.append(node)
    return _ref(result)


def _step(made: Quantified, clause: Clause, rest: Sequence[Clause], so_far: Expr) -> Expr:
    """The answer after one more iteration, from the answer so far."""
    element = Quantified(BOOL, made.span, made.is_all, list(rest), made.element) if rest else made.element
    if made.is_all:
        failed = [apply("bool.not", BOOL, condition) for condition in clause.conditions]
        inner = BooleanChain(BOOL, made.span, False, [*failed, element])
    else:
        inner = BooleanChain(BOOL, made.span, True, [*clause.conditions, element])
    return BooleanChain(BOOL, made.span, made.is_all, [so_far, inner])


def _first_name(pattern: Pattern) -> str:
    return next(iter(pattern.names()), "item")
