"""Watch a TWAP order: which of its slices are due, which are filled, and at what average price."""

from decimal import Decimal
from enum import StrEnum

from opforge import EffectError, Fail, HttpError, Timeout, http, log, on, op, record, time, workload
from opforge.units import minutes

workload("twap-watcher", version="0.4.0")

API = "https://orders.example.com/v1"
HOOK = "https://hooks.example.com/twap"

MAX_PAGES = 10
PAGE_SIZE = 50
GRACE = minutes("2.5")
SLIPPAGE_LIMIT_BP = Decimal(75)
RECENT = 3


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"


class Health(StrEnum):
    ON_TIME = "on time"
    BEHIND = "behind"
    STALLED = "stalled"
    DONE = "done"
    CANCELLED = "cancelled"


@record
class Order:
    id: str
    side: Side
    amount: Decimal
    slices: int
    start: int
    interval: int
    limit_price: Decimal
    cancelled: bool = False


@record
class Fill:
    slice: int
    amount: Decimal
    price: Decimal
    at: int


@record
class FillPage:
    fills: list[Fill]
    cursor: str | None


@record
class Progress:
    order: str
    health: Health
    due: int
    filled: int
    missing: list[int]
    average: Decimal | None
    slippage_bp: Decimal | None
    recent: list[str]


def get_order(order_id: str) -> Order:
    response = http.get(f"{API}/orders/{order_id}", headers={"accept": "application/json"})
    match response.status:
        case 200:
            order: Order = response.json()
            return order
        case 404:
            raise Fail(f"there is no order '{order_id}'")
        case 429 | 502 | 503 | 504:
            raise Fail("the order service is busy")
        case status if status >= 500:
            raise Fail(f"the order service is broken: {status}")
        case status:
            raise Fail(f"unexpected status {status}")


def get_fills(order_id: str) -> list[Fill]:
    """The fills in the order of their slices; of two for one slice the later one counts."""
    fills: dict[int, Fill] = {}
    cursor: str | None = ""
    page = 0
    while page < MAX_PAGES and cursor is not None:
        page += 1
        response = http.get(f"{API}/orders/{order_id}/fills?limit={PAGE_SIZE}&cursor={cursor}")
        if response.status == 204:
            break
        assert response.status == 200, f"page {page} of the fills: status {response.status}"
        answer: FillPage = response.json()
        for fill in answer.fills:
            known = fills.get(fill.slice)
            if known is not None and known.at >= fill.at:
                continue
            fills[fill.slice] = fill
        cursor = answer.cursor
    if cursor:
        log.warning(f"order {order_id} has more than {MAX_PAGES * PAGE_SIZE} fills")
    return [fills[number] for number in sorted(fills)]


def count_due(order: Order, now: int) -> int:
    """How many slices should be filled by now, the grace time given."""
    elapsed = now - order.start - GRACE
    if elapsed < 0:
        return 0
    return min(elapsed // order.interval + 1, order.slices)


def average_price(fills: list[Fill]) -> Decimal | None:
    if not (amount := sum((fill.amount for fill in fills), Decimal(0))):
        return None
    return sum((fill.amount * fill.price for fill in fills), Decimal(0)) / amount


def slippage_bp(order: Order, average: Decimal) -> Decimal:
    """How much worse than the limit the average is, in basis points; negative when it is better."""
    worse = average - order.limit_price if order.side is Side.BUY else order.limit_price - average
    return (worse / order.limit_price * 10_000).quantize(Decimal("0.1"))


def judge(order: Order, due: int, missing: list[int], filled: int) -> Health:
    if order.cancelled:
        return Health.CANCELLED
    if filled == order.slices:
        return Health.DONE
    if not missing:
        return Health.ON_TIME
    in_a_row = 0
    for number in range(due - 1, -1, -1):
        if number not in missing:
            break
        in_a_row += 1
    return Health.STALLED if in_a_row >= 3 else Health.BEHIND


def alert(progress: Progress) -> bool:
    """Tell the desk. Whether that worked; an order is watched without it."""
    text = f"{progress.order} is {progress.health}: {progress.filled} of {progress.due} due slices are filled"
    try:
        response = http.post(HOOK, body=text)
    except (HttpError, Timeout):
        log.warning("the desk could not be told")
        return False
    return 200 <= response.status < 300


@on.message("orders.started")
@op(retry=2, timeout="90s")
def watch(order_id: str) -> Progress:
    """Compare an order's fills with its schedule, and tell the desk when it falls behind."""
    order = get_order(order_id.strip().lower())
    if order.slices <= 0 or order.interval <= 0:
        raise Fail(f"order {order.id} has no schedule")
    fills = get_fills(order.id)
    now = time.now()

    due = count_due(order, now)
    done = {fill.slice for fill in fills}
    missing = [number for number in range(due) if number not in done]
    average = average_price(fills)
    slippage = None if average is None else slippage_bp(order, average)
    progress = Progress(
        order=order.id,
        health=judge(order, due, missing, len(fills)),
        due=due,
        filled=len(fills),
        missing=missing,
        average=average,
        slippage_bp=slippage,
        recent=[f"#{fill.slice} {fill.amount} @ {fill.price}" for fill in fills[-RECENT:]],
    )

    match progress.health:
        case Health.BEHIND | Health.STALLED:
            alert(progress)
        case Health.ON_TIME | Health.DONE if slippage is not None and slippage > SLIPPAGE_LIMIT_BP:
            log.warning(f"{order.id}: {slippage} bp of slippage")
        case _:
            log.info(f"{order.id}: {progress.health}")
    return progress


@op(timeout="10m", tags=["desk"])
def watch_all(order_ids: list[str]) -> dict[str, Progress]:
    """Watch several orders, one after the other; those that cannot be read are left out."""
    found: dict[str, Progress] = {}
    for order_id in order_ids:
        try:
            found[order_id] = watch(order_id)
        except Fail as failure:
            log.warning(f"{order_id}: {failure}")
        except EffectError:
            log.warning(f"{order_id}: the order service cannot be reached")
            break
    return found
