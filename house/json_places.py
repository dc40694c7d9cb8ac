"""The places of a JSON value, for tests that change a part of it."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

__all__ = ["Place", "find_places", "is_array", "is_object"]

Place: TypeAlias = "tuple[Any, Any]"
"""A container, and a key or index of it."""


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def find_places(value: Any) -> list[Place]:
    """Every container with each of its keys or indices, outer ones first."""
    places: list[Place] = []
    waiting: list[Any] = [value]
    for container in waiting:
        keys: list[Any] = []
        if is_object(container):
            keys = list(container)
        elif is_array(container):
            keys = list(range(len(container)))
        places += [(container, key) for key in keys]
        waiting += [container[key] for key in keys]
    return places
