"""Comparisons of everything that Python orders."""

from opforge import op, workload

workload("orderings", version="1.0.0")


@op
def newer(version: tuple[int, int, str], other: tuple[int, int, str], digest: bytes) -> bool:
    return (1, 0, "") < version <= other and digest >= b"\x80"


@op
def first(rows: list[int], limits: list[int], strict: bool) -> bool:
    return rows < limits or (rows <= limits and strict < True) or 1 in (len(rows), len(limits))
