"""`finally`, on each way out of a `try`."""

from opforge import Fail, log, op, workload

workload("finally", version="1.0.0")


@op
def ways(number: int) -> int:
    """By its end, by `return`, and by an error that goes on."""
    count = 0
    try:
        if number == 1:
            return count
        count = 10 // number
    finally:
        count += 1
        log.info(f"left with {count}")
    return count


@op
def overridden(number: int) -> int:
    """A `return` in `finally` counts instead of whatever else was under way."""
    for step in range(3):
        try:
            if step == number:
                raise Fail("out of the loop")
        except Fail:
            break
        finally:
            log.info(f"step {step}")
            if number > 10:
                return -1
    return number
