"""Which phase of an emission takes how long: the functions that begin a phase, with a clock around each."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

__all__ = ["PHASES", "phases_timed"]

PHASES: Final = {
    "parse": [("opforge._frontend.project", "parse_source")],
    "names": [("opforge._frontend.check", "declare_file")],
    "types": [("opforge._frontend.check", "check_function")],
    "aliases": [
        ("opforge._frontend.check", "check_changes"),
        ("opforge._frontend.aliasing", "find_changing"),
    ],
    "lowering": [("opforge._frontend.assembly", "Assembly.build_document")],
    "grants": [("opforge_ir.grants", "infer_grants")],
    "validation": [("opforge_ir.validation", "validate_document")],
    "bytes, digest": [
        ("opforge_compiler.emit", "canonical_bytes"),
        ("opforge_compiler.emit", "digest_bytes"),
    ],
}
"""For each phase, where its functions are looked up."""


@contextmanager
def phases_timed() -> Generator[dict[str, float]]:
    """The CPU seconds of each phase, while the block runs. No phase calls another one."""
    seconds = dict.fromkeys(PHASES, 0.0)
    replaced: list[tuple[Any, str, Any]] = []

    def watch(phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **options: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **options)
            finally:
                seconds[phase] += time.process_time() - start

        return timed

    try:
        for phase, functions in PHASES.items():
            for module, path in functions:
                *outer, name = path.split(".")
                owner: Any = import_module(module)
                for part in outer:
                    owner = getattr(owner, part)
                function = getattr(owner, name)
                replaced.append((owner, name, function))
                setattr(owner, name, watch(phase, function))
        yield seconds
    finally:
        for owner, name, function in replaced:
            setattr(owner, name, function)
