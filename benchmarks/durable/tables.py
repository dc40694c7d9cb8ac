"""The results as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.durable.measures import Plan, Results
from benchmarks.durable.systems import Report, System

__all__ = ["print_tables"]


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
        *(f"bytes per step ({size:,})" for size in sizes),
        *(f"peak MiB ({size:,})" for size in sizes),
    )
    _print_rule(2 + 2 * len(sizes))
    for system in systems:
        _print_row(
            system.name,
            _show(results.get_median("first", system, lambda report: report.seconds_to_seen), ".3f"),
            _show(results.get_median("resume", system, lambda report: report.seconds_to_watched), ".3f"),
            *(_show(results.get_median(f"steps {size}", system, _get_bytes), ",.0f") for size in sizes),
            *(_show(results.get_median(f"steps {size}", system, _get_mib), ",.0f") for size in sizes),
        )


def _get_rate(report: Report) -> float:
    return report.made / report.seconds


def _get_bytes(report: Report) -> float:
    return report.stored_bytes / report.made


def _get_mib(report: Report) -> float:
    return report.peak_bytes / 2**20


def _show_rate(results: Results, measure: str, system: System) -> str:
    rate = results.get_median(measure, system, _get_rate)
    ratio = results.get_ratio(measure, system, _get_rate)
    if rate is None:
        return "too slow"
    return f"{rate:,.0f} ({_show(ratio, '.2f')})"


def _show(number: float | None, form: str) -> str:
    return "–" if number is None else format(number, form)


def _print_row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


def _print_rule(numbers: int) -> None:
    _print_row("---", *["---:"] * numbers)
