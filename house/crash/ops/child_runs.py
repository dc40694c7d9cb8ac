"""Child runs side by side, each with effects of its own, and some with a child run too."""

from opforge import ChildFailed, Fail, http, log, op, run, workload

workload("crash-child-runs", version="1.0.0")

HOST = "https://crash.example"


@op(retry=9)
def main(count: int) -> list[str]:
    results = [run.child(work, n) for n in range(count)]
    log.info(f"{len(results)} children")
    try:
        results.append(run.child(refuse, "too much"))
    except ChildFailed as failed:
        results.append(str(failed))
    results.append(run.child(leaf, count))
    return results


@op(retry=9)
def work(n: int) -> str:
    text = http.get(f"{HOST}/item/{n}").text
    paid = http.post(f"{HOST}/pay", text, idempotency_key=f"work-{n}").text
    return run.child(leaf, n) + paid if n % 2 == 0 else paid


@op(retry=9)
def leaf(n: int) -> str:
    return http.post(f"{HOST}/pay", f"leaf {n}", idempotency_key=f"leaf-{n}").text


@op
def refuse(reason: str) -> str:
    log.warning(reason)
    raise Fail(reason)
