"""What programs may import that is not of their own project, by full name.

A name of the vocabulary is never evaluated: each phase knows what `opforge.record` or
`decimal.Decimal` means to it.
"""

from __future__ import annotations

from typing import Final

from opforge_ir.capabilities import CAPABILITIES, CAPABILITY_RECORDS
from opforge_ir.errors import ERRORS, get_classes
from opforge_ir.triggers import TRIGGER_VALUES
from opforge_ir.types import (
    ADDRESS,
    BOOL,
    BYTES,
    DECIMAL,
    INT,
    NONE,
    STR,
    Type,
    named,
)

__all__ = [
    "ABI_SCALARS",
    "BUILTIN_ERRORS",
    "BUILTIN_TYPES",
    "EFFECT_ERRORS",
    "FLOAT_FUNCTIONS",
    "FOREIGN_TYPES",
    "LIBRARIES",
    "MATH_FUNCTIONS",
    "NAMESPACES",
    "ROUNDINGS",
    "SPEAKING_ERRORS",
    "TYPE_NAMES",
    "UNITS",
]

EFFECT_ERRORS: Final = (
    "EffectError",
    "Reverted",
    "RpcError",
    "HttpError",
    "Timeout",
    "NotGranted",
    "DecodeError",
    "RandomError",
    "ChildFailed",
)

_DECIMAL_SIGNALS: Final = frozenset(name for name in ERRORS if "DecimalException" in get_classes(name))
BUILTIN_ERRORS: Final = frozenset(ERRORS) - _DECIMAL_SIGNALS - {*EFFECT_ERRORS, "Fail"}
"""The errors that need no import: CPython's own."""

SPEAKING_ERRORS: Final = frozenset({*EFFECT_ERRORS, "Fail", "AssertionError"})
"""The errors whose text is the program's or ours, and so the same everywhere."""

UNITS: Final[dict[str, int]] = {
    "wei": 1,
    "gwei": 10**9,
    "ether": 10**18,
    "seconds": 1,
    "minutes": 60,
    "hours": 3600,
    "days": 86400,
}
"""What one of each unit is in the smallest unit: wei, and seconds."""

ABI_SCALARS: Final[dict[str, Type]] = {
    **{f"{sign}int{bits}": INT for sign in ("u", "") for bits in range(8, 257, 8)},
    **{f"bytes{size}": BYTES for size in range(1, 33)},
}
"""The sized types of the contract ABI (`opforge.abi`), with what they are in the language."""

ROUNDINGS: Final = frozenset(
    f"ROUND_{way}" for way in ("05UP", "CEILING", "DOWN", "FLOOR", "HALF_DOWN", "HALF_EVEN", "HALF_UP", "UP")
)
"""The roundings of `decimal`; each is the str of its name."""

MATH_FUNCTIONS: Final = frozenset({"comb", "factorial", "gcd", "isqrt", "lcm", "perm", "prod"})
"""The functions of `math` that are exact."""

FLOAT_FUNCTIONS: Final[dict[str, str]] = {
    **dict.fromkeys(
        ("ceil", "floor", "trunc"), "use `//`, or `x.to_integral_value(rounding=...)` of a Decimal"
    ),
    **dict.fromkeys(("log", "log2", "log1p"), "use `x.ln()` or `x.log10()` of a Decimal"),
    "log10": "use `x.log10()` of a Decimal",
    **dict.fromkeys(("exp", "expm1"), "use `x.exp()` of a Decimal"),
    "sqrt": "use `math.isqrt(n)`, or `x.sqrt()` of a Decimal",
    "pow": "use `a ** b`",
    "fabs": "use `abs(x)`",
    "fmod": "use `%`",
    "fsum": "use `sum(items, Decimal(0))`",
    "copysign": "use `x.copy_sign(y)` of a Decimal",
    "isnan": "use `x.is_nan()` of a Decimal",
    "isinf": "use `x.is_infinite()` of a Decimal",
    "isfinite": "use `x.is_finite()` of a Decimal",
    "isclose": "compare exactly: `abs(a - b) <= limit`",
    "inf": 'write Decimal("Infinity")',
    "nan": 'write Decimal("NaN")',
    "pi": 'write the digits that you need: Decimal("3.14159")',
    "e": "write the digits that you need, or `Decimal(1).exp()`",
}
"""What to write in place of the other functions of `math`, which compute with floats."""

BUILTIN_TYPES: Final[dict[str, Type]] = {"int": INT, "bool": BOOL, "str": STR, "bytes": BYTES, "None": NONE}
"""Types that need no import."""

TYPE_NAMES: Final[dict[str, Type]] = {
    "opforge.Address": ADDRESS,
    "decimal.Decimal": DECIMAL,
    **{f"opforge.{name}": named(name) for name in CAPABILITY_RECORDS},
    **{f"opforge.abi.{name}": kind for name, kind in ABI_SCALARS.items()},
}
"""Types of the vocabulary by full name."""

_ONE_TYPE: Final = "; a function has one type: write it, or write the function once for each type"
FOREIGN_TYPES: Final[dict[str, str]] = {
    "object": "; write the type that it is, or a union of records",
    "typing.Any": "; write the type that it is, or a union of records",
    "typing.Callable": "; call the function where it is needed",
    "typing.Generic": _ONE_TYPE,
    "typing.NamedTuple": "; write a record: `@record` and a class of fields",
    "typing.ParamSpec": _ONE_TYPE,
    "typing.Protocol": "; write a record, or a union of records",
    "typing.Self": "; write the name of the record",
    "typing.TypeVar": _ONE_TYPE,
    "typing.TypedDict": "; write a record: `@record` and a class of fields",
}
"""Types of Python that are none of the language, with what to write; they are refused where they are used."""

_CAPABILITY_NAMES: Final = {
    f"opforge.{c.name}": [verb.name.partition(".")[2] for verb in c.verbs] for c in CAPABILITIES.values()
}
# A contract's functions are called by their own names, not through `chain.call`.
_CAPABILITY_NAMES["opforge.chain"] = ["block", "balance", "view"]

NAMESPACES: Final[dict[str, frozenset[str]]] = {
    "opforge": frozenset(
        {"workload", "op", "on", "record", "Address", "Contract", "Fail", "Retry", "units", "abi"}
        | set(CAPABILITIES)
        | set(CAPABILITY_RECORDS)
        | set(EFFECT_ERRORS)
    ),
    "opforge.on": frozenset(TRIGGER_VALUES),
    "opforge.units": frozenset(UNITS),
    "opforge.abi": frozenset(ABI_SCALARS),
    **{name: frozenset(verbs) for name, verbs in _CAPABILITY_NAMES.items()},
    "decimal": frozenset({"Decimal"} | _DECIMAL_SIGNALS | ROUNDINGS),
    "math": MATH_FUNCTIONS,
    "enum": frozenset({"Enum", "IntEnum", "StrEnum", "auto", "unique"}),
    "typing": frozenset(
        {"Annotated", "Collection", "Dict", "Final", "FrozenSet", "Iterable", "List", "Literal", "Mapping"}
        | {"NewType", "Optional", "Sequence", "Set", "TYPE_CHECKING", "Tuple", "TypeAlias", "Union"}
        | {name.removeprefix("typing.") for name in FOREIGN_TYPES if name.startswith("typing.")}
    ),
    "functools": frozenset({"cache", "lru_cache"}),
    "dataclasses": frozenset({"dataclass", "replace"}),
    "collections.abc": frozenset({"Collection", "Iterable", "Mapping", "Sequence"}),
    "collections": frozenset({"abc"}),
    "__future__": frozenset({"annotations"}),
}
"""What each library holds that a program may use."""

LIBRARIES: Final = frozenset(name.partition(".")[0] for name in NAMESPACES)
"""The top-level names of all libraries."""
