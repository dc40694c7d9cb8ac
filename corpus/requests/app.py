"""HTTP and the machine: requests, decoding, time, randomness, log lines in order."""

from decimal import Decimal

from opforge import http, log, op, random, record, time, workload

workload("requests", version="1.0.0")

HOST = "https://api.example.com"


@record
class Quote:
    pair: str
    price: Decimal


@record
class Envelope:
    quotes: list[Quote]
    next: str | None


def fetch(page: int) -> Envelope:
    response = http.get(f"{HOST}/quotes?page={page}", headers={"accept": "application/json"})
    assert response.status == 200, f"the server answered {response.status}"
    envelope: Envelope = response.json()
    return envelope


@op(retry=5, timeout="1m")
def report(pages: int) -> Decimal:
    total = Decimal(0)
    started = time.now()
    for page in range(pages):
        envelope = fetch(page + 1)
        for quote in envelope.quotes:
            total += quote.price
        if envelope.next is None:
            log.info(f"no page after {page + 1}")
    pick = random.integer(1, 6)
    body = "yes" if pick > 3 and http.get(HOST + "/flag").status == 200 else "no"
    answer = http.post(url="https://hooks.example.com/report", body=body)
    if answer.status != 200:
        log.warning(f"not delivered after {time.now() - started} s: {answer.text}")
    return total
