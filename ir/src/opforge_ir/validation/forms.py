"""The models of the document as forms: what may stand in each place, in words that a message can use.

Pydantic says whether a document fits its models, but lists every misfit of a hostile document, with texts of
its own, before anything can stop it. The forms are read from the same models, so a rule is still stated once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_origin

from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType

__all__ = [
    "Array",
    "Choice",
    "Form",
    "Integer",
    "Object",
    "OneOf",
    "Table",
    "Text",
    "get_form",
    "get_members",
]


@dataclass(frozen=True, slots=True)
class Text:
    """A string. Both bounds may be absent."""

    pattern: str | None
    limit: int | None

    def fits(self, value: str) -> bool:
        """Whether the string is short enough and matches."""
        if self.limit is not None and len(value) > self.limit:
            return False
        return self.pattern is None or _matcher(self.pattern)(value) is not None


@dataclass(frozen=True, slots=True)
class Integer:
    """A JSON integer within bounds, both included."""

    minimum: int
    maximum: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some strings."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """A JSON array of `minimum` to `maximum` items; None for no upper bound."""

    item: Any
    minimum: int
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A JSON object with free keys."""

    key: Text
    value: Any


@dataclass(frozen=True, slots=True)
class Object:
    """A JSON object with the members of a model, all of them."""

    model: type[BaseModel]


@dataclass(frozen=True, slots=True)
class OneOf:
    """A JSON object whose member `kind` says which model it follows."""

    models: tuple[tuple[str, type[BaseModel]], ...]


Form: TypeAlias = "Text | Integer | Choice | Array | Table | Object | OneOf"
"""`item` and `value` of an Array or Table are annotations, for `get_form`: the models refer to themselves."""

_WHOLE_LINE_END: Final = "$"


@cache
def _matcher(pattern: str) -> Callable[[str], re.Match[str] | None]:
    # In Python `$` also matches before a final newline; in JSON Schema and in pydantic it does not.
    return re.compile(pattern.removesuffix(_WHOLE_LINE_END) + r"\Z").match


@cache
def get_members(model: type[BaseModel]) -> dict[str, Form]:
    """The form of each member of a model."""
    return {
        name: _build_form(info.annotation, tuple(info.metadata)) for name, info in model.model_fields.items()
    }


def get_form(annotation: Any) -> Form:
    """The form that an annotation of a model stands for."""
    return _build_form(annotation, ())


def _build_form(annotation: Any, metadata: tuple[Any, ...]) -> Form:
    while True:
        if isinstance(annotation, TypeAliasType):
            annotation = annotation.__value__
        elif get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metadata = (*metadata, *more)
        else:
            break
    bounds = _Bounds(metadata)
    origin = get_origin(annotation)
    if origin is Literal:
        return Choice(get_args(annotation))
    if origin is list:
        return Array(get_args(annotation)[0], bounds.get("min_length") or 0, bounds.get("max_length"))
    if origin is dict:
        key = get_form(get_args(annotation)[0])
        assert isinstance(key, Text), "JSON keys are strings"
        return Table(key, get_args(annotation)[1])
    if annotation is str:
        return Text(bounds.get("pattern"), bounds.get("max_length"))
    if annotation is int:
        return Integer(bounds.get("ge"), bounds.get("le"))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Object(annotation)
    return OneOf(tuple((_kind_of(model), model) for model in get_args(annotation)))


def _kind_of(model: type[BaseModel]) -> str:
    return str(get_args(model.model_fields["kind"].annotation)[0])


class _Bounds:
    """The constraints of an annotation by name, whatever object states them."""

    def __init__(self, metadata: tuple[Any, ...]) -> None:
        self._stated: list[Any] = []
        for each in metadata:
            self._stated += each.metadata if isinstance(each, FieldInfo) else [each]

    def get(self, name: str) -> Any:
        for each in self._stated:
            if isinstance(each, StringConstraints) or hasattr(each, name):
                found = getattr(each, name)
                if found is not None:
                    return found
        return None
