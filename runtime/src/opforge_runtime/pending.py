"""A request on its way to an answer, and when a failure is the end of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from opforge_ir.diagnostics import Diagnostic
from opforge_ir.digest import Digest
from opforge_ir.errors import find_error
from opforge_ir.values import Value
from opforge_runtime.failures import EffectFailure
from opforge_runtime.interpreter import EffectRequest

__all__ = ["Pending", "find_end"]


@dataclass(slots=True)
class Pending:
    """A request of the wave that is not completed yet."""

    position: int
    """Its place in the wave."""
    request: EffectRequest
    digest: Digest
    attempt: int
    """The last attempt that was made, 0 for none."""
    failures: int
    fact: Digest | None = None
    """Its answer, once there is one."""
    value: Value = None
    failure: EffectFailure | None = None
    """Why it will have no answer, once that is settled."""

    @property
    def key(self) -> tuple[str, str]:
        """The state and its instance."""
        return self.request.site.state, self.request.instance

    @property
    def outcome(self) -> Value | EffectFailure:
        """What the program goes on with."""
        return self.value if self.failure is None else self.failure


def find_end(wave: Sequence[Pending]) -> Diagnostic | None:
    """The failure that ends the run at once: a limit, or the first one when it has no `try` around it.

    A later one without a `try` may yet be overtaken by what the program makes of the first one.
    """
    is_first = True
    for item in wave:
        failure = item.failure
        if failure is None:
            continue
        is_at_large = is_first and not item.request.conditions.is_guarded
        if is_at_large or find_error(failure.code, failure.fields) is None:
            return failure.code.at(item.request.site.pointer, **failure.fields)
        is_first = False
    return None
