"""Functions inside of functions: each call hands on the variables that they use."""

from opforge import log, op, record, workload

workload("nested-functions", version="1.0.0")

RATE = 3


@record
class Share:
    owner: str
    amount: int


@op
def run(owners: list[str], total: int, bonus: int | None) -> list[Share]:
    """Give every owner a share."""
    seen: list[str] = []

    def note(owner: str) -> int:
        """Remember an owner."""
        seen.append(owner)
        return len(owner) + total

    def share(owner: str, /, parts: int = 2, *, extra: int = RATE) -> Share:
        def amount(part: int) -> int:
            return part * parts + extra + total

        return Share(owner, amount(note(owner)))

    if bonus is None:
        return []

    def raised(given: Share) -> Share:
        return Share(given.owner, given.amount + bonus)

    shares: list[Share] = []
    for owner in owners:
        shares.append(share(owner, extra=1))
    total = total * 10
    for owner in owners:

        def looped(times: int) -> int:
            return len(owner) * times + total

        shares.append(raised(Share(owner, looped(2))))
    return [raised(each) for each in shares if each.owner in seen]


def sizes(words: list[str], least: int) -> list[int]:
    def size(word: str) -> int:
        log.info(word)
        return max(len(word), least)

    return [size(word) for word in words]


@op
def measure(words: list[str]) -> list[int]:
    return sizes(words, 2) + sizes([words[0]], 5)
