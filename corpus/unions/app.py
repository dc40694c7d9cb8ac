"""Unions of records: widened where they are wanted, and narrowed by isinstance."""

from opforge import op, record, workload

workload("unions", version="1.0.0")


@record
class Circle:
    label: str
    radius: int


@record
class Square:
    label: str
    side: int


@record
class Dot:
    label: str


Shape = Circle | Square | Dot

ORIGIN: Shape = Dot("origin")


@record
class Scene:
    main: Circle | Square
    other: Shape | None = None


def area(shape: Shape) -> int:
    if isinstance(shape, Circle):
        return 3 * shape.radius * shape.radius
    elif isinstance(shape, Square):
        return shape.side * shape.side
    return len(shape.label)


def size(shape: Shape | None) -> int:
    if shape is None:
        return 0
    if not isinstance(shape, (Circle, Square)):
        return 1
    return shape.radius if isinstance(shape, Circle) else shape.side


@op
def measure(shapes: list[Shape], scene: Scene) -> dict[str, int]:
    areas = {shape.label: area(shape) for shape in shapes}
    areas["main"] = area(scene.main)
    areas["other"] = size(scene.other)
    areas["radii"] = sum(shape.radius for shape in shapes if isinstance(shape, Circle))
    if isinstance(scene.other, Dot) and scene.other.label == ORIGIN.label:
        areas["same"] = 1 if scene.other == ORIGIN else 0
    return areas


@op
def choose(is_round: bool, size: int) -> Circle | Square:
    if is_round:
        made = Circle("round", size)
    else:
        made = Square("square", size)
    return made
