"""Dicts that change: entries that are set, taken out and merged; what is not there raises KeyError."""

from opforge import op, workload

workload("dict-changes", version="1.0.0")


@op
def regroup(names: list[str], limits: dict[str, int]) -> dict[str, int]:
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(len(name), []).append(name)
    sizes = {"none": 0}
    for size, members in groups.items():
        sizes[members[0]] = size
        sizes[members[-1]] += len(members)
    del sizes["none"]
    spare = limits.pop("spare", 0)
    first = limits.pop(names[0])
    limits.pop("unused", None)
    key, value = sizes.popitem()
    sizes.update(limits)
    sizes.update([(key, value), ("first", first)])
    sizes |= {"spare": spare}
    before = sizes.copy()
    sizes.clear()
    return before | sizes
