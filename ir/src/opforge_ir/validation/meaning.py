"""What the shape of a document cannot say: one walk over its definitions, then the rules on the whole.

The walk also notices every shape that the models refuse, but not where and why: the definition is then
named in the result, and what was found in it is not reported. Definitions without bodies are
given to the models themselves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError

from opforge_ir.builtin_records import BUILTIN_RECORDS
from opforge_ir.codes.document import (
    E_ABI_TYPE_CONFLICT,
    E_BAD_LITERAL,
    E_CHAIN_ID,
    E_CONSTANT_NOT_LITERAL,
    E_DUPLICATE_MEMBER,
    E_RECORD_NAME_RESERVED,
    E_SELECTOR_MISMATCH,
    E_STRING_NOT_NORMALIZED,
    E_TOO_MANY_NODES,
)
from opforge_ir.codes.flow import E_UNKNOWN_OP
from opforge_ir.codes.types import E_TYPE_DEFINED_TWICE
from opforge_ir.codes.waits import E_COMPENSATION_PARAMETERS
from opforge_ir.document.parts import (
    Contract,
    Enum,
    Grants,
    Networks,
    Policy,
    Record,
    Settings,
    Workload,
)
from opforge_ir.enums import build_enum_table
from opforge_ir.ids import QUALIFIED_PATTERN, SEGMENT_PATTERN
from opforge_ir.networks import WELL_KNOWN_NETWORKS
from opforge_ir.problems import JsonArray, JsonObject, Part, Problems
from opforge_ir.selector import function_selector
from opforge_ir.types import CONSTRUCTORS, NONE, SCALARS, Type, tuple_of
from opforge_ir.validation.abi_types import fits_abi
from opforge_ir.validation.bodies import OwnerFacts
from opforge_ir.validation.calls import check_calls
from opforge_ir.validation.changes import check_changes
from opforge_ir.validation.control import ControlChecker
from opforge_ir.validation.definitions import (
    UNKNOWN,
    ContractSignature,
    Definitions,
    ShapeMismatch,
    Signature,
    is_known,
)
from opforge_ir.validation.granted import check_grants
from opforge_ir.validation.literals import PLAIN_LITERALS, is_canonical_text
from opforge_ir.validation.triggers import check_triggers
from opforge_ir.validation.usage import check_record_cycles, check_usage

__all__ = ["MAX_NODES", "check_meaning"]

MAX_NODES: Final = 50_000
"""The most nodes that all bodies of a document have together."""

_SHAPE_ERRORS: Final = (ShapeMismatch, ValidationError, KeyError, TypeError, AttributeError, ValueError)
"""What reading a member of a value of another shape ends with, besides our own exception."""

_RESERVED: Final = frozenset({*SCALARS, *CONSTRUCTORS, *BUILTIN_RECORDS})
_LITERAL_KINDS: Final = frozenset({"lit", "list", "set", "tuple", "dict", "record", "widen"})
_is_segment = re.compile(SEGMENT_PATTERN.replace("$", r"\Z")).match
_is_qualified = re.compile(QUALIFIED_PATTERN.replace("$", r"\Z")).match


_HEAD: Final[dict[str, TypeAdapter[Any]]] = {
    "workload": TypeAdapter(Workload),
    "settings": TypeAdapter(Settings),
    "networks": TypeAdapter(Networks, config=ConfigDict(strict=True)),
    "grants": TypeAdapter(Grants),
}
_MEMBERS: Final = frozenset(
    {"artifact", "ir_version", *_HEAD, "enums", "records", "contracts", "constants", "functions", "ops"}
)
"""The members of a document. Its model is not needed here, and takes long to build."""


class _Meaning:
    def __init__(self, document: JsonObject, problems: Problems) -> None:
        self._document: JsonObject = document
        self._problems = problems
        self.misshapen: set[Part] = set()
        self._definitions = Definitions(problems)
        self._bodies = ControlChecker(self._definitions, problems)
        self._owners: dict[Part, OwnerFacts] = {}

    def check(self) -> None:
        whole = self._document
        with self._part():
            if len(whole) != len(_MEMBERS):
                raise ShapeMismatch
        for field, adapter in _HEAD.items():
            with self._part(field):
                adapter.validate_python(whole[field])
        self._enter_definitions()
        if not self.misshapen:
            self._check_networks()
        document = self._document
        for name, constant in document["constants"].items():
            with self._part("constants", name):
                self._check_constant(constant)
        for table in ("functions", "ops"):
            for name in document[table]:
                self._check_owner(table, name)
        self._problems.part = ()
        if self._bodies.node_count > MAX_NODES:
            self._problems.add(E_TOO_MANY_NODES, whole, limit=MAX_NODES)
        elif not self.misshapen:
            self._check_whole()

    @contextmanager
    def _part(self, *part: str) -> Generator[None]:
        """Check one definition; when its shape is wrong, that is noted."""
        self._problems.part = part
        try:
            yield
        except _SHAPE_ERRORS:
            self.misshapen.add(part)

    def _enter(self, table: str, enter: Callable[[str, Any], None], is_name: Callable[[str], object]) -> None:
        with self._part(table):
            if type(self._document[table]) is not dict:
                raise ShapeMismatch
        if (table,) in self.misshapen:
            self._document = {**self._document, table: {}}
            return
        for name, definition in self._document[table].items():
            with self._part(table, name):
                enter(name, definition)
                if not is_name(name):
                    raise ShapeMismatch

    def _enter_definitions(self) -> None:
        definitions = self._definitions
        records = self._document.get("records")
        if isinstance(records, dict):
            definitions.own_records = frozenset(cast("JsonObject", records))
        definitions.fields.update(dict.fromkeys(definitions.own_records - _RESERVED))
        self._enter("enums", self._enter_enum, _is_qualified)
        self._enter("records", self._enter_record, _is_qualified)
        self._enter("contracts", self._enter_contract, _is_qualified)
        self._enter("constants", self._enter_constant, _is_qualified)
        self._enter("functions", self._enter_function, _is_qualified)
        self._enter("ops", self._enter_op, _is_segment)

    def _enter_enum(self, name: str, enum: JsonObject) -> None:
        definitions = self._definitions
        definitions.enums[name] = None
        Enum.model_validate(enum)
        if name in _RESERVED:
            self._problems.add(E_RECORD_NAME_RESERVED, self._document["enums"], name, name=name)
        elif name in definitions.own_records:
            self._problems.add(E_TYPE_DEFINED_TWICE, self._document["enums"], name, name=name)
        self._check_repeats(enum, "members")
        _, is_right = PLAIN_LITERALS["int"]
        for index, each in enumerate(enum["members"]):
            if enum["type"] == "str":
                if not is_canonical_text(each["value"]):
                    code, found = E_STRING_NOT_NORMALIZED, each["value"]
                    self._problems.add(code, enum, "members", index, "value", found=found)
            elif not is_right(each["value"]):
                found = each["value"]
                self._problems.add(E_BAD_LITERAL, enum, "members", index, "value", found=found, type="int")
                return
        members = ((each["name"], each["value"]) for each in enum["members"])
        definitions.enums[name] = build_enum_table(enum["type"], members)

    def _enter_record(self, name: str, record: JsonObject) -> None:
        Record.model_validate(record)
        if name in _RESERVED:
            self._problems.add(E_RECORD_NAME_RESERVED, self._document["records"], name, name=name)
            return
        fields = {field["name"]: self._definitions.resolve(field) for field in record["fields"]}
        self._check_repeats(record, "fields")
        self._definitions.fields[name] = fields

    def _enter_contract(self, name: str, contract: JsonObject) -> None:
        functions: dict[str, ContractSignature | None] = {}
        self._definitions.contracts[name] = None
        Contract.model_validate(contract)
        for function, entry in contract["functions"].items():
            kinds = [self._definitions.resolve(each) for each in (*entry["inputs"], *entry["outputs"])]
            for each, kind in zip((*entry["inputs"], *entry["outputs"]), kinds, strict=True):
                if not fits_abi(each["abi"], kind):
                    self._problems.add(E_ABI_TYPE_CONFLICT, each, "abi", abi=each["abi"], type=kind.text)
            self._check_repeats(entry, "inputs")
            count = len(entry["inputs"])
            functions[function] = ContractSignature(
                tuple_of(*kinds[:count]), kinds[count] if entry["outputs"] else NONE
            )
            signature = f"{function}({','.join(each['abi'] for each in entry['inputs'])})"
            expected = function_selector(signature)
            if entry["selector"] != expected:
                self._problems.add(
                    E_SELECTOR_MISMATCH,
                    entry,
                    "selector",
                    signature=signature,
                    expected=expected,
                    found=entry["selector"],
                )
        self._definitions.contracts[name] = functions

    def _enter_constant(self, name: str, constant: JsonObject) -> None:
        self._definitions.constants[name] = UNKNOWN
        self._definitions.constants[name] = self._definitions.resolve(constant)

    def _enter_function(self, name: str, function: JsonObject) -> None:
        self._definitions.functions[name] = None
        parameters = tuple(self._definitions.resolve(each) for each in function["parameters"])
        result = self._definitions.resolve(function, "result")
        self._definitions.functions[name] = Signature(parameters, result)

    def _enter_op(self, name: str, op: JsonObject) -> None:
        self._definitions.ops[name] = None
        parameters = tuple(self._definitions.resolve(each) for each in op["parameters"])
        self._definitions.ops[name] = Signature(parameters, self._definitions.resolve(op, "result"))

    def _check_repeats(self, container: JsonObject, key: str) -> None:
        seen: set[str] = set()
        for index, each in enumerate(container[key]):
            if each["name"] in seen:
                self._problems.add(E_DUPLICATE_MEMBER, container, key, index, "name", name=each["name"])
            seen.add(each["name"])

    def _check_networks(self) -> None:
        self._problems.part = ("networks",)
        for name, chain_id in self._document["networks"].items():
            expected = WELL_KNOWN_NETWORKS.get(name)
            if expected is not None and chain_id != expected:
                self._problems.add(
                    E_CHAIN_ID,
                    self._document["networks"],
                    name,
                    network=name,
                    expected=expected,
                    found=chain_id,
                )

    def _check_constant(self, constant: JsonObject) -> None:
        if len(constant) != 2:
            raise ShapeMismatch
        self._bodies.scope.clear()
        wanted = self._definitions.types.get(constant["type"])
        if self._is_literal(constant["value"], _LITERAL_KINDS) and wanted is not None:
            self._bodies.expect(wanted, constant, "value")

    def _is_literal(self, value: JsonObject, kinds: frozenset[str]) -> bool:
        """Whether an expression computes nothing; if it does, that is noted."""
        kind = value["kind"]
        # A value where None is possible too: the operator states its type, and computes nothing.
        is_some = kind == "apply" and value["op"] == "optional.some"
        if kind not in kinds and not is_some:
            self._problems.add(E_CONSTANT_NOT_LITERAL, value, "kind", kind=str(kind))
            return False
        parts: list[JsonObject] = []
        if kind in ("list", "set", "tuple"):
            parts = value["items"]
        elif kind == "dict":
            parts = [part for entry in value["entries"] for part in (entry["key"], entry["value"])]
        elif kind == "record":
            parts = [field["value"] for field in value["fields"]]
        elif kind == "widen":
            parts = [value["value"]]
        elif is_some:
            parts = value["args"]
        are_literals = [self._is_literal(part, kinds) for part in parts]
        return all(are_literals)

    def _check_owner(self, table: str, name: str) -> None:
        if (table, name) in self.misshapen:
            return
        with self._part(table, name):
            owner = self._document[table][name]
            parameters: JsonArray = owner["parameters"]
            if type(parameters) is not list or len(owner) != (3 if table == "functions" else 7):
                raise ShapeMismatch
            if table == "ops":
                self._check_op_head(owner)
            elif any(len(each) != 2 for each in parameters):
                raise ShapeMismatch
            facts = self._owners[(table, name)] = self._bodies.check_owner(name, owner)
            if table == "ops":
                self._check_compensation(name, owner, facts)

    def _check_compensation(self, name: str, op: JsonObject, facts: OwnerFacts) -> None:
        """The op that undoes this one takes what this one takes."""
        compensation: JsonArray = op["compensation"]
        if type(compensation) is not list or len(compensation) > 1:
            raise ShapeMismatch
        for undoing in compensation:
            if type(undoing) is not str or not _is_segment(undoing):
                raise ShapeMismatch
            facts.invokes.setdefault(undoing, op)
            found, wanted = self._definitions.ops.get(undoing), self._definitions.ops[name]
            if undoing not in self._definitions.ops:
                self._problems.add(E_UNKNOWN_OP, op, "compensation", 0, name=undoing)
            elif found is not None and wanted is not None and not _agree(found.parameters, wanted.parameters):
                self._problems.add(
                    E_COMPENSATION_PARAMETERS,
                    op,
                    "compensation",
                    0,
                    op=undoing,
                    found=_show_types(found.parameters),
                    undone=name,
                    expected=_show_types(wanted.parameters),
                )

    def _check_op_head(self, op: JsonObject) -> None:
        Policy.model_validate(op["policy"])
        tags: JsonArray = op["tags"]
        if type(tags) is not list or not all(_is_segment(tag) for tag in tags):
            raise ShapeMismatch
        seen: set[str] = set()
        for index, tag in enumerate(tags):
            if tag in seen:
                self._problems.add(E_DUPLICATE_MEMBER, op, "tags", index, name=tag)
            seen.add(tag)
        self._bodies.scope.clear()
        for parameter in op["parameters"]:
            default: JsonArray = parameter["default"]
            if len(parameter) != 3 or type(default) is not list or len(default) > 1:
                raise ShapeMismatch
            for value in default:
                wanted = self._definitions.types.get(parameter["type"])
                if self._is_literal(value, _LITERAL_KINDS | {"const"}) and wanted is not None:
                    actual = self._bodies.infer(value)
                    if actual is not wanted:
                        self._bodies.refuse_type(wanted, actual, parameter, "default", 0)
        networks = None if ("networks",) in self.misshapen else self._document["networks"]
        check_triggers(op, networks, self._definitions, self._problems)

    def _check_whole(self) -> None:
        document, problems = self._document, self._problems
        is_acyclic = check_record_cycles(document, self._definitions, problems)
        order = check_calls(document, self._owners, problems)
        check_usage(document, self._definitions, self._owners, problems)
        if order is None or not is_acyclic:
            return
        if any(facts.changed for facts in self._owners.values()):
            check_changes(document, self._definitions, self._owners, order, problems)
        check_grants(document, problems)


def _agree(found: tuple[Type, ...], wanted: tuple[Type, ...]) -> bool:
    """Whether the types are the same; one that has a problem already agrees with any."""
    return len(found) == len(wanted) and all(
        one is other or not is_known(one, other) for one, other in zip(found, wanted, strict=True)
    )


def _show_types(types: tuple[Type, ...]) -> str:
    return f"({','.join(each.text for each in types)})"


def check_meaning(document: JsonObject, problems: Problems) -> frozenset[Part]:
    """Note every problem of meaning, and return the definitions whose shape the models refuse.

    When there are such definitions, the rules on the whole document are not checked.
    """
    meaning = _Meaning(document, problems)
    meaning.check()
    return frozenset(meaning.misshapen)
