from opforge import http, op, workload

workload("demo", version="1.0.0")


@op
def pay(order: str) -> int:
    return http.post("https://pay.example/v1", order, headers={"Idempotency-Key": order}).status
