"""Messages that people and other programs send to a run."""

from __future__ import annotations

from typing import Any

from opforge._caller import get_caller
from opforge._durations import count_seconds
from opforge._host import perform
from opforge._stored import read_stored
from opforge._waits import check_wait

__all__ = ["wait"]


def wait(name: str, *, timeout: int | str | None = None) -> Any:
    """The value of the next signal of this name.

        approved: bool = signal.wait("approve", timeout="2d")

    It is read as a value of the type that the variable is annotated with; where nothing uses it, the signal
    carries none. `timeout` is the longest wait, in seconds or as a text such as `"2d"`. Fails with Timeout.
    """
    seconds = None if timeout is None else check_wait(count_seconds(timeout))
    answer = perform("signal.wait", {"name": name}, {"timeout_seconds": seconds})
    return read_stored(get_caller(), answer, "signal.wait")
