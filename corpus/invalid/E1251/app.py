from collections import defaultdict

from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(names: list[str]) -> int:
    groups = defaultdict(list)
    for name in names:
        groups[len(name)].append(name)
    return len(groups)
