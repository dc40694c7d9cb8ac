"""Requests to hosts that are known only at run time; the workload declares which they may be."""

from opforge import http, op, record, workload

workload("declared-hosts", version="1.0.0", hosts=["feeds.example", "localhost:8080", "api.example.com"])


@record
class Feed:
    name: str
    url: str


@op
def check(feeds: list[Feed]) -> dict[str, int]:
    found = [http.get(feed.url).status for feed in feeds]
    http.post("https://hooks.example/done", str(len(found)))
    return {feed.name: status for feed, status in zip(feeds, found)}
