"""Where and why the shape of a document is not that of the models, every misfit in one run.

This is for documents that are known to be misshapen: the walk of `meaning` is faster, but says only that
the models refuse a definition. A test holds the three equal: the models, the walk, and this.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeAlias, cast

from opforge_ir.codes.document import (
    E_ITEM_COUNT,
    E_MALFORMED_KEY,
    E_MALFORMED_TEXT,
    E_MISSING_FIELD,
    E_NOT_ALLOWED,
    E_OUT_OF_RANGE,
    E_TEXT_TOO_LONG,
    E_UNKNOWN_FIELD,
    E_UNKNOWN_KIND,
    E_WRONG_TYPE,
)
from opforge_ir.problems import Container, JsonArray, JsonObject, Problems
from opforge_ir.validation.forms import (
    Array,
    Choice,
    Form,
    Integer,
    Object,
    OneOf,
    Table,
    Text,
    get_form,
    get_members,
)
from opforge_ir.validation.head import describe

__all__ = ["check_shape"]

_DISCRIMINATOR: Final = "kind"


def check_shape(document: JsonObject, problems: Problems) -> None:
    """Note every place where the document is not as the models have it."""
    _Shape(problems).check(document)


_Place: TypeAlias = tuple[Form, Container, str | int]
"""What should stand in a container, under which key or index."""


class _Shape:
    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        self._open: list[Iterator[_Place]] = []
        """What is yet to be looked at of each container around the place that is looked at.

        Not recursive, so that no depth of a document is too much."""

    def check(self, document: JsonObject) -> None:
        from opforge_ir.document import Document

        self._check_members(Object(Document), document)
        while self._open and not self._problems.is_full:
            place = next(self._open[-1], None)
            if place is None:
                self._open.pop()
            else:
                self._check_place(*place)

    def _check_place(self, form: Form, container: Container, key: str | int) -> None:
        value = cast("dict[str | int, Any]", container)[key]
        match form:
            case Object() | OneOf() | Table():
                if not isinstance(value, dict):
                    self._refuse_type(container, key, value, "an object")
                elif isinstance(form, Table):
                    self._check_entries(form, cast("JsonObject", value))
                else:
                    self._check_members(form, cast("JsonObject", value))
            case Array():
                if type(value) is not list:
                    self._refuse_type(container, key, value, "an array")
                else:
                    self._check_items(form, container, key, cast("Any", value))
            case Choice():
                if not isinstance(value, str) or value not in form.values:
                    allowed = _describe_choice(form.values, value)
                    self._problems.add(E_NOT_ALLOWED, container, key, found=describe(value), allowed=allowed)
            case Text():
                if not isinstance(value, str):
                    self._refuse_type(container, key, value, "a string")
                else:
                    self._check_text(form, container, key, value)
            case Integer():
                self._check_integer(form, container, key, value)

    def _refuse_type(self, container: Container, key: str | int, value: Any, expected: str) -> None:
        self._problems.add(E_WRONG_TYPE, container, key, found=describe(value), expected=expected)

    def _check_members(self, form: Object | OneOf, value: JsonObject) -> None:
        if isinstance(form, OneOf):
            if _DISCRIMINATOR not in value:
                self._problems.add(E_MISSING_FIELD, value, field=_DISCRIMINATOR)
                return
            kind = value[_DISCRIMINATOR]
            models = dict(form.models)
            if not isinstance(kind, str) or kind not in models:
                self._problems.add(
                    E_UNKNOWN_KIND, value, _DISCRIMINATOR, found=describe(kind), allowed=", ".join(models)
                )
                return
            form = Object(models[kind])
        members = get_members(form.model)
        self._open.append((member, value, name) for name, member in members.items() if name in value)
        for name in members:
            if name not in value:
                self._problems.add(E_MISSING_FIELD, value, field=name)
        for name in value.keys() - members.keys():
            self._problems.add(E_UNKNOWN_FIELD, value, name, field=name, allowed=", ".join(members))

    def _check_entries(self, form: Table, value: JsonObject) -> None:
        entry = get_form(form.value)
        self._open.append((entry, value, key) for key in value)
        for key in value:
            if not form.key.fits(key):
                pattern = str(form.key.pattern)
                self._problems.add(E_MALFORMED_KEY, value, key, found=describe(key), pattern=pattern)

    def _check_items(self, form: Array, container: Container, key: str | int, value: JsonArray) -> None:
        count = len(value)
        if count < form.minimum or (form.maximum is not None and count > form.maximum):
            allowed = f"at least {form.minimum}" if count < form.minimum else f"at most {form.maximum}"
            self._problems.add(E_ITEM_COUNT, container, key, found=count, allowed=allowed)
            return
        item = get_form(form.item)
        self._open.append((item, value, index) for index in range(count))

    def _check_text(self, form: Text, container: Container, key: str | int, value: str) -> None:
        if form.limit is not None and len(value) > form.limit:
            self._problems.add(E_TEXT_TOO_LONG, container, key, length=len(value), limit=form.limit)
        elif not form.fits(value):
            pattern = str(form.pattern)
            self._problems.add(E_MALFORMED_TEXT, container, key, found=describe(value), pattern=pattern)

    def _check_integer(self, form: Integer, container: Container, key: str | int, value: Any) -> None:
        if type(value) is not int:
            self._refuse_type(container, key, value, "an integer")
        elif not form.minimum <= value <= form.maximum:
            self._problems.add(
                E_OUT_OF_RANGE,
                container,
                key,
                found=describe(value),
                minimum=form.minimum,
                maximum=form.maximum,
            )


def _describe_choice(values: tuple[str, ...], found: object) -> str:
    """The values that are allowed; of a long list only those that begin like what was found."""
    family = found.partition(".")[0] + "." if isinstance(found, str) else ""
    return ", ".join([value for value in values if value.startswith(family)] or values)
