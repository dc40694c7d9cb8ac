"""Values that may be None: narrowing by tests, by early returns and by `and`/`or`."""

from opforge import op, record, workload

workload("optionals", version="1.0.0")


@record
class Limit:
    name: str
    value: int | None = None


def effective(limit: Limit, fallback: int | None) -> int:
    if limit.value is not None:
        return limit.value
    return 0 if fallback is None else fallback


@op
def narrow(limits: list[Limit], wanted: str | None = None, fallback: int | None = None) -> list[str]:
    values = {limit.name: effective(limit, fallback) for limit in limits}
    if wanted is None:
        return [f"{name}={value}" for name, value in values.items()]
    found = values.get(wanted)
    if found is not None and found > 0:
        return [f"{wanted} is {found}"]
    chosen: str | None = None
    for limit in limits:
        if chosen is None and limit.value is None:
            chosen = limit.name
    return ["nothing"] if chosen is None else [chosen]
