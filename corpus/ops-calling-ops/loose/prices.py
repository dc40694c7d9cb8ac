"""An op with the name of another one in another file."""

from opforge import op, time

from . import rates


@op
def sweep(label: str) -> int:
    return len(label)


@op(timeout="3s")
def quote(label: str) -> int:
    return sweep(label) * rates.TIMES + time.now()
