"""`Retry`: how often, and after which waits, an op's effects are tried again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, final

__all__ = ["Retry"]


@final
@dataclass(frozen=True, slots=True)
class Retry:
    """How something that failed is tried again: `@op(retry=Retry(3, first="1s", cap="1m"))`.

    It is written in the decorator, since it is read from the source.
    """

    retries: int
    """How many more times it is tried."""
    first: str = "500ms"
    """The wait after the first failure."""
    cap: str = "30s"
    """The longest wait."""
    kind: Literal["exponential", "fixed"] = "exponential"
    """Whether the wait doubles after each failure, or is always the first one."""
    jitter: bool = True
    """Whether the wait is some time between nothing and that one, so that what failed together is not tried
    again together."""
