"""Validation: whether a document is a program that may run, and everything that is wrong with it.

Four parts. `head` says whether it is a workload of a version that is read here; if not, nothing
else is said, nor where `versions` finds a word that came after the document's version. `meaning` walks
over the JSON once: names, types, control flow, calls, effects, and whether the grants are exactly those
that the program needs. The same walk notices what the models of `opforge_ir.document` refuse; `shape` then
says where and why.

One mistake is one problem. What was found in a definition whose shape is wrong is not reported,
nor are the rules on the whole document while any shape is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from opforge_ir.canonical import JsonValue, build_pointer
from opforge_ir.codes.command import E_INTERNAL
from opforge_ir.codes.reader import E_VALUE_TOO_DEEP
from opforge_ir.collection import collection_paused
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.document.upgrade import IR_VERSION, upgrade_document
from opforge_ir.jsontext import read_json
from opforge_ir.native_json import MAX_DEPTH
from opforge_ir.problems import MAX_PROBLEMS, JsonObject, Problems, diagnose
from opforge_ir.validation.calls import check_function_names
from opforge_ir.validation.head import check_head
from opforge_ir.validation.meaning import check_meaning
from opforge_ir.validation.shape import check_shape
from opforge_ir.validation.versions import find_later_word

if TYPE_CHECKING:
    from opforge_ir.document import Document

__all__ = ["MAX_PROBLEMS", "load_document", "validate_document"]

_TABLES: Final = frozenset(
    (table,) for table in ("enums", "records", "contracts", "constants", "functions", "ops")
)


def load_document(data: bytes) -> Document:
    """Read a workload document from JSON text.

    Raises DiagnosticError with everything that is wrong: codes of the reader, or of `validate_document`.
    """
    with collection_paused():
        value = read_json(data)
        errors = [each for each in validate_document(value) if each.code.severity == "error"]
        if errors:
            raise DiagnosticError(errors)
        from opforge_ir.document import Document

        try:
            return Document.model_validate(value)
        except ValidationError as error:
            raise DiagnosticError([_build_fault(())]) from error


def validate_document(value: JsonValue) -> list[Diagnostic]:
    """Everything that is wrong with a document, in the order of the document with its keys sorted.

    At most MAX_PROBLEMS problems, and then one more diagnostic (E_TOO_MANY_PROBLEMS). Takes any JSON value,
    objects being dicts and arrays lists, and raises no exception for it. The value is not changed.
    """
    head = check_head(value)
    if head is not None:
        return [head]
    later = find_later_word(cast("JsonObject", value))
    if later is not None:
        return [later]
    try:
        is_current = cast("JsonObject", value)["ir_version"] == IR_VERSION
        return diagnose(
            cast("JsonObject", upgrade_document(value)),
            lambda document: _find_problems(document, is_current=is_current),
        )
    except RecursionError:
        return [E_VALUE_TOO_DEEP.at(limit=MAX_DEPTH)]
    except DiagnosticError as error:
        return error.diagnostics


def _find_problems(document: JsonObject, *, is_current: bool) -> Problems:
    """`is_current` says that the document is one of this version as it stands."""
    meant = Problems()
    misshapen = check_meaning(document, meant)
    if not misshapen:
        if is_current:
            check_function_names(document, meant)
        return meant
    shown = Problems()
    check_shape(document, shown)
    if not len(shown):
        raise DiagnosticError([_build_fault(part) for part in sorted(misshapen)])
    if misshapen.isdisjoint(_TABLES):
        shown.extend(meant, except_parts=misshapen)
    return shown


def _build_fault(part: tuple[str, ...]) -> Diagnostic:
    """What to say where our own statements of the shape contradict each other."""
    return E_INTERNAL.at(build_pointer(part), kind="the models and the walk disagree")
