from opforge import op, record, workload

workload("demo", version="1.0.0")


@record
class Circle:
    radius: int


@record
class Square:
    side: int


@op
def run(shape: Circle | Square) -> int:
    return shape.radius
