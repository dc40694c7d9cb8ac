"""Operators on the binary digits of numbers, and on flags."""

from opforge import op, workload

workload("bits", version="1.0.0")

MASK = (1 << 8) - 1
TOP = ~(MASK >> 1) & MASK


@op
def fields(word: int, shift: int) -> tuple[int, int, int]:
    word ^= MASK << 4
    return word >> shift & MASK, word | TOP, ~word


@op
def flags(paused: bool, frozen: bool, rounds: int) -> bool:
    either = paused ^ frozen | (paused & frozen)
    return either & (rounds & 1 == 0)
