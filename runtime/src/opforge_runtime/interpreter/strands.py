"""The strands of an execution: generators under way, each awaited by the one that forked it.

Strands give what their iterations would give one after the other. So when one of a guarded fork fails, those
after it are dropped as if they had never begun, those before it go on to their ends, and then the failure
with the lowest index is raised where the fork is. Without a `try` anywhere around, nothing can come of
the others, and a failure ends the run at once.
"""

from __future__ import annotations

from opforge_ir.values import Value
from opforge_runtime.interpreter.program_error import ProgramError
from opforge_runtime.interpreter.request import EffectRequest
from opforge_runtime.interpreter.steps import Fork, Running

__all__ = ["Strand"]


class Strand:
    """A generator that is under way, and where its end is awaited."""

    __slots__ = (
        "ended",
        "failure",
        "generator",
        "index",
        "is_dropped",
        "is_forking",
        "is_guarded",
        "is_over",
        "open",
        "parent",
        "strands",
    )

    def __init__(self, generator: Running, parent: Strand | None = None, index: int = 0) -> None:
        self.generator = generator
        self.parent = parent
        self.index = index
        self.is_over = False
        """Whether it has ended or failed."""
        self.is_dropped = False
        """Whether a strand that would have come before this one has failed."""
        self.ended: list[Value] = []
        """What each strand of the present fork ended with."""
        self.failure: ProgramError | None = None
        """The failure with the lowest index in the present fork."""
        self.is_forking = False
        """Whether the strands of the present fork are still being started."""
        self.is_guarded = False
        """Whether the present fork has a `try` around it."""
        self.strands: list[Strand] = []
        """Those of the present fork, without the dropped ones."""
        self.open = 0
        """How many of them are not over."""

    def go_on(self, answer: Value, failure: ProgramError | None) -> EffectRequest | Fork:
        """Run on with an answer, or with the failure of what it waits for.

        Raises what the generator raises: StopIteration at its end, ProgramError when it fails.
        """
        if failure is not None:
            return self.generator.throw(failure)
        return self.generator.send(answer)

    @property
    def is_waiting(self) -> bool:
        """Whether a strand of the present fork is not over, or not begun."""
        return self.open > 0 or self.is_forking

    def fork(self, fork: Fork) -> list[Strand]:
        """Begin a fork; its strands are to be started in order, until one of them has failed."""
        self.strands = [Strand(generator, self, index) for index, generator in enumerate(fork.strands)]
        self.open = len(self.strands)
        self.ended = [None] * self.open
        self.failure = None
        self.is_guarded = fork.is_guarded
        return self.strands

    def note_end(self, value: Value) -> None:
        """Tell the parent what this strand ended with."""
        parent = self.parent
        assert parent is not None
        self.is_over = True
        parent.ended[self.index] = value
        parent.open -= 1

    def note_failure(self, failure: ProgramError) -> None:
        """Tell the parent that this strand has failed; those after it are dropped."""
        parent = self.parent
        assert parent is not None
        self.is_over = True
        parent.failure = failure
        for later in parent.strands[self.index + 1 :]:
            later.drop()
        del parent.strands[self.index + 1 :]
        parent.open = sum(not strand.is_over for strand in parent.strands)

    def drop(self) -> None:
        """End it, and everything that it has forked."""
        waiting = [self]
        while waiting:
            strand = waiting.pop()
            strand.is_dropped = True
            strand.generator.close()
            waiting += strand.strands
