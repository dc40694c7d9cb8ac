"""Triggers: what type checkers see at once."""

from opforge import Address, Block, on, op

USDC = Address("0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48")


@on.block(1)  # error
@op
def wrong_network() -> None: ...


@on.block("mainnet", tag="newest")  # error
@op
def wrong_tag() -> None: ...


@on.cron("0 8 * * *")  # error
@op
def nothing_said_of_missed() -> None: ...


@on.cron("0 8 * * *", missed="none")  # error
@op
def wrong_policy() -> None: ...


@on.log("Ping()", network="base")  # error
@op
def no_address() -> None: ...


@on.log("Ping()", address=str(USDC))  # error
@op
def a_text_is_no_address() -> None: ...


@on.message()  # error
@op
def no_topic() -> None: ...


@on.manual("now")  # error
@op
def too_much() -> None: ...


@op(concurrency="4")  # error
def wrong_bound() -> None: ...


@on.block("base")
@op
def look(at: Block) -> int:
    return at.number


look(5)  # error
