from opforge import op, workload

workload("demo", version="1.0.0")


@op
def run(numbers: list[int]) -> int:
    tried = 0
    for number in numbers:
        try:
            if 100 // number == 5:
                break
        finally:
            tried += 1
    return tried
