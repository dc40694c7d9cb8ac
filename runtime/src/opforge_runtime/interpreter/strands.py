"""The strands of an execution: generators under way, each awaited by the one that forked it.

Strands give what their iterations would give one after the other. So when one of a guarded fork fails, those
after it are withdrawn as if they had never begun, those before it go on to their ends, and then the failure
with the lowest index is raised where the fork is. Without a `try` anywhere around, nothing can come of
the others, and a failure ends the run at once.

A strand that is withdrawn ends where it waits, and so do those that it has forked, innermost first. Only what
compensates for an op that was under way still runs, and it comes to its end.
"""

from __future__ import annotations

from opforge_ir.values import Value
from opforge_runtime.interpreter.program_error import ProgramError, Withdrawal
from opforge_runtime.interpreter.request import EffectRequest
from opforge_runtime.interpreter.steps import Fork, Running

__all__ = ["Strand"]


class Strand:
    """A generator that is under way, and where its end is awaited."""

    __slots__ = (
        "awaited",
        "ended",
        "failure",
        "generator",
        "index",
        "is_begun",
        "is_compensating",
        "is_guarded",
        "is_held",
        "is_over",
        "is_withdrawn",
        "open",
        "parent",
        "strands",
        "withdrawal",
    )

    def __init__(self, generator: Running, parent: Strand | None = None, index: int = 0) -> None:
        self.generator = generator
        self.parent = parent
        self.index = index
        self.is_begun = False
        self.is_over = False
        """Whether it has ended or failed."""
        self.awaited: EffectRequest | None = None
        """The request that it waits for."""
        self.is_withdrawn = False
        """Whether it has been told to end."""
        self.withdrawal: Withdrawal | None = None
        """What it is yet to end with, once nothing is being undone in it."""
        self.ended: list[Value] = []
        """What each strand of the present fork ended with."""
        self.failure: ProgramError | None = None
        """The failure with the lowest index in the present fork."""
        self.is_held = False
        """Whether the strands of the present fork are still being started or withdrawn."""
        self.is_guarded = False
        """Whether the program may go on after a failure in the present fork."""
        self.is_compensating = False
        """Whether the present fork is a part of what undoes an op."""
        self.strands: list[Strand] = []
        """Those of the present fork."""
        self.open = 0
        """How many of them are not over."""

    def go_on(self, answer: Value, failure: ProgramError | None) -> EffectRequest | Fork:
        """Run on with an answer, or with the failure of what it waits for.

        Raises what the generator raises: StopIteration at its end, ProgramError when it fails.
        """
        self.is_begun = True
        self.awaited = None
        if failure is not None:
            return self.generator.throw(failure)
        return self.generator.send(answer)

    @property
    def path(self) -> list[int]:
        """Where it stands among all strands: the indices of those around it and its own, outermost first."""
        indices: list[int] = []
        strand: Strand | None = self
        while strand is not None:
            indices.append(strand.index)
            strand = strand.parent
        return indices[::-1]

    @property
    def is_waiting(self) -> bool:
        """Whether a strand of the present fork is not over, or not begun."""
        return self.open > 0 or self.is_held

    def fork(self, fork: Fork) -> list[Strand]:
        """Begin a fork; its strands are to be started in order, until one of them has failed."""
        self.strands = [Strand(generator, self, index) for index, generator in enumerate(fork.strands)]
        self.open = len(self.strands)
        self.ended = [None] * self.open
        self.failure = None
        self.is_guarded = fork.conditions.is_guarded
        self.is_compensating = fork.conditions.is_compensating
        return self.strands

    def join(self) -> tuple[list[Value], ProgramError | None]:
        """What the strands of the present fork came to, once all are over."""
        if self.withdrawal is not None and not self.is_compensating:
            return self.ended, self.take_withdrawal()
        return self.ended, self.failure

    def take_withdrawal(self) -> Withdrawal | None:
        """What it is to end with now."""
        taken, self.withdrawal = self.withdrawal, None
        return taken

    def note_end(self, value: Value) -> None:
        """Tell the parent what this strand ended with."""
        parent = self.parent
        assert parent is not None
        self.is_over = True
        parent.ended[self.index] = value
        parent.open -= 1

    def note_withdrawn(self, failure: ProgramError) -> None:
        """Tell the parent that this strand has ended as it was told to; another one's failure counts more."""
        parent = self.parent
        assert parent is not None
        self.is_over = True
        parent.open -= 1
        if parent.failure is None:
            parent.failure = failure

    def note_failure(self, failure: ProgramError) -> list[Strand]:
        """Tell the parent that this strand has failed; those after it that have begun are to be withdrawn."""
        parent = self.parent
        assert parent is not None
        self.is_over = True
        parent.failure = failure
        later = parent.strands[self.index + 1 :]
        for strand in later:
            if not strand.is_begun:
                strand.is_over = True
                strand.generator.close()
        parent.open = sum(not strand.is_over for strand in parent.strands)
        return [strand for strand in later if not strand.is_over]
