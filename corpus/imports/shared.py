"""What more than one part needs."""


def scale(value: int, factor: int) -> int:
    return value * factor


def never_used(value: int) -> int:
    return value
