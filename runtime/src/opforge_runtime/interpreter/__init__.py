"""The interpreter: a validated document, compiled once into Python closures, run without any IO.

```text
Document ──compile_document──▶ Program ──Execution──▶ wave of requests ──answers──▶ next wave … ──▶ output
```

Pure nodes run inline. A region with effects is a generator: it stops at each request. All requests that the
program can make before it needs an answer form one *wave*; iterations of a comprehension are *strands* that
are run in the order of their indices until each is blocked, so a wave is always in the order of the plan.

A failure is a `ProgramError`, which travels outwards until a `try` catches it; that of a request is raised at
the effect node. Limits are never caught.
"""

from __future__ import annotations

from opforge_runtime.interpreter.execution import Execution
from opforge_runtime.interpreter.limits import MAX_STEPS
from opforge_runtime.interpreter.program import Program, compile_document
from opforge_runtime.interpreter.program_error import ProgramError
from opforge_runtime.interpreter.request import EffectRequest, EffectSite

__all__ = [
    "MAX_STEPS",
    "EffectRequest",
    "EffectSite",
    "Execution",
    "Program",
    "ProgramError",
    "compile_document",
]
