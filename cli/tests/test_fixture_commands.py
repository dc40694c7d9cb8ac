"""`forge test`: files found, cases run, differences shown, fixtures updated and recorded; exit statuses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from house.forge_answers import Forge
from house.pins import ROOT
from opforge_cli.exit_codes import ExitCode

EXAMPLES = ROOT / "examples"
CLOCK = """\
from opforge import op, time, workload

workload("clock", version="1.0")


@op
def later(seconds: int) -> int:
    return time.now() + seconds


@op
def double(number: int) -> int:
    return number * 2
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("clock.py").write_text(CLOCK, encoding="utf-8")
    return tmp_path


def write(*cases: Any, name: str = "clock.forge-test.json", **members: Any) -> None:
    document = {"artifact": "forge-test", "program": "clock.py", "cases": list(cases), **members}
    Path(name).write_text(json.dumps(document), encoding="utf-8")


def later(output: Any, **members: Any) -> dict[str, Any]:
    answers = [{"verb": "time.now", "value": 10}]
    case = {"name": "five", "op": "later", "inputs": {"seconds": 5}, "answers": answers}
    return {**case, "expect": {"output": output}, **members}


DOUBLE = {"name": "two", "op": "double", "inputs": {"number": 1}, "expect": {"output": 2}}


# --- what is run ----------------------------------------------------------------------------------------


def test_the_fixtures_of_the_examples_hold(forge: Forge) -> None:
    answer = forge("test", EXAMPLES, "--json")
    assert (answer.code, answer.codes) == (ExitCode.FINE, [])
    tested = {Path(file["path"]).parent.name for file in answer.report["result"]["files"]}
    assert tested == {path.parent.name for path in EXAMPLES.glob("*/*.ir.json")}


def test_cases_are_shown_with_how_they_ended(forge: Forge, folder: Path) -> None:
    write(later(15), DOUBLE)
    answer = forge("test")
    assert (answer.code, answer.err) == (ExitCode.FINE, "")
    assert answer.text == "clock.forge-test.json\n  passed  five\n  passed  two\n2 passed\n"


def test_files_below_a_folder_are_run_in_order(forge: Forge, folder: Path) -> None:
    Path("b/c").mkdir(parents=True)
    write(later(15), name="z.forge-test.json")
    write(DOUBLE, name="b/c/a.forge-test.json", program="../../clock.py")
    result = forge("test", folder, "--json").report["result"]
    assert [Path(file["path"]).name for file in result["files"]] == ["a.forge-test.json", "z.forge-test.json"]
    assert (result["passed"], result["failed"], result["updated"]) == (2, 0, 0)


def test_an_ir_document_is_tested_like_its_program(forge: Forge, folder: Path) -> None:
    forge("emit", "clock.py", "-o", "clock.ir.json")
    write(later(15), program="clock.ir.json")
    assert forge("test").code == ExitCode.FINE


def test_op_chooses_cases(forge: Forge, folder: Path) -> None:
    write(later(0), DOUBLE)
    answer = forge("test", "--op", "double")
    assert (answer.code, answer.text) == (ExitCode.FINE, "clock.forge-test.json\n  passed  two\n1 passed\n")
    answer = forge("test", "--op", "triple", "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_FIXTURES_MISSING"])


def test_a_folder_without_fixtures_is_refused(forge: Forge, folder: Path) -> None:
    answer = forge("test", "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_FIXTURES_MISSING"])


@pytest.mark.parametrize(
    ("members", "pointer", "problem"),
    [
        ({"op": "dubble"}, "/op", "the program has no op dubble; there are: double, later"),
        ({}, "/cases/0", "it does not say which op is meant; there are: double, later"),
    ],
)
def test_an_op_that_is_not_there_is_refused(
    forge: Forge, folder: Path, members: dict[str, str], pointer: str, problem: str
) -> None:
    write({"name": "one"}, **members)
    answer = forge("test", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_FIXTURE_INVALID"])
    assert answer.report["diagnostics"][0]["pointer"] == pointer
    assert problem in answer.report["diagnostics"][0]["message"]


def test_a_wrong_file_does_not_keep_the_others_from_being_run(forge: Forge, folder: Path) -> None:
    write({"name": "one", "expects": 1}, name="a.forge-test.json")
    write(DOUBLE, program="gone.py", name="b.forge-test.json")
    write(DOUBLE)
    answer = forge("test", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_FIXTURE_INVALID", "E_FILE_UNREADABLE"])
    assert answer.report["result"]["passed"] == 1


# --- what does not hold ---------------------------------------------------------------------------------


def test_a_difference_is_shown_and_fails_the_command(forge: Forge, folder: Path) -> None:
    write(later([15], effects=[]), DOUBLE)
    answer = forge("test")
    assert answer.code == ExitCode.RUN_FAILED
    assert answer.text.splitlines() == [
        "clock.forge-test.json",
        "  failed  five",
        "    output (- expected, + found):",
        "      - [15]",
        '      + "15"',
        "    effects (- expected, + found):",
        '      + {"verb": "time.now"}',
        "  passed  two",
        "1 passed, 1 failed",
    ]
    assert answer.err.count("E_TEST_DIFFERS") == 2


def test_a_missing_answer_points_at_the_line_of_the_author(forge: Forge, folder: Path) -> None:
    write(later(15, answers=[]))
    answer = forge("test")
    assert answer.code == ExitCode.RUN_FAILED
    assert 'add to its answers, with a value for the …: {"verb": "time.now", "value": "…"}' in answer.err
    assert "--> clock.py:8:12" in answer.err
    answer = forge("test", "--json")
    assert answer.codes == ["E_ANSWER_MISSING"]
    (case,) = answer.report["result"]["files"][0]["cases"]
    assert case == {"name": "five", "op": "later", "outcome": "failed", "differences": []}


def test_an_unused_answer_is_a_warning(forge: Forge, folder: Path) -> None:
    clock = {"verb": "time.now", "value": 10}
    write({**DOUBLE, "answers": [clock]}, later(15, answers=[]), answers=[clock, clock])
    answer = forge("test", "--json")
    assert (answer.code, answer.codes) == (ExitCode.FINE, ["E_ANSWER_UNUSED"] * 2)
    holders = [each["fields"]["holder"] for each in answer.report["diagnostics"]]
    assert holders == ['the case "two"', "any case"]
    answer = forge("test", "--op", "double", "--json")
    assert len(answer.codes) == 1


def test_an_answer_of_another_type_is_a_wrong_input(forge: Forge, folder: Path) -> None:
    write(later(15, answers=[{"verb": "time.now", "value": "now"}]))
    answer = forge("test", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_FIXTURE_VALUE"])


# --- what is written ------------------------------------------------------------------------------------


def test_update_writes_what_is_found_and_leaves_the_rest_as_it_is(forge: Forge, folder: Path) -> None:
    write(later(16, effects=[]), {**DOUBLE, "expect": {"error": "Fail"}})
    answer = forge("test", "--update")
    assert (answer.code, answer.err) == (ExitCode.FINE, "")
    assert answer.text == "clock.forge-test.json\n  updated five\n  updated two\n2 updated\n"
    written = json.loads(Path("clock.forge-test.json").read_text(encoding="utf-8"))
    assert list(written) == ["artifact", "program", "cases"]
    assert written["cases"] == [
        later("15", effects=[{"verb": "time.now"}]),
        {**DOUBLE, "expect": {"output": "2"}},
    ]
    answer = forge("test", "--update", "--json")
    assert (answer.code, answer.report["result"]["passed"]) == (ExitCode.FINE, 2)


def test_update_writes_no_answers(forge: Forge, folder: Path) -> None:
    write(later(15, answers=[]))
    before = Path("clock.forge-test.json").read_bytes()
    assert forge("test", "--update").code == ExitCode.RUN_FAILED
    assert Path("clock.forge-test.json").read_bytes() == before


def record_run(forge: Forge) -> str:
    inputs = json.dumps({"number": 4})
    answer = forge("run", "clock.py", "--op", "double", "--input", inputs, "--store", "runs.db", "--json")
    return str(answer.report["result"]["run"])


def test_a_recorded_run_becomes_a_fixture(forge: Forge, folder: Path) -> None:
    run = record_run(forge)
    answer = forge("test", "clock.forge-test.json", "--record", run, "--store", "runs.db")
    assert (answer.code, answer.err) == (ExitCode.FINE, f"wrote the case {run} to clock.forge-test.json\n")
    assert answer.text == f"clock.forge-test.json\n  passed  {run}\n1 passed\n"
    written = json.loads(Path("clock.forge-test.json").read_text(encoding="utf-8"))
    case: Any = {
        "name": run,
        "op": "double",
        "inputs": {"number": "4"},
        "answers": [],
        "expect": {"output": "8"},
    }
    assert written == {"artifact": "forge-test", "program": "clock.py", "cases": [case]}

    write(DOUBLE)
    for _ in "ab":
        answer = forge("test", "clock.forge-test.json", "--record", run, "--store", "runs.db")
        assert answer.text.endswith("2 passed\n")


def test_a_new_fixture_needs_a_program(forge: Forge, folder: Path) -> None:
    run = record_run(forge)
    Path("tests").mkdir()
    command = ("test", "tests/new.forge-test.json", "--record", run, "--store", "runs.db")
    answer = forge(*command, "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_FIXTURE_PROGRAM"])
    assert forge(*command, "--program", "clock.py").code == ExitCode.FINE
    assert json.loads(Path("tests/new.forge-test.json").read_bytes())["program"] == "../clock.py"


def test_record_takes_one_file(forge: Forge, folder: Path) -> None:
    assert forge("test", "--record", "x").code == ExitCode.USAGE
    assert forge("test", "a.forge-test.json", "b.forge-test.json", "--record", "x").code == ExitCode.USAGE


def test_a_fixture_that_cannot_be_written_is_named(forge: Forge, folder: Path) -> None:
    run = record_run(forge)
    command = ("test", "gone/new.forge-test.json", "--record", run, "--store", "runs.db")
    answer = forge(*command, "--program", "clock.py", "--json")
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_FILE_UNWRITABLE"])
