"""Functions over items: lambdas, helpers and builtins in map and filter, generators, and zip of many."""

from opforge import op, workload

workload("mapping", version="1.0.0")


def share(total: int, parts: int) -> int:
    return total // parts


@op
def spread(totals: list[int], parts: list[int], names: list[str]) -> list[str]:
    shares = list(map(share, totals, parts))
    doubled = sum(map(lambda n: 2 * n, shares))
    kept = [n for n in filter(None, shares)]
    lines: list[str] = []
    for part in map(lambda n: 100 // n, parts):
        lines.append(str(part))
    for n in (n - 1 for n in totals if n > 1):
        lines.append(f"{n}")
    for place, (name, total, part, each) in enumerate(zip(names, totals, parts, shares), start=1):
        lines.append(f"{place} {name} {total} {part} {each}")
    known = dict(zip(names, totals, strict=True))
    is_even = any(map(lambda n: n % 2 == 0, totals)) and all(filter(None, parts))
    lines.append(", ".join(map(str.upper, names)))
    return lines + [f"{doubled} {len(kept)} {is_even} {len(known)}"]
