"""Requests over HTTP, and JSON that is read as the type it is assigned to."""

from decimal import Decimal

from opforge import http, op, record, workload

workload("http-json", version="1.0.0")

API = "https://api.example/v2"


@record
class Item:
    name: str
    price: Decimal
    tags: list[str]
    stock: int | None = None


@record
class Page:
    items: list[Item]
    more: bool


@op
def fetch(category: str, token: str = "none") -> dict[str, Decimal]:
    response = http.get(f"{API}/items/{category}", headers={"accept": "application/json", "x-token": token})
    if response.status == 404:
        return {}
    assert response.status == 200, f"status {response.status}: {response.text}"
    page: Page = response.json()
    prices = {item.name: item.price for item in page.items if item.stock is None or item.stock > 0}
    if page.more:
        answer = http.post("https://hooks.example/more", body=f"category={category}")
        assert answer.status < 300
    return prices
