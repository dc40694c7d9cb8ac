"""Codes of a run: E2001 to E2019 what a program did, E2020 to E2029 how it was started, E2030 to E2059 its
effects, E2060 on what it waited for.

`at` is the place in the program, `<workload>.<op or function>.<node path>`; `instance` says which
execution of it, and is empty at the top level. The fields are what a failed run records.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

__all__ = [
    "E_ASSERTION_FAILED",
    "E_CALLS_TOO_DEEP",
    "E_CHARACTER_REFUSED",
    "E_CHILD_FAILED",
    "E_DECODE_FAILED",
    "E_INPUT_MISSING",
    "E_INPUT_UNKNOWN",
    "E_NOT_GRANTED",
    "E_NUMBER_TOO_LONG",
    "E_OUTCOME_UNKNOWN",
    "E_PROGRAM_EXCEPTION",
    "E_PROGRAM_FAIL",
    "E_RANDOM_RANGE",
    "E_ROUND_LIMIT",
    "E_SESSION_TIMEOUT",
    "E_SIGNAL_TIMEOUT",
    "E_STEP_LIMIT",
    "E_VALUE_TOO_LARGE",
]

# --- what the program did -------------------------------------------------------------------------

E_PROGRAM_EXCEPTION: Final = Code(
    "E2001",
    "E_PROGRAM_EXCEPTION",
    "execution",
    "{exception} was raised at {at} [{instance}]",
    "look at the inputs and facts of the run; let the program test for this case before it computes",
)
E_PROGRAM_FAIL: Final = Code(
    "E2002",
    "E_PROGRAM_FAIL",
    "execution",
    "the program failed: {message} (at {at} [{instance}])",
    "the program decided so; its message says why",
)
E_ASSERTION_FAILED: Final = Code(
    "E2003",
    "E_ASSERTION_FAILED",
    "execution",
    "an assertion does not hold: {message} (at {at} [{instance}])",
    "what the program takes for granted is not so; look at the inputs and facts of the run",
)
E_DECODE_FAILED: Final = Code(
    "E2004",
    "E_DECODE_FAILED",
    "execution",
    'the text is not JSON of the type {type}: {problem} at "{place}" (read at {at} [{instance}])',
    "compare the type that the program gives with what the server sends",
)
E_NUMBER_TOO_LONG: Final = Code(
    "E2010",
    "E_NUMBER_TOO_LONG",
    "execution",
    "a number has more than {limit} decimal digits (at {at} [{instance}])",
    "numbers are bounded, so that each of them can be stored and printed; reduce it earlier",
)
E_VALUE_TOO_LARGE: Final = Code(
    "E2011",
    "E_VALUE_TOO_LARGE",
    "execution",
    "a value has more than {limit} {unit} (at {at} [{instance}])",
    "work on a part of it at a time",
)
E_STEP_LIMIT: Final = Code(
    "E2012",
    "E_STEP_LIMIT",
    "execution",
    "the program has taken {limit} steps without coming to an end (at {at} [{instance}])",
    "give it less to do in one run, or look for a loop that grows with what it reads",
)
E_CALLS_TOO_DEEP: Final = Code(
    "E2013",
    "E_CALLS_TOO_DEEP",
    "execution",
    "calls and expressions of {owner} are nested {depth} deep; the limit is {limit}",
    "give intermediate results names, and call fewer functions from within functions",
)
E_CHARACTER_REFUSED: Final = Code(
    "E2014",
    "E_CHARACTER_REFUSED",
    "execution",
    "the operation is refused for the character {character}: {reason} (at {at} [{instance}])",
    "take such characters out of the text before, or leave the operation out",
)
E_ROUND_LIMIT: Final = Code(
    "E2015",
    "E_ROUND_LIMIT",
    "execution",
    "a loop has gone through {limit} rounds, as many as it may, and is not done (at {at} [{instance}])",
    "raise the bound of the loop if more rounds are right, or look for what keeps its condition true",
)

# --- how it was started -----------------------------------------------------------------------------

E_INPUT_MISSING: Final = Code(
    "E2020",
    "E_INPUT_MISSING",
    "execution",
    "the op {op} needs the input {name}, of the type {type}",
    "give it, for example --input '{\"{name}\": …}'",
)
E_INPUT_UNKNOWN: Final = Code(
    "E2021",
    "E_INPUT_UNKNOWN",
    "execution",
    "the op {op} takes no input {name}; it takes {names}",
    "leave {name} out, or correct its spelling",
)

# --- its effects ----------------------------------------------------------------------------------

E_NOT_GRANTED: Final = Code(
    "E2030",
    "E_NOT_GRANTED",
    "execution",
    "the program asked for {verb} of {target}, which its grants do not hold",
    "the grants say what was reviewed; change the program and have it reviewed again",
)
E_RANDOM_RANGE: Final = Code(
    "E2031",
    "E_RANDOM_RANGE",
    "execution",
    "there is no integer from {low} to {high}",
    "give the smaller bound first",
)
E_SESSION_TIMEOUT: Final = Code(
    "E2032",
    "E_SESSION_TIMEOUT",
    "execution",
    "the run was not done within {timeout_ms} ms",
    "raise the timeout in the op's policy, or give the run less to do",
)
E_OUTCOME_UNKNOWN: Final = Code(
    "E2033",
    "E_OUTCOME_UNKNOWN",
    "execution",
    "{verb} at {state} [{instance}] was begun in an earlier session, and whether it took effect is not known",
    "find out at the other side whether it took effect, then say so:"
    ' `forge resolve {run} "{state}@{instance}" --as done|retry|failed --because "…"`',
)

# --- what it waited for ---------------------------------------------------------------------------

E_SIGNAL_TIMEOUT: Final = Code(
    "E2060",
    "E_SIGNAL_TIMEOUT",
    "execution",
    "no signal {name} came within {timeout_seconds} seconds",
    "send it in time with `forge signal`, give the wait more time, or catch Timeout where going on is right",
)
E_CHILD_FAILED: Final = Code(
    "E2061",
    "E_CHILD_FAILED",
    "execution",
    "the run {run} of the op {op} failed with {child_code}: {message}",
    "look at what happened there with `forge runs show {run}`; catch ChildFailed where going on is right",
)
"""`child_code` is the number of the code that the child ended with, `message` what a handler reads of it."""
