"""`emit`, `validate`, `show`, `fmt`, `explain` and `schema`, as a user calls them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from house.forge_answers import GAS_KEEPER, Forge
from house.pins import ROOT
from opforge_cli.exit_codes import ExitCode
from opforge_ir.schema import build_schemas

PORTFOLIO = ROOT / "examples/portfolio/portfolio.py"
SIX_MISTAKES = """\
from opforge import op, workload

workload("six", version="1.0")

RATE = 1.5


def double(number: int) -> int:
    return number + "x"


@op
def first(count: int) -> int:
    print(count)
    return dubble(count)


@op
def second(count: int) -> str:
    while str(count) != "":
        count -= 1
    return 22
"""


def test_the_digest_is_the_sha256_of_what_emit_prints(forge: Forge) -> None:
    """Design 2.5: "named by the plain SHA-256 of their canonical bytes, so `sha256sum` can check a name"."""
    emitted = forge("emit", PORTFOLIO)
    assert emitted.code == ExitCode.FINE
    assert emitted.out == rfc8785.dumps(json.loads(emitted.out))
    digest = hashlib.sha256(emitted.out).hexdigest()
    assert forge("validate", PORTFOLIO, "--json").report["result"]["digest"] == digest


def test_all_spellings_of_a_document_have_one_digest(forge: Forge, tmp_path: Path) -> None:
    emitted = forge("emit", GAS_KEEPER)
    spelled = tmp_path / "spelled.json"
    spelled.write_text(json.dumps(json.loads(emitted.out), indent=7))
    review = forge("emit", GAS_KEEPER, "--form", "review")
    assert forge("fmt", spelled).out == review.out
    assert forge("show", spelled, "--form", "canonical").out == emitted.out
    digest = hashlib.sha256(emitted.out).hexdigest()
    assert forge("validate", spelled, "--json").report["result"]["digest"] == digest


def test_emit_runs_nothing_of_the_program(forge: Forge, tmp_path: Path) -> None:
    """Design 1.2: "nothing of the author's code is ever imported or run"."""
    trace = tmp_path / "trace"
    leave = f"open({str(trace)!r}, 'a').write('x')"
    (tmp_path / "helpers.py").write_text(f"{leave}\n\n\ndef helper(number: int) -> int:\n    return number\n")
    program = tmp_path / "app.py"
    program.write_text(
        f"from helpers import helper\nfrom opforge import op, workload\n\n{leave}\n"
        f'workload("trace", version="1.0")\n\n\n@op\n@({leave})\ndef main(a: int = {leave}) -> int:\n'
        f"    {leave}\n    return helper(a)\n"
    )
    for command in ("emit", "validate", "show"):
        assert forge(command, program).code == ExitCode.INPUT_WRONG
    assert not trace.exists()


def test_emit_of_a_valid_program_imports_no_file_of_it(forge: Forge, tmp_path: Path) -> None:
    import sys

    (tmp_path / "traced_helpers.py").write_text("def helper(number: int) -> int:\n    return number\n")
    program = tmp_path / "traced_app.py"
    program.write_text(
        "from opforge import op, workload\nfrom traced_helpers import helper\n\n"
        'workload("trace", version="1.0")\n\n\n@op\ndef main(a: int = 1) -> int:\n    return helper(a)\n'
    )
    assert forge("emit", program).code == ExitCode.FINE
    assert not {"traced_helpers", "traced_app"} & set(sys.modules)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["traced_app.py", "traced_helpers.py"]


def test_six_mistakes_give_six_diagnostics(forge: Forge, tmp_path: Path) -> None:
    program = tmp_path / "six.py"
    program.write_text(SIX_MISTAKES)
    answer = forge("validate", program, "--json")
    assert answer.code == ExitCode.INPUT_WRONG
    schema = cast("dict[str, Any]", build_schemas()["command-report.schema.json"])
    jsonschema.validate(answer.report, schema)
    found = answer.report["diagnostics"]
    assert [diagnostic["span"]["line"] for diagnostic in found] == [5, 9, 14, 15, 20, 22]
    assert all(d["code"] and d["name"] and d["fix"] and d["source_line"] for d in found)
    shown = forge("validate", program).err
    assert shown.count("  = fix: ") == 6
    assert shown.count("^") >= 6


def test_show_reads_like_the_program(forge: Forge) -> None:
    shown = forge("show", GAS_KEEPER).text
    assert "may chain.balance on devnet (chain id 31337)" in shown
    assert "op check(wallets: list[Wallet], floor: int = 500000000000000000) -> list[Report]:" in shown
    assert "balances: list[int] = map w: Wallet in wallets:" in shown


def test_explain_prints_the_page_of_a_code(forge: Forge) -> None:
    assert forge("explain", "e0103").text.startswith("# E0103 E_DUPLICATE_KEY")
    assert forge("explain", "E_DUPLICATE_KEY").text == forge("explain", "E0103").text


def test_every_schema_is_printed(forge: Forge) -> None:
    names = forge("schema").text.split()
    assert names == list(build_schemas())
    for name in names:
        assert json.loads(forge("schema", name).out) == json.loads((ROOT / "schema" / name).read_bytes())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a":1,"a":2}',
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b'{"artifact":"workload"}',
        b"{} {}",
        b'{"a":NaN}',
        b'["\\ud800"]',
        b"1" * 10_000,
        b'{"a":1.5}',
        b"\x00" * 64,
    ],
    ids=lambda content: content[:12].hex(),
)
def test_hostile_documents_get_a_code(forge: Forge, tmp_path: Path, content: bytes) -> None:
    document = tmp_path / "hostile.json"
    document.write_bytes(content)
    answer = forge("validate", document, "--json")
    assert answer.code == ExitCode.INPUT_WRONG
    assert answer.codes
    assert "E_INTERNAL" not in answer.codes
    assert "Traceback" not in answer.err


@given(
    content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_get_a_code(tmp_path: Path, content: bytes) -> None:
    """Design 2.6: "refused with a code before anything else"."""
    from opforge_compiler.check import validate_file

    for name in ("random.json", "random.py"):
        path = tmp_path / name
        path.write_bytes(content)
        validation = validate_file(path)
        assert not validation.is_valid
        assert all(diagnostic.code.category != "internal" for diagnostic in validation.diagnostics)
