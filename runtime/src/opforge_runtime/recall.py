"""What earlier sessions recorded of a request, and whether there is anything left to do for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

import orjson

from opforge_ir.canonical import JsonValue
from opforge_ir.codes import load_registry
from opforge_ir.codes.driving import E_ATTEMPT_ORPHANED, E_RUN_CANCELLED
from opforge_ir.codes.store import E_ARTIFACT_CORRUPT, E_ARTIFACT_KIND, E_FACT_MISMATCH
from opforge_ir.diagnostics import Diagnostic, DiagnosticError
from opforge_ir.digest import digest_bytes
from opforge_ir.document import Policy
from opforge_ir.events import Fact
from opforge_runtime.failures import EffectFailure
from opforge_runtime.history import StateHistory
from opforge_runtime.interpreter import EffectRequest, Program
from opforge_runtime.pending import Pending
from opforge_runtime.retry import is_retried
from opforge_runtime.stores.artifacts import read_artifact
from opforge_runtime.stores.protocol import ArtifactStore

__all__ = ["NOT_SETTLED", "Recall", "UnstorableError"]

NOT_SETTLED: Final = frozenset({E_ATTEMPT_ORPHANED.number, E_RUN_CANCELLED.number})
"""Failures of attempts that say nothing of the request."""


class UnstorableError(Exception):
    """A request has no stored form."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem.code.name)
        self.problem = problem


class Recall:
    """The memory of one session."""

    def __init__(
        self,
        program: Program,
        states: Mapping[tuple[str, str], StateHistory],
        artifacts: ArtifactStore,
        *,
        counts_orphans: bool,
    ) -> None:
        """`counts_orphans`: whether attempts that died with their session are some of the retries."""
        self._program = program
        self._codec = program.codec
        self._states = states
        self._artifacts = artifacts
        self._counts_orphans = counts_orphans

    def look_up(self, position: int, request: EffectRequest) -> Pending:
        """What the history knows of a request.

        Raises UnstorableError, and DiagnosticError when the history knows another request or a corrupt fact.
        """
        try:
            digest = request.digest(self._codec)
        except DiagnosticError as error:
            problem = error.diagnostics[0]
            shown = problem.code.at(request.site.pointer, **problem.values)
            raise UnstorableError(shown) from error
        item = Pending(position, request, digest)
        known = self._states.get((item.state, item.instance))
        if known is not None:
            self._recall(item, known)
        return item

    def _recall(self, item: Pending, known: StateHistory) -> None:
        request = item.request
        item.attempt, item.failures = known.attempts, known.failures
        item.is_open, item.is_completed = known.is_open, known.is_completed
        item.due_at_epoch_ms = known.due_at_epoch_ms
        if known.fact is not None:
            item.fact = known.fact
            item.value = self._codec.decode(request.site.type, self._read_fact(item, known))
        elif known.error is not None and known.error.code not in NOT_SETTLED:
            failure = EffectFailure(load_registry()[known.error.code], dict(known.error.fields))
            if self.is_final(item, failure):
                item.failure = failure

    def _read_fact(self, item: Pending, known: StateHistory) -> JsonValue:
        """The stored value of a recorded fact. Raises DiagnosticError when it answers another request."""
        content, digest = known.content, cast("str", known.fact)
        if content:
            actual = digest_bytes(content)
            if actual != digest:
                raise E_ARTIFACT_CORRUPT.error(digest=digest, actual=actual)
            try:
                fact = orjson.loads(content)
                recorded = fact["request"], fact["state"], fact["instance"]
                value = fact["value"]
            except (orjson.JSONDecodeError, KeyError, TypeError) as error:
                raise E_ARTIFACT_KIND.error(digest=digest, expected="fact") from error
        else:
            model = read_artifact(self._artifacts, digest, Fact)
            recorded = model.request, model.state, model.instance
            value = model.value
        if recorded != (item.request_digest, item.state, item.instance):
            raise E_FACT_MISMATCH.error(
                item.request.site.pointer,
                state=item.state,
                instance=item.instance,
                recorded=recorded[0],
                asked=item.request_digest,
            )
        return cast("JsonValue", value)

    def is_final(self, item: Pending, failure: EffectFailure) -> bool:
        """Whether the last failure of a request is not followed by another attempt."""
        if not is_retried(item.request, failure.code):
            return True
        retries = self.get_policy(item.request).retries
        # Attempts that died with their session count too, where the log says so.
        made = item.attempt if self._counts_orphans else item.failures
        return made > retries

    def get_policy(self, request: EffectRequest) -> Policy:
        """The policy that a request is made under."""
        return self._program.ops[request.conditions.op].op.policy
