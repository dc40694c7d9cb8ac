"""What ends a program early: an exception of CPython's own operations, `Fail`, an assertion, a limit."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from opforge_ir.diagnostics import Code, Diagnostic, FieldValue, JsonPointer
from opforge_ir.errors import CAUGHT, find_error, get_classes, get_message
from opforge_ir.events import ErrorRecord
from opforge_ir.values import RecordInstance

__all__ = ["MAX_MESSAGE_LENGTH", "CaughtError", "Place", "ProgramError", "Withdrawal"]

MAX_MESSAGE_LENGTH = 2_000
"""How many characters of the program's own message a failure keeps."""


Frames: TypeAlias = tuple[tuple[str, ...], bool]
"""What an error knows of its instance; opaque."""


@dataclass(frozen=True, slots=True)
class Place:
    """A node, as people and as documents name it."""

    at: str
    """`<workload>.<op or function>.<node path>`."""
    pointer: JsonPointer


class ProgramError(Exception):
    """A failure of the program, with a code, its fields, and where in which iteration it happened.

    It is raised without a place and gains it on its way out: first the node, then the frames of the
    iterations and calls around it, innermost first, and at last the instance of the region with
    effects that all this ran in.
    """

    def __init__(self, code: Code, **fields: FieldValue) -> None:
        super().__init__(code.name)
        self.code = code
        self.name = find_error(code, fields)
        """The error that a handler may catch; None when no handler does."""
        self._message = get_message(code, fields)
        self._fields = {
            name: value if isinstance(value, int) else _keep(value) for name, value in fields.items()
        }
        self._place: Place | None = None
        self._frames: list[str] = []
        self._is_anchored = False

    def locate(self, place: Place) -> None:
        """Say at which node it happened; only the innermost one counts."""
        if self._place is None:
            self._place = place

    def enter(self, frame: str) -> None:
        """Name the iteration or call around everything that was named so far."""
        if not self._is_anchored:
            self._frames.append(frame)

    def anchor(self, instance: str) -> None:
        """Say in which instance the outermost frame so far stands; nothing is added afterwards."""
        if not self._is_anchored and instance:
            self._frames.append(instance)
        self._is_anchored = True

    def is_a(self, errors: frozenset[str]) -> bool:
        """Whether this is an instance of one of these errors."""
        return self.name is not None and not errors.isdisjoint(get_classes(self.name))

    def get_frames(self) -> Frames:
        """The frames that were named so far."""
        return tuple(self._frames), self._is_anchored

    def reset_frames(self, frames: Frames) -> None:
        """Forget the frames that were named since `get_frames` gave these: it was caught in between."""
        named, self._is_anchored = frames
        self._frames = list(named)

    def build_caught(self) -> CaughtError:
        """The error as a handler sees it."""
        return CaughtError(CAUGHT.name, (self.name, self._message), self)

    @property
    def fields(self) -> dict[str, FieldValue]:
        """The values of the code's fields."""
        if "at" not in self.code.fields:
            return self._fields
        at = self._place.at if self._place else ""
        return {**self._fields, "at": at, "instance": "/".join(reversed(self._frames))}

    def build_record(self) -> ErrorRecord:
        """The failure as it is stored."""
        return ErrorRecord(code=self.code.number, fields=self.fields)

    def build_diagnostic(self) -> Diagnostic:
        """The failure as it is shown, at its place in the document."""
        return self.code.at(self._place.pointer if self._place else None, **self.fields)


class Withdrawal(ProgramError):
    """What a strand ends with that is told to end: no handler catches it, but what compensates still runs."""

    def __init__(self, code: Code, **fields: FieldValue) -> None:
        super().__init__(code, **fields)
        self.name = None


@dataclass(frozen=True, slots=True)
class CaughtError(RecordInstance):
    """An error that was caught: a record for the program, and what a `rethrow` raises."""

    error: ProgramError = field(compare=False)


def _keep(text: str) -> str:
    """As much of a program's text as a record holds, without the lone surrogates that JSON cannot hold."""
    return text[:MAX_MESSAGE_LENGTH].encode("utf-8", "replace").decode()
