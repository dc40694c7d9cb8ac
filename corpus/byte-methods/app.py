"""The methods of bytes and what makes bytes of other values."""

from opforge import op, workload

workload("byte-methods", version="1.0.0")

MAGIC = bytes.fromhex("cafe 00ff")


@op
def pack(amount: int, label: str, flags: list[int]) -> bytes:
    head = amount.to_bytes(32, "big") + label.encode()[:8].ljust(8, b"\0")
    return b"|".join([MAGIC, head, bytes(flags), bytes(4)])


@op
def unpack(data: bytes) -> tuple[int, str]:
    if not data.startswith(MAGIC):
        return 0, data.hex()
    body = data[len(MAGIC) + 1 :]
    return int.from_bytes(body[:32], "big", signed=True), body[32:40].rstrip(b"\0").decode("ascii")


@op
def find(data: bytes) -> int:
    return data.find(b"|", 5) + data.count(b"\0") + len(data.replace(b"|", b""))
