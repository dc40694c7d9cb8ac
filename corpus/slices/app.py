"""Items and slices of texts, bytes, lists and tuples, and what repeats or goes through them."""

from opforge import op, workload

workload("slices", version="1.0.0")

VERSION = (1, 12, "rc")
RULE = "=-" * 3


@op
def cut(text: str, data: bytes, numbers: list[int], at: int | None) -> tuple[str, bytes, list[int]]:
    head = text[:3] + text[-1]
    return head * 2, data[4:] + data[at:], numbers[1::2] + numbers[::-1]


@op
def letters(text: str, data: bytes) -> list[str]:
    found = [f"{index}{letter}" for index, letter in enumerate(text) if letter != " "]
    for byte in data:
        found.append(str(byte))
    return found + [RULE] * (data[0] in b"\x00\x01")


@op
def parts(major: int) -> tuple[int, str, int, int]:
    pair = (major, VERSION[-1])
    return pair + VERSION[:1] + (major,) * 1
