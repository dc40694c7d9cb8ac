"""Time, random numbers and the log: effects in order, each one a fact."""

from opforge import log, op, random, time, workload

workload("clock-and-chance", version="1.0.0")


@op
def draw(names: list[str], rounds: int) -> list[str]:
    started = time.now()
    winners: list[str] = []
    for round_number in range(rounds):
        winner = names[random.integer(0, len(names) - 1)]
        log.info(f"round {round_number + 1}: {winner}")
        winners.append(winner)
    drawn = [random.integer(1, 6) for _ in range(3)]
    if sum(drawn) == 18:
        log.warning("three sixes")
    log.info(f"took {time.now() - started} s, drew {sum(drawn)}")
    return winners
