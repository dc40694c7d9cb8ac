"""Errors that a program catches: its own, those of Python's operations, and those of effects."""

from decimal import Decimal, InvalidOperation

from opforge import (
    Address,
    EffectError,
    Fail,
    HttpError,
    Reverted,
    Timeout,
    chain,
    http,
    log,
    op,
    workload,
)

workload("caught-errors", version="1.0.0", networks={"devnet": 31337})

WALLET = Address("0x000000000000000000000000000000000000dEaD")


def parse(text: str) -> Decimal:
    if text == "":
        raise Fail("there is no amount")
    return Decimal(text)


@op
def amounts(texts: list[str]) -> list[Decimal]:
    """A handler in a loop, with an error that is bound."""
    found: list[Decimal] = []
    for text in texts:
        try:
            amount = parse(text)
        except InvalidOperation:
            continue
        except Fail as error:
            log.warning(str(error))
            amount = Decimal(0)
        found.append(amount)
    return found


@op
def share(total: int, parts: list[int], index: int) -> int:
    """Several errors of one handler, and `else`."""
    try:
        part = total // parts[index]
    except (ZeroDivisionError, IndexError):
        part = 0
    else:
        part += 1
    return part


@op(retry=2)
def balance() -> int:
    """A read that failed for good; what a handler sees is what was assigned before."""
    asked = 0
    try:
        at = chain.block("devnet")
        asked = 1
        wei = chain.balance(WALLET, at=at)
        asked = 2
        status = http.get("https://quotes.example/wei").status
    except Reverted as error:
        raise Fail(f"reverted: {error}") from error
    except (Timeout, HttpError):
        return -asked
    except EffectError:
        log.warning(f"failed after {asked}")
        raise
    return wei + status
