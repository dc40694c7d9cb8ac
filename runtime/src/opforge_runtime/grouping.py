"""Which requests of a wave are asked, and recorded, together."""

from __future__ import annotations

from collections.abc import Iterator

from opforge_runtime.pending import Pending

__all__ = ["split_groups"]


def split_groups(waiting: list[Pending], batch_size: int) -> Iterator[list[Pending]]:
    """The groups that the requests of a wave are answered in, in the order of the plan.

    Its reads, at most `batch_size` at a time; then its side effects, those that must not be repeated one by
    one; then its waits.
    """
    if len(waiting) == 1:
        yield waiting
        return
    reads = [item for item in waiting if item.request.site.verb.effect == "read"]
    for start in range(0, len(reads), batch_size):
        yield reads[start : start + batch_size]
    repeatable: list[Pending] = []
    for item in waiting:
        if item.request.site.verb.effect != "side_effect":
            continue
        is_repeatable = item.request.is_repeatable
        if repeatable and (not is_repeatable or len(repeatable) == batch_size):
            yield repeatable
            repeatable = []
        if is_repeatable:
            repeatable.append(item)
        else:
            yield [item]
    if repeatable:
        yield repeatable
    waits = [item for item in waiting if item.request.site.verb.effect == "wait"]
    for start in range(0, len(waits), batch_size):
        yield waits[start : start + batch_size]
