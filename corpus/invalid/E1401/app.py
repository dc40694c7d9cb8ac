from opforge import op, workload

workload("demo", version="1.0.0")


@op
def clean(text: str) -> str:
    return text.strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip().strip()
