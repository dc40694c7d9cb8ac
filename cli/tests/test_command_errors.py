"""Each code of the command line, as a user meets it: a code, a next step, an exit status, no stack trace."""

from __future__ import annotations

from pathlib import Path

import pytest

from house.forge_answers import GAS_KEEPER, Forge
from opforge_cli.exit_codes import ExitCode


def test_a_missing_file_is_named(forge: Forge, tmp_path: Path) -> None:
    answer = forge("emit", tmp_path / "misspelled.py", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_FILE_UNREADABLE"])
    assert "misspelled.py" in answer.report["diagnostics"][0]["message"]


def test_a_huge_file_is_refused_without_reading_it(forge: Forge, tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    answer = forge("validate", huge, "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_FILE_TOO_LARGE"])


def test_an_unwritable_output_is_named(forge: Forge, tmp_path: Path) -> None:
    answer = forge("emit", GAS_KEEPER, "-o", tmp_path / "missing" / "out.json", "--json")
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_FILE_UNWRITABLE"])


def test_a_stale_ir_is_refused(forge: Forge, tmp_path: Path) -> None:
    committed = tmp_path / "app.ir.json"
    forge("emit", GAS_KEEPER, "-o", committed)
    assert forge("emit", GAS_KEEPER, "--check", committed).code == ExitCode.FINE
    committed.write_bytes(committed.read_bytes().replace(b'"500000000000000000"', b'"500000000000000001"'))
    answer = forge("emit", GAS_KEEPER, "--check", committed, "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_IR_STALE"])


def test_an_unknown_code_names_the_nearest(forge: Forge) -> None:
    answer = forge("explain", "E_DUPLICATE_KEYS", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_UNKNOWN_CODE"])
    assert "E_DUPLICATE_KEY" in answer.report["diagnostics"][0]["fields"]["near"]


def test_an_unknown_schema_names_the_known_ones(forge: Forge) -> None:
    answer = forge("schema", "ir", "--json")
    assert (answer.code, answer.codes) == (ExitCode.INPUT_WRONG, ["E_SCHEMA_UNKNOWN"])
    assert "workload-ir.schema.json" in answer.report["diagnostics"][0]["fields"]["known"]


def test_an_unknown_op_names_the_known_ones(forge: Forge) -> None:
    answer = forge("run", GAS_KEEPER, "--op", "chek", "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_OP_UNKNOWN"])
    assert answer.report["diagnostics"][0]["fields"]["known"] == "check"


def test_several_ops_need_a_choice(forge: Forge, tmp_path: Path) -> None:
    program = tmp_path / "two_ops.py"
    program.write_text(
        'from opforge import op, workload\n\nworkload("two", version="1.0")\n\n\n'
        "@op\ndef one() -> int:\n    return 1\n\n\n@op\ndef two() -> int:\n    return 2\n"
    )
    answer = forge("run", program, "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_OP_AMBIGUOUS"])
    assert answer.report["diagnostics"][0]["fields"]["known"] == "one, two"


def test_an_input_that_is_no_object_is_refused(forge: Forge) -> None:
    answer = forge("run", GAS_KEEPER, "--input", "[1, 2]", "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_INPUT_NOT_OBJECT"])


def test_an_ambiguous_run_is_refused(forge: Forge, pure_program: Path, tmp_path: Path) -> None:
    store = tmp_path / "runs.db"
    for _ in range(2):
        assert forge("run", pure_program, "--store", store).code == ExitCode.FINE
    answer = forge("runs", "show", "pure", "--store", store, "--json")
    assert (answer.code, answer.codes) == (ExitCode.USAGE, ["E_RUN_AMBIGUOUS"])
    for run in ("other", "\udcff"):  # what a shell gives need not be text
        assert forge("runs", "show", run, "--store", store, "--json").codes == ["E_RUN_UNKNOWN"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[netwroks.base]\nurl = "https://node.example"', "there is no section [netwroks]"),
        ("[run]\nbatch_size = 0", "run.batch_size is not a whole number"),
        ("[run]\nbatches = 1", "[run] has no key batches"),
        ('[networks.base]\nuri = "https://secret.example"', "[networks.base] has to hold url"),
        ("not toml", "it is not TOML"),
    ],
)
def test_an_unknown_section_is_named(
    forge: Forge, pure_program: Path, tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "forge.toml").write_text(text)
    answer = forge("run", pure_program, "--json")
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_CONFIG_INVALID"])
    assert problem in answer.report["diagnostics"][0]["message"]
    assert "secret" not in answer.text + answer.err


def test_a_missing_variable_is_named(
    forge: Forge, pure_program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NODE_KEY", raising=False)
    (tmp_path / "forge.toml").write_text('[networks.base]\nurl = "https://node.example/v1/${NODE_KEY}"\n')
    answer = forge("run", pure_program, "--json")
    assert (answer.code, answer.codes) == (ExitCode.ENVIRONMENT, ["E_CONFIG_VARIABLE"])
    assert answer.report["diagnostics"][0]["fields"]["variable"] == "NODE_KEY"


def test_a_fault_of_ours_has_a_code_and_no_trace(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    from opforge_compiler import explain

    def fail(_: str) -> None:
        raise ZeroDivisionError("a secret of the machine")

    monkeypatch.setattr(explain, "explain_code", fail)
    answer = forge("explain", "E0103")
    assert answer.code == ExitCode.INTERNAL
    assert "E_INTERNAL" in answer.err
    assert "Traceback" not in answer.err
    assert "secret" not in answer.err


def test_an_unknown_option_is_a_usage_error(forge: Forge) -> None:
    assert forge("emit", "--no-such-option").code == ExitCode.USAGE
