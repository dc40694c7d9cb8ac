"""Renaming a function, or moving it to another file, changes its name and no node."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest

from opforge._frontend import compile_program
from opforge_ir.canonical import JsonValue, canonical_bytes

HEAD = """\
from opforge import Block, chain, log, op, record, workload

workload("stable", version="1.0.0", networks={"devnet": 31337})

"""
HELPERS = """\
LIMIT = 3


def doubled(n: int) -> int:
    return min(n * 2, LIMIT)


def noted(n: int) -> int:
    log.info(str(doubled(n)))
    return n


"""
OPS = """\
@op
def measure(n: int) -> int:
    log.info("measuring")
    return doubled(n)


@op
def check(ns: list[int]) -> list[int]:
    def shown(n: int) -> int:
        return noted(n) + len(ns)

    found = [shown(n) for n in ns]
    if doubled(len(ns)) > 1:
        found.append(measure(len(found)))
    return found
"""


class Files:
    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        text = self._files.get(path)
        return None if text is None else text.encode()


def compile_files(**files: str) -> dict[str, Any]:
    compilation = compile_program("app.py", Files({f"{name}.py": text for name, text in files.items()}))
    assert [(each.span, each.message) for each in compilation.diagnostics] == []
    return cast("dict[str, Any]", compilation.document)


def find_ids(node: object) -> list[str]:
    """The ids of all nodes, in the order of the document."""
    if isinstance(node, dict):
        members = cast("dict[str, object]", node)
        own = [str(members["id"])] if "id" in members else []
        return own + [found for key in sorted(members) for found in find_ids(members[key])]
    if isinstance(node, list):
        return [found for each in cast("list[object]", node) for found in find_ids(each)]
    return []


def as_bytes(document: dict[str, Any]) -> bytes:
    return canonical_bytes(cast("JsonValue", document))


BEFORE = compile_files(app=HEAD + HELPERS + OPS)


@pytest.mark.parametrize(("old", "new"), [("doubled", "twice"), ("LIMIT", "MOST"), ("noted", "remembered")])
def test_a_name_changes_where_it_is_used_and_nowhere_else(old: str, new: str) -> None:
    after = compile_files(app=(HEAD + HELPERS + OPS).replace(old, new))
    assert json.loads(as_bytes(BEFORE).replace(old.encode(), new.encode())) == json.loads(as_bytes(after))


def test_the_name_of_a_function_inside_of_another_one_is_its_own() -> None:
    after = compile_files(app=(HEAD + HELPERS + OPS).replace("shown", "seen"))
    assert find_ids(after["ops"]) == [each.replace("shown", "seen") for each in find_ids(BEFORE["ops"])]
    assert set(BEFORE["functions"]) - set(after["functions"]) == {"check-shown"}


def test_a_function_that_moves_to_another_file_changes_nothing() -> None:
    head = HEAD.replace("\n\nworkload", "\nfrom helpers import doubled, noted\n\nworkload", 1)
    after = compile_files(app=head + OPS, helpers="from opforge import log\n\n" + HELPERS)
    assert as_bytes(after) == as_bytes(BEFORE)


def test_an_op_that_moves_to_another_file_changes_nothing() -> None:
    measure, check = OPS.split("\n\n\n")
    head = HEAD.replace("\n\nworkload", "\nfrom jobs import doubled, measure, noted\n\nworkload", 1)
    jobs = f"from opforge import log, op\n\n{HELPERS}{measure}\n"
    assert as_bytes(compile_files(app=head + check, jobs=jobs)) == as_bytes(BEFORE)


def test_the_order_of_functions_changes_nothing() -> None:
    measure, check = OPS.split("\n\n\n")
    assert as_bytes(compile_files(app=f"{HEAD}{check.rstrip()}\n\n\n{measure}\n\n\n{HELPERS}")) == as_bytes(
        BEFORE
    )


def test_functions_of_one_name_in_several_files_are_told_apart() -> None:
    other = "def doubled(n: int) -> int:\n    return n + n\n"
    ops = OPS.replace("return doubled(n)", "return doubled(n) + pack.inner.doubled(n) + more.doubled(n)")
    head = HEAD.replace("\n\nworkload", "\nimport more\nimport pack\n\nworkload", 1)
    after = compile_files(
        **{
            "app": head + HELPERS + ops,
            "more": other,
            "pack/__init__": "from pack import inner\n",
            "pack/inner": other,
        }
    )
    assert set(after["functions"]) - set(BEFORE["functions"]) == {"more.doubled", "pack.inner.doubled"}
    assert find_ids(after["functions"]) == find_ids(BEFORE["functions"])


def test_triggers_policy_and_docstrings_touch_no_node() -> None:
    decorated = OPS.replace("@op\ndef measure", "@op(retry=2, concurrency=4)\ndef measure").replace(
        "    log.info", '    """Measure."""\n    log.info', 1
    )
    after = compile_files(app=HEAD + HELPERS + decorated)
    assert after["ops"]["measure"]["body"] == BEFORE["ops"]["measure"]["body"]
    assert after["ops"]["check"] == BEFORE["ops"]["check"]
