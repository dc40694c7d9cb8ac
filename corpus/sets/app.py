"""Sets and frozensets: displays, membership, algebra, changes, and what is the same in any order."""

from opforge import op, record, workload

workload("sets", version="1.0.0")

ALLOWED = frozenset(["mainnet", "base"])
KNOWN = {1, 2, 3}


@record
class Group:
    name: str
    members: set[int]


def add_all(members: set[int], more: list[int]) -> None:
    for member in more:
        members.add(member)


@op
def membership(names: list[str], extra: str = "devnet") -> list[str]:
    wanted = {name.lower() for name in names}
    unknown = wanted - ALLOWED
    unknown.discard(extra)
    return sorted(unknown, reverse=True)


@op
def algebra(first: set[int], second: set[int]) -> dict[str, list[int]]:
    both = first & second
    either = first.union(second, [0])
    return {
        "both": sorted(both),
        "either": sorted(either),
        "one": sorted(first ^ second),
        "counts": [len(either), sum(either), max(either, default=0)],
    }


@op
def changes(group: Group, more: list[int]) -> bool:
    held = group.members
    add_all(held, more)
    held |= KNOWN
    held -= {1}
    seen: set[int] = set()
    for member in more:
        if member in seen:
            seen.remove(member)
        seen.add(member)
    return seen <= group.members and not seen.isdisjoint(held) and group.members == held
