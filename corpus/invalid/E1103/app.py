from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(text: str) -> int:
    rounds = 0
    while text.startswith("0x"):
        text = text.upper().lower()
        rounds += 1
    return rounds
