from opforge import http, op, workload

workload("demo", version="1.0.0")


@op
def run() -> int:
    quote = http.get("https://quotes.example/").json()
    return quote["price"]
