"""The methods of str."""

from opforge import op, workload

workload("text-methods", version="1.0.0")

SCHEMES = ("http://", "https://")


@op
def host(url: str) -> str:
    if not url.startswith(SCHEMES):
        return ""
    name = url.partition("://")[2].split("/", 1)[0]
    return name.removeprefix("www.").rstrip(".").casefold()


@op
def words(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if not line.isspace()]
    return [word.title() for line in lines for word in line.replace("\t", " ").split() if word.isalpha()]


@op
def table(name: str, amount: int, width: int) -> str:
    dots = str(amount).zfill(6).rjust(width, ".")
    return name.ljust(width) + dots + name.center(width, "*")[: name.find("a", 1)]


@op
def places(text: str) -> tuple[int, int, int]:
    return text.rfind("."), text.count(".", 2, -1), text.index("", len(text))
