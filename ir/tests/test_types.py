"""The grammar of types: one spelling for each type, one object for each spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opforge_ir.operators import OPERATORS, resolve_operator
from opforge_ir.types import (
    BOOL,
    BYTES,
    DECIMAL,
    INT,
    MAX_TYPE_DEPTH,
    NONE,
    STR,
    Type,
    TypeSyntaxError,
    dict_of,
    list_of,
    named,
    optional_of,
    parse_type,
    tuple_of,
)

TYPES = st.recursive(
    st.sampled_from([INT, BOOL, STR, BYTES, DECIMAL, named("Wallet"), named("models.Wallet")]),
    lambda inner: st.one_of(
        inner.map(list_of),
        inner.map(optional_of),
        st.tuples(st.sampled_from([STR, INT]), inner).map(lambda pair: dict_of(*pair)),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: tuple_of(*items)),
    ),
    max_leaves=6,
)


@given(TYPES)
def test_a_spelling_is_the_same_object(kind: Type) -> None:
    """ "Type objects are interned: two equal types are the same object.\""""
    assert parse_type(kind.text) is kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("list[int]", list_of(INT)),
        ("dict[str,Optional[Wallet]]", dict_of(STR, optional_of(named("Wallet")))),
        ("tuple[int]", tuple_of(INT)),
    ],
)
def test_examples_of_the_grammar(text: str, expected: Type) -> None:
    assert parse_type(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        " int",
        "list[ int]",
        "list",
        "list[]",
        "list[int,int]",
        "dict[str]",
        "tuple",
        "tuple[]",
        "tuple[int,]",
        "Optional[Optional[int]]",
        "Optional[None]",
        "int[int]",
        "list[int",
        "list[int]]",
        "list[int]x",
        "int|None",
        "9lives",
        "list[" * (MAX_TYPE_DEPTH + 1) + "int" + "]" * (MAX_TYPE_DEPTH + 1),
    ],
)
def test_what_is_not_in_the_grammar_is_refused(text: str) -> None:
    with pytest.raises(TypeSyntaxError):
        parse_type(text)


def test_an_optional_of_an_optional_is_the_same_optional() -> None:
    assert optional_of(optional_of(INT)) is optional_of(INT)
    assert optional_of(NONE) is NONE


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("int.add", (INT, INT), INT),
        ("int.add", (INT, BOOL), None),
        ("int.add", (INT,), None),
        ("list.get", (list_of(STR), INT), STR),
        ("list.concat", (list_of(STR), list_of(INT)), None),
        ("list.zip", (list_of(INT), list_of(STR)), list_of(tuple_of(INT, STR))),
        ("dict.items", (dict_of(STR, INT),), list_of(tuple_of(STR, INT))),
        ("str.concat", (STR, STR, STR), STR),
        ("str.concat", (), None),
        ("optional.some", (INT,), optional_of(INT)),
        ("value.lt", (tuple_of(INT, list_of(STR)), tuple_of(INT, list_of(STR))), BOOL),
        ("value.lt", (optional_of(INT), optional_of(INT)), None),
        ("list.max", (list_of(dict_of(STR, INT)),), None),
        ("optional.value", (optional_of(INT),), INT),
    ],
)
def test_operators_are_resolved_by_their_patterns(
    name: str, arguments: tuple[Type, ...], result: Type | None
) -> None:
    assert resolve_operator(name, arguments) is result


def test_every_pattern_of_the_table_is_a_type() -> None:
    for operator in OPERATORS.values():
        for pattern in (*operator.params, operator.result):
            assert parse_type(pattern).text == pattern
