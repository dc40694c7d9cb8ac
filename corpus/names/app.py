"""Names: shadowing, second definitions, builtins that are hidden, long names."""

from opforge import op, workload

workload("names", version="1.0.0")

total = 5


def sum_of(list_: list[int]) -> int:
    max = 0
    for x in list_:
        max = x if x > max else max
    return max


@op
def ops(x: int, node: int = 1, a_name_that_is_sixty_three_characters_long_which_is_the_most_ok: int = 2) -> int:
    x = x + 1
    x += 1
    y = [x * total for x in range(x)]
    for x in y:
        node += x
        z = node
        node = z + x
    _ = x
    x = sum_of(y) + _
    a_name_that_is_sixty_three_characters_long_which_is_the_most_ok += x
    return a_name_that_is_sixty_three_characters_long_which_is_the_most_ok + node + x
