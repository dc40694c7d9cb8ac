"""Dictionaries: insertion order, lookups that fail and that do not, changes, and keys of several types."""

from opforge import Address, op, workload

workload("dicts", version="1.0.0")

LABELS = {
    Address("0x70997970C51812dc3A010C7d01b50e0d17dc79C8"): "treasury",
    Address("0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"): "operations",
}


@op
def count(words: list[str], owner: Address) -> dict[str, int]:
    seen: dict[str, int] = {}
    for word in words:
        seen[word] = seen.get(word, 0) + 1
    for word, times in list(seen.items()):
        if times > 1:
            seen[word] = times * 10
    by_length = {len(word): word for word in words}
    longest = max([0] + list(by_length))
    seen["longest"] = longest
    if owner in LABELS:
        seen[LABELS[owner]] = len(by_length)
    if "stop" not in seen:
        seen["stop"] = seen["longest"] - 1
    return seen
