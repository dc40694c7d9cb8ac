"""What the names of a program stand for: definitions of its files, files, and the vocabulary."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from opforge._frontend.problems import Problems
from opforge._frontend.source import Located, Source
from opforge_ir.diagnostics import Code, Edit, FieldValue, Span
from opforge_ir.types import ADDRESS, INT, STR, Type, named

if TYPE_CHECKING:
    from opforge._frontend.event_text import Event
    from opforge._frontend.tree import Block, Expr, Statement

__all__ = [
    "CAUGHT",
    "ENTRY_MODULE",
    "UNKNOWN",
    "AliasDecl",
    "Broken",
    "ConstantDecl",
    "ContractDecl",
    "ContractFunctionDecl",
    "ContractParameterDecl",
    "Declaration",
    "EnumDecl",
    "FieldDecl",
    "FunctionDecl",
    "ImportedName",
    "Module",
    "ModuleSymbol",
    "NameOf",
    "ParameterDecl",
    "Policy",
    "RecordDecl",
    "Symbol",
    "TriggerDecl",
    "TypeOnly",
    "VocabularySymbol",
    "contract_type",
    "erase_contract",
    "frozenset_of",
    "function_type",
    "is_set",
    "key_of",
    "split_contract",
    "split_enum",
    "split_function",
]

ENTRY_MODULE: Final = "__main__"
"""The name of the entry file among the modules; its file name stays out of the IR."""

UNKNOWN: Final[Type] = named("?")
"""The type of what has been refused already; whatever meets it is not reported again."""


CAUGHT: Final[Type] = named("Caught")
"""The type of a caught error."""


@dataclass(eq=False)
class Module:
    """One file of the project."""

    name: str
    """Its dotted import name, or `ENTRY_MODULE`."""
    source: Source
    problems: Problems
    imports: list[ImportedName] = field(default_factory=list["ImportedName"])
    symbols: dict[str, Symbol] = field(default_factory=dict[str, "Symbol"])
    has_lazy_annotations: bool = False

    @property
    def is_entry(self) -> bool:
        """Whether this is the file that was asked for."""
        return self.name == ENTRY_MODULE

    @property
    def is_package(self) -> bool:
        """Whether other files stand below it."""
        return self.source.path.endswith("__init__.py")

    def span_of(self, node: Located) -> Span:
        """The place of a node of this file."""
        return self.source.span_of(node)

    def report(
        self, code: Code, node: Located | Span, /, *, edits: Sequence[Edit] = (), **fields: FieldValue
    ) -> None:
        """Record a problem at a node of this file, with what mends it where that is certain."""
        span = node if isinstance(node, Span) else self.span_of(node)
        found = code.at(span, **fields)
        if edits:
            found = replace(found, edits=tuple(edits))
        self.problems.add(found, self.source.line_at(span.line))


@dataclass(frozen=True, slots=True)
class NameOf:
    """A name that another file of the project defines; it is looked up after that file."""

    module: Module
    name: str


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name that an import statement makes, and what it stands for."""

    name: str
    alias: ast.alias
    target: VocabularySymbol | ModuleSymbol | NameOf | Broken


@dataclass(frozen=True, slots=True)
class VocabularySymbol:
    """A name of a library, such as `opforge.record`."""

    full: str


@dataclass(frozen=True, slots=True)
class ModuleSymbol:
    """A file of the project that was imported as a whole."""

    module: Module


@dataclass(frozen=True, slots=True)
class Broken:
    """A name whose definition was refused."""


@dataclass(eq=False)
class Declaration:
    """A definition at the top of a file."""

    module: Module
    name: str
    node: ast.stmt

    @property
    def key(self) -> str:
        """Its name with its file's: unique in the program."""
        return f"{self.module.name}.{self.name}"


@dataclass(eq=False)
class ParameterDecl:
    """One parameter of a function; `default` is a constant expression."""

    name: str
    type: Type
    node: ast.arg
    is_keyword_only: bool
    default: Expr | None = None
    is_positional_only: bool = False


@dataclass(frozen=True)
class Backoff:
    """How long is waited between two attempts."""

    kind: Literal["exponential", "fixed"] = "exponential"
    first_ms: int = 500
    cap_ms: int = 30_000
    has_jitter: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """What `@op(...)` says."""

    retries: int = 0
    backoff: Backoff = Backoff()
    attempt_timeout_ms: int = 0
    timeout_ms: int = 0
    tags: tuple[str, ...] = ()
    concurrency: int = 0
    max_iterations: int = 0
    """How often each `while` of the op may go round; 0 where nothing is said."""
    compensation: FunctionDecl | None = None
    """The op that undoes what this one did."""


@dataclass(eq=False)
class TriggerDecl:
    """One trigger of an op: what its decorator says, and what it passes, once that is known."""

    kind: str
    node: ast.expr
    members: dict[str, Any]
    """Its members in the IR, by name."""
    event: Event | None = None
    """For a log, its event."""


@dataclass(eq=False)
class FunctionDecl(Declaration):
    """A helper or, with a policy, an op."""

    syntax: ast.FunctionDef
    policy: Policy | None
    parameters: list[ParameterDecl] = field(default_factory=list[ParameterDecl])
    result: Type = UNKNOWN
    body: Block = field(default_factory=list["Statement"])
    doc: str | None = None
    is_complete: bool = True
    """Whether all of its parameters were understood."""
    triggers: list[TriggerDecl] = field(default_factory=list["TriggerDecl"])
    cache: ast.expr | None = None
    """The decorator that keeps its results in plain Python."""
    captures: tuple[str, ...] = ()
    """For a function inside of another one: the last parameters, which hold variables of that one."""
    visible: dict[str, Type] = field(default_factory=dict[str, Type])
    """The functions around it that it may call, by name."""

    @property
    def is_op(self) -> bool:
        """Whether it is an entry point."""
        return self.policy is not None


@dataclass(eq=False)
class FieldDecl:
    """One field of a record; `default` is a constant expression."""

    name: str
    type: Type
    default: Expr | None


@dataclass(eq=False)
class RecordDecl(Declaration):
    """A record type."""

    syntax: ast.ClassDef
    fields: list[FieldDecl] = field(default_factory=list[FieldDecl])
    doc: str | None = None
    is_complete: bool = True
    """Whether all of its fields were understood."""

    @property
    def type(self) -> Type:
        """The type of its values."""
        return named(self.key)


@dataclass(eq=False)
class EnumDecl(Declaration):
    """An enum: `base` is StrEnum, IntEnum or Enum."""

    syntax: ast.ClassDef
    base: str
    values: dict[str, str | int] = field(default_factory=dict[str, "str | int"])
    """The value for each name, in order; one that another has before is another name for that."""
    names: dict[str | int, str] = field(default_factory=dict["str | int", str])
    """The name of the member that has a value, in order."""
    doc: str | None = None
    is_complete: bool = True
    """Whether all of its members were understood."""

    @property
    def type(self) -> Type:
        """The type of its values. The base is in it, since what Python converts depends on that."""
        return named(f"{_ENUM}{self.base}:{self.key}")

    @property
    def value_type(self) -> Type:
        """What its members have as values: STR or INT."""
        return INT if any(isinstance(value, int) for value in self.values.values()) else STR


@dataclass(frozen=True, slots=True)
class ContractParameterDecl:
    """One argument or result of a contract function."""

    name: str
    abi: str
    type: Type


@dataclass(eq=False)
class ContractFunctionDecl:
    """A view function of a contract."""

    name: str
    inputs: list[ContractParameterDecl]
    output: ContractParameterDecl | None
    is_complete: bool


@dataclass(eq=False)
class ContractDecl(Declaration):
    """A contract class."""

    syntax: ast.ClassDef
    functions: dict[str, ContractFunctionDecl] = field(default_factory=dict[str, ContractFunctionDecl])
    doc: str | None = None
    is_complete: bool = True


@dataclass(eq=False)
class ConstantDecl(Declaration):
    """A module constant: its typed value, once the file has been gone through."""

    target: ast.Name
    value: ast.expr
    annotation: ast.expr | None
    type: Type = UNKNOWN
    literal: Expr | None = None
    """The computed value, made of literals and displays only."""
    is_computed: bool = False


@dataclass(eq=False)
class AliasDecl(Declaration):
    """Another name for a type; one that NewType makes may be called, and gives its argument."""

    value: ast.expr
    is_new_type: bool = False


@dataclass(frozen=True, slots=True)
class TypeOnly:
    """A name that is imported for type checkers only: in annotations it stands for this symbol."""

    symbol: Symbol


Symbol: TypeAlias = (
    VocabularySymbol
    | ModuleSymbol
    | FunctionDecl
    | RecordDecl
    | EnumDecl
    | ContractDecl
    | ConstantDecl
    | AliasDecl
    | TypeOnly
    | Broken
)

_CONTRACT: Final = "contract:"
_ENUM: Final = "enum:"
_FUNCTION: Final = "function:"


def function_type(function: FunctionDecl) -> Type:
    """The type of a variable that is a function; it exists in the front end only, and no value has it."""
    return named(f"{_FUNCTION}{function.key}")


def split_function(kind: Type) -> str | None:
    """The function's key, when `kind` is the type of one."""
    return kind.head.removeprefix(_FUNCTION) if kind.head.startswith(_FUNCTION) else None


def contract_type(contract: ContractDecl, network: str | None) -> Type:
    """The type of a contract at an address; it exists in the front end only (see `erase_contract`)."""
    return named(f"{_CONTRACT}{contract.key}@{network or ''}")


def split_contract(kind: Type) -> tuple[str, str | None] | None:
    """The contract's key and its fixed network, when `kind` is the type of a contract."""
    if not kind.head.startswith(_CONTRACT):
        return None
    key, _, network = kind.head.removeprefix(_CONTRACT).partition("@")
    return key, network or None


def erase_contract(kind: Type) -> Type:
    """What a contract is in the IR: its address."""
    return ADDRESS if kind.head.startswith(_CONTRACT) else kind


def split_enum(kind: Type) -> tuple[str, str] | None:
    """The enum's base and key, when `kind` is the type of an enum."""
    if not kind.head.startswith(_ENUM):
        return None
    base, _, key = kind.head.removeprefix(_ENUM).partition(":")
    return base, key


_frozensets: dict[Type, Type] = {}


def frozenset_of(item: Type) -> Type:
    """`frozenset[item]`; it exists in the front end only, since the IR says what is changed."""
    found = _frozensets.get(item)
    if found is None:
        found = _frozensets.setdefault(item, Type("frozenset", (item,), f"frozenset[{item.text}]"))
    return found


def is_set(kind: Type) -> bool:
    """Whether this is the type of a set or frozenset."""
    return kind.is_set or kind.head == "frozenset"


def key_of(kind: Type) -> str:
    """The key of the record or enum that a type names."""
    enum = split_enum(kind)
    return kind.head if enum is None else enum[1]
