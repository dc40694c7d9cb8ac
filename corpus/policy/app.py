"""What `@op(...)` says about how an op is run."""

from opforge import Retry, log, op, time, workload

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


@op(retry=Retry(2), attempt_timeout="10s")
def patient(n: int) -> int:
    return time.now() + n


@op(retry=Retry(LIMIT + 1, first="1s", cap="1m", kind="exponential", jitter=False), timeout="1h")
def steady(n: int) -> int:
    return time.now() + n


@op(retry=Retry(retries=1, first="45s", kind="fixed"))
def fixed(n: int) -> int:
    return time.now() + n


@op
def undo(n: int, reason: str) -> None:
    log.warning(f"{n} is undone: {reason}")


@op(compensate=undo, retry=1)
def do(amount: int, *, why: str = "") -> int:
    log.info(why)
    return 100 // amount


@op(compensate=None)
def once(n: int) -> int:
    return do(n, why="once")
