import requests
from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run() -> str:
    answer = requests.get("https://quotes.example/")
    return answer.text
