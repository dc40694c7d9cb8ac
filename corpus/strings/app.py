"""Text: methods, formatting, order, bytes and addresses."""

from opforge import Address, op, workload

workload("strings", version="1.0.0")

EMOJI = "\U0001f600 \u00e9"
RAW = b"\x00\xff"


@op
def main(text: str, owner: Address, width: int) -> list[str]:
    parts = text.strip().split(",")
    words = [p.upper() for p in parts if p.startswith("a") or p.endswith("z")]
    joined = "; ".join(words)
    return [
        joined or "nothing",
        f"{owner} {owner!s:>50}",
        f"{text:<{width}}|{len(text):>{width}}",
        EMOJI + str(len(RAW)) + RAW.hex(),
        str(text < joined) + str("a" in text),
        "%" + "{}" + '"' + "\n",
        str(int("42") + len(parts)),
    ]
