"""What a program has to tell, kept in the run's history."""

from __future__ import annotations

from opforge._host import perform

__all__ = ["emit"]


def emit(name: str, value: object = None) -> None:
    """Something that has happened, for those who read the history.

    `name` says what; `value` is what is to be known of it, of any type of the language.
    """
    perform("event.emit", {"name": name}, {"value": value})
