from opforge import http, op, workload

workload("demo", version="1.0.0")


@op
def run(host: str) -> str:
    return http.get(f"https://{host}/price").text
