"""The exported names of `opforge`: what stands here is promised to authors, and nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
from types import ModuleType

import pytest

import opforge
from opforge import abi, chain, event, http, log, on, random, run, signal, time, units
from opforge._frontend.vocabulary import ABI_SCALARS, EFFECT_ERRORS, NAMESPACES, UNITS

NAMES = {
    "abi", "chain", "event", "http", "log", "on", "random", "run", "signal", "time", "units",
    "op", "record", "Retry", "workload",
    "Address", "Block", "Contract", "Response",
    "Fail", "EffectError",
    "ChildFailed", "DecodeError", "HttpError", "NotGranted", "RandomError", "Reverted", "RpcError", "Timeout",
}  # fmt: skip
HEAVY = {"pydantic", "httpx", "eth_abi", "web3", "Crypto", "orjson", "asyncio", "socket", "opforge._frontend"}
"""What plain Python has no use for. It takes many times as long to import as all of `opforge`."""


def test_opforge_exports_these_names() -> None:
    assert sorted(opforge.__all__) == sorted(NAMES)


@pytest.mark.parametrize(
    "module",
    [opforge, abi, chain, event, http, log, on, random, run, signal, time, units],
    ids=lambda module: module.__name__,
)
def test_a_module_exports_what_programs_may_use_of_it(module: ModuleType) -> None:
    """The front end accepts a name exactly when plain Python can import it."""
    assert set(module.__all__) == NAMESPACES[module.__name__]
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_the_sized_types_are_what_the_front_end_takes_them_for() -> None:
    plain = {"int": int, "bytes": bytes}
    found = {name: getattr(abi, name).__origin__ for name in abi.__all__}
    assert found == {name: plain[kind.text] for name, kind in ABI_SCALARS.items()}
    assert [name for name in abi.__all__ if getattr(abi, name).__metadata__ != (name,)] == []


def test_the_units_are_what_the_front_end_takes_them_for() -> None:
    assert {name: getattr(units, name)(1) for name in units.__all__} == UNITS


def test_every_effect_error_is_one() -> None:
    found = [name for name in opforge.__all__ if _is_effect_error(getattr(opforge, name))]
    assert sorted(found) == sorted(EFFECT_ERRORS)


def _is_effect_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, opforge.EffectError)


def test_importing_opforge_loads_nothing_heavy() -> None:
    program = "import json, sys, opforge; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, encoding="utf-8")
    loaded = set(json.loads(done.stdout))
    assert "opforge.chain" in loaded
    assert loaded & HEAVY == set()
