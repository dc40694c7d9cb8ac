"""What `@op(...)` says about how an op is run."""

from opforge import op, time, workload

workload("policy", version="1.0.0")

TAGS = ("nightly", "slow")
LIMIT = 4


@op
def plain(n: int) -> int:
    return n


@op()
def empty(n: int) -> int:
    return n


@op(retry=3, timeout="90s", tags=["daily"], concurrency=LIMIT * 2, max_iterations=100)
def bounded(n: int) -> int:
    return time.now() + n


@op(retry=0, timeout=None, tags=TAGS, concurrency=0, max_iterations=0)
def unbounded(n: int) -> int:
    return n


@op(timeout="1d", tags=[])
def slow(n: int) -> int:
    return n
