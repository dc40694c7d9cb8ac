"""Pay an invoice when somebody has agreed."""

from opforge import http, op, signal, workload

workload("payment", version="1.0")


@op
def pay(invoice: str, amount: int) -> str:
    """Wait for a word, then pay once."""
    agreed: bool = signal.wait("approve", timeout="2d")
    if not agreed:
        return "refused"
    paid = http.post("https://bank.example/payments", body=f"{invoice}: {amount}")
    return paid.text
