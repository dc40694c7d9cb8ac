"""A record that only annotations name."""

from opforge import record


@record
class Share:
    owner: str
    percent: int
