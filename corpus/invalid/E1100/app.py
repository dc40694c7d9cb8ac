from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(numbers: list[int]) -> int:
    squares = (n * n for n in numbers)
    return sum(squares)
