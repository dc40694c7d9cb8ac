from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(text: str) -> bool:
    return text.startwith("0x")
