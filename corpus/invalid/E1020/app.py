from opforge import op


@op
def run(n: int) -> int:
    return n
