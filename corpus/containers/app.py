"""Lists and dicts are objects: aliases, changes, and helpers that change what they are given."""

from opforge import op, workload

workload("containers", version="1.0.0")


def note(log: list[str], line: str) -> None:
    log.append(line)


def count(table: dict[str, int], key: str) -> int:
    table[key] = table.get(key, 0) + 1
    return table[key]


@op
def main(words: list[str]) -> dict[str, int]:
    table: dict[str, int] = {"start": 0}
    alias = table
    seen: list[str] = []
    for word in words:
        if count(table, word) > 1:
            note(seen, word)
        alias["last"] = len(word)
    alias["seen"] = len(seen)
    table["total"] += 3
    groups: dict[int, list[str]] = {}
    for word in words:
        if len(word) not in groups:
            groups[len(word)] = []
        groups[len(word)].append(word)
    if "a" in words and words[-1] in ("x", "y"):
        table["groups"] = len(groups)
    return {key: table[key] for key in sorted(table)}
