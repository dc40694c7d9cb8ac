"""Lines for the operator, kept in the run's history."""

from __future__ import annotations

from opforge._host import perform

__all__ = ["info", "warning"]


def info(message: str) -> None:
    """A line of information."""
    perform("log.info", {}, {"message": message})


def warning(message: str) -> None:
    """A line that asks for attention."""
    perform("log.warning", {}, {"message": message})
