from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Size:
    width: int

    def double(self) -> int:
        return self.width * 2


@op
def run(n: int) -> int:
    return Size(n).width
