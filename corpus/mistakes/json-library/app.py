import json

from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(text: str) -> int:
    quote = json.loads(text)
    return quote["price"]
