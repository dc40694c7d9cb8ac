from shared import scale

DAILY = 25_000


def limit(base: int) -> int:
    return scale(base, 10)
