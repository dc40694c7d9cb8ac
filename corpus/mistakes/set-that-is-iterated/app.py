from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(words: list[str]) -> list[str]:
    return [word.upper() for word in set(words)]
