"""Reads: side by side, one after the other, tried again, and failed for good but caught."""

from opforge import HttpError, http, op, workload

workload("crash-reads", version="1.0.0")

HOST = "https://crash.example"


@op(retry=9)
def main(count: int) -> list[str]:
    texts = [http.get(f"{HOST}/item/{n}").text for n in range(count)]
    for n in range(count):
        texts.append(http.get(f"{HOST}/after/{n}/{texts[n]}").text)
    texts.append(http.get(f"{HOST}/flaky/1").text)
    for n in range(2):
        try:
            texts.append(http.get(f"{HOST}/moved/{n}").text)
        except HttpError as error:
            texts.append(str(error))
    return texts
