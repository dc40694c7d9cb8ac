"""The results as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.durable.measures import Plan, Results
from benchmarks.durable.systems import BARE_LOOP, GROUPED, STRICT, Report, System

__all__ = ["print_tables", "print_targets"]


def print_tables(plan: Plan, results: Results, systems: Sequence[System]) -> None:
    """Print what steps cost in time, and then the rest."""
    measures = [*(f"steps {size}" for size in plan.sizes), "runs"]
    _print_row(
        "Steps per second (× bare loop)",
        *(f"{size:,} in turn" for size in plan.sizes),
        f"{plan.runs} runs × 10 at once",
    )
    _print_rule(len(measures))
    for system in systems:
        _print_row(system.name, *(_show_rate(results, measure, system) for measure in measures))
    print()
    # At a size that all of them were measured at, and at the largest.
    common = max(size for size in plan.sizes if all(size <= each.largest for each in systems))
    sizes = sorted({common, max(plan.sizes)})
    _print_row(
        "",
        "start to first step, s",
        f"resume after {plan.resumed:,} steps, s",
        f"replay of {plan.resumed:,}, steps/s",
        *(f"bytes per step ({size:,})" for size in sizes),
        *(f"peak MiB ({size:,})" for size in sizes),
    )
    _print_rule(3 + 2 * len(sizes))
    for system in systems:
        _print_row(
            system.name,
            _show(results.get_median("first", system, lambda report: report.seconds_to_seen), ".3f"),
            _show(results.get_median("resume", system, _get_seconds_to_watched), ".3f"),
            _show(results.get_median("replay", system, _get_rate), ",.0f"),
            *(_show(results.get_median(f"steps {size}", system, _get_bytes), ",.0f") for size in sizes),
            *(_show(results.get_median(f"steps {size}", system, _get_mib), ",.0f") for size in sizes),
        )


def print_targets(plan: Plan, results: Results) -> None:
    """Print what is to be reached, and what was."""
    smallest, largest = f"steps {min(plan.sizes)}", f"steps {max(plan.sizes)}"
    middle = f"steps {sorted(plan.sizes)[len(plan.sizes) // 2]}"
    flat = _divide(
        results.get_median(smallest, STRICT, _get_rate), results.get_median(largest, STRICT, _get_rate)
    )
    _print_row("To reach", "at least or at most", "here")
    _print_rule(2)
    if len(plan.sizes) > 1:
        _print_row(
            "strict, cost of a step in the longest run, of the shortest", "about 1", _show(flat, ".2f")
        )
    for name, bound, number in (
        ("strict, of the bare loop", "≥ 0.8", results.get_ratio(middle, STRICT, BARE_LOOP, _get_rate)),
        ("grouped, of strict", "≥ 10", results.get_ratio(middle, GROUPED, STRICT, _get_rate)),
        (
            "strict runs at once, of the bare loop",
            "≥ 3",
            results.get_ratio("runs", STRICT, BARE_LOOP, _get_rate),
        ),
        ("strict, resume, s", "< 0.3", results.get_median("resume", STRICT, _get_seconds_to_watched)),
    ):
        _print_row(name, bound, _show(number, ".2f"))


def _divide(number: float | None, other: float | None) -> float | None:
    return None if number is None or other is None else number / other


def _get_seconds_to_watched(report: Report) -> float:
    return report.seconds_to_watched


def _get_rate(report: Report) -> float:
    return report.made / report.seconds


def _get_bytes(report: Report) -> float:
    return report.stored_bytes / report.made


def _get_mib(report: Report) -> float:
    return report.peak_bytes / 2**20


def _show_rate(results: Results, measure: str, system: System) -> str:
    rate = results.get_median(measure, system, _get_rate)
    ratio = results.get_ratio(measure, system, BARE_LOOP, _get_rate)
    if rate is None:
        return "too slow"
    return f"{rate:,.0f} ({_show(ratio, '.2f')})"


def _show(number: float | None, form: str) -> str:
    return "–" if number is None else format(number, form)


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


def _print_rule(numbers: int) -> None:
    _print_row("---", *["---:"] * numbers)
