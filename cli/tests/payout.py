"""Pay what is owed."""

from opforge import http, op, time, workload

workload("payout", version="1.0")


@op(retry=2)
def main(rounds: int = 2) -> list[str]:
    """Ask for quotes, and pay."""
    begun = time.now()
    quotes = [http.get(f"https://quotes.example/{number}?at={begun}").text for number in range(rounds)]
    paid = http.post("https://bank.example/pay", body=quotes[0])
    return [*quotes, paid.text]
