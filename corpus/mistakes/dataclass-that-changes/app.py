from dataclasses import dataclass

from opforge import op, workload

workload("demo", version="1.0.0")


@dataclass
class Wallet:
    label: str


@op
def run(label: str) -> str:
    return Wallet(label).label
