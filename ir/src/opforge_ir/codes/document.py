"""Codes for an IR document: E0200 to E0229 its head and shape, E0250 a stored value, E03xx its meaning."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

# --- the head -----------------------------------------------------------------------------------

E_NOT_A_WORKLOAD: Final = Code(
    "E0200",
    "E_NOT_A_WORKLOAD",
    "document",
    "this is {found}, not a workload document",
    'give a document whose member "artifact" is "workload", such as `forge emit` writes',
)
E_IR_VERSION_MALFORMED: Final = Code(
    "E0201",
    "E_IR_VERSION_MALFORMED",
    "document",
    "ir_version is {found}, not two numbers joined by a dot",
    'write the version as MAJOR.MINOR, here "{supported}"',
)
E_IR_VERSION_MAJOR: Final = Code(
    "E0202",
    "E_IR_VERSION_MAJOR",
    "document",
    "the document is of IR version {found}; this program reads version {supported}",
    "emit the document anew with this version of Opforge, or use the version that wrote it",
)
E_IR_VERSION_NEWER: Final = Code(
    "E0203",
    "E_IR_VERSION_NEWER",
    "document",
    "the document is of IR version {found}, which is newer than {supported}",
    "upgrade Opforge to a version that reads {found}",
)

# --- the shape ----------------------------------------------------------------------------------

E_MISSING_FIELD: Final = Code(
    "E0210",
    "E_MISSING_FIELD",
    "document",
    "the member {field} is missing",
    "add {field}; a document states every member, none has a default",
)
E_UNKNOWN_FIELD: Final = Code(
    "E0211",
    "E_UNKNOWN_FIELD",
    "document",
    "there is no member {field} here",
    "remove {field}; allowed are {allowed}",
)
E_WRONG_TYPE: Final = Code(
    "E0212",
    "E_WRONG_TYPE",
    "document",
    "this is {found}, where {expected} belongs",
    "write {expected}",
)
E_UNKNOWN_KIND: Final = Code(
    "E0213",
    "E_UNKNOWN_KIND",
    "document",
    "there is no kind {found} here",
    "use one of {allowed}",
)
E_NOT_ALLOWED: Final = Code(
    "E0214",
    "E_NOT_ALLOWED",
    "document",
    "{found} is not allowed here",
    "use one of {allowed}",
)
E_MALFORMED_TEXT: Final = Code(
    "E0215",
    "E_MALFORMED_TEXT",
    "document",
    "{found} is not spelled as it must be",
    "write a text that matches {pattern}",
)
E_MALFORMED_KEY: Final = Code(
    "E0216",
    "E_MALFORMED_KEY",
    "document",
    "the key {found} is not spelled as it must be",
    "use a key that matches {pattern}",
)
E_OUT_OF_RANGE: Final = Code(
    "E0217",
    "E_OUT_OF_RANGE",
    "document",
    "{found} is outside the range from {minimum} to {maximum}",
    "use an integer from {minimum} to {maximum}",
)
E_ITEM_COUNT: Final = Code(
    "E0218",
    "E_ITEM_COUNT",
    "document",
    "this list has {found} items, where {allowed} are allowed",
    "give {allowed} items",
)
E_TEXT_TOO_LONG: Final = Code(
    "E0219",
    "E_TEXT_TOO_LONG",
    "document",
    "this text has {length} characters; the limit is {limit}",
    "shorten it to {limit} characters",
)
E_TOO_MANY_NODES: Final = Code(
    "E0228",
    "E_TOO_MANY_NODES",
    "document",
    "the program has more than {limit} nodes",
    "split the workload into several",
)
E_TOO_MANY_PROBLEMS: Final = Code(
    "E0229",
    "E_TOO_MANY_PROBLEMS",
    "document",
    "only the first {limit} problems of this document are listed",
    "correct those and validate again",
)

# --- stored values ------------------------------------------------------------------------------

E_VALUE_MISMATCH: Final = Code(
    "E0250",
    "E_VALUE_MISMATCH",
    "document",
    "this is not a value of the type {type}",
    "give a value of the type {type}; integers and decimals are strings of digits",
)

# --- names --------------------------------------------------------------------------------------

E_DUPLICATE_ID: Final = Code(
    "E0300",
    "E_DUPLICATE_ID",
    "document",
    "the id {id} is already in use where this node stands",
    "give this node another id, such as {id}-2",
)
E_UNKNOWN_REF: Final = Code(
    "E0301",
    "E_UNKNOWN_REF",
    "document",
    "nothing visible here defines {name}",
    "refer to a parameter, or to a node before this one in the same or an enclosing region",
)
E_REF_WITHOUT_VALUE: Final = Code(
    "E0302",
    "E_REF_WITHOUT_VALUE",
    "document",
    "{name} is the id of a node that defines no value",
    "refer to a result of that node, or to another value",
)
E_UNKNOWN_CONSTANT: Final = Code(
    "E0303",
    "E_UNKNOWN_CONSTANT",
    "document",
    "the document has no constant {name}",
    "define {name} under constants, or use another one",
)
E_UNKNOWN_FUNCTION: Final = Code(
    "E0304",
    "E_UNKNOWN_FUNCTION",
    "document",
    "the document has no function {name}",
    "define {name} under functions, or call another one",
)
E_UNKNOWN_RECORD: Final = Code(
    "E0305",
    "E_UNKNOWN_RECORD",
    "document",
    "the document has no record {name}",
    "define {name} under records; records of a capability cannot be made, only received",
)
E_UNKNOWN_CONTRACT: Final = Code(
    "E0306",
    "E_UNKNOWN_CONTRACT",
    "document",
    "the document has no contract {contract}",
    "define {contract} under contracts",
)
E_UNKNOWN_CONTRACT_FUNCTION: Final = Code(
    "E0307",
    "E_UNKNOWN_CONTRACT_FUNCTION",
    "document",
    "the contract {contract} has no function {function}",
    "define {function} under the functions of {contract}",
)
E_UNKNOWN_NETWORK: Final = Code(
    "E0308",
    "E_UNKNOWN_NETWORK",
    "document",
    "the network {network} is not declared",
    "declare {network} with its chain id under networks",
)
E_RECORD_NAME_RESERVED: Final = Code(
    "E0309",
    "E_RECORD_NAME_RESERVED",
    "document",
    "the name {name} belongs to the language or to a capability",
    "give the record or enum another name",
)
E_OWNER_NAME: Final = Code(
    "E0310",
    "E_OWNER_NAME",
    "document",
    "the function {function} and the op {op} could have states of the same id",
    "rename one of the two",
)
E_UNUSED_DEFINITION: Final = Code(
    "E0311",
    "E_UNUSED_DEFINITION",
    "document",
    "nothing uses the {kind} {name}",
    "remove the {kind}; a document holds only what its ops need",
)
E_DUPLICATE_MEMBER: Final = Code(
    "E0312", "E_DUPLICATE_MEMBER", "document", "{name} occurs twice in this list", "keep one of the two"
)
E_CHAIN_ID: Final = Code(
    "E0313",
    "E_CHAIN_ID",
    "document",
    "the network {network} has the chain id {expected}, not {found}",
    "write {expected}, or call the other chain by another name",
)

# --- types --------------------------------------------------------------------------------------

E_TYPE_SYNTAX: Final = Code(
    "E0320",
    "E_TYPE_SYNTAX",
    "document",
    "{type} is not a type",
    "write a scalar, a name, list[T], set[T], dict[K,V], tuple[T,...], Optional[T] or Union[A,B]; no spaces",
)
E_TYPE_NOT_DEFINED: Final = Code(
    "E0321",
    "E_TYPE_NOT_DEFINED",
    "document",
    "the type {type} names {name}, which no record or enum has",
    "define {name}, or use another type",
)
E_DICT_KEY_TYPE: Final = Code(
    "E0322",
    "E_DICT_KEY_TYPE",
    "document",
    "in the type {type}, {key} cannot be the key of a dict or an item of a set",
    "use int, str, bytes, Address or an enum",
)
E_TYPE_CONFLICT: Final = Code(
    "E0323",
    "E_TYPE_CONFLICT",
    "document",
    "this has the type {actual}, where {expected} is needed",
    "give a value of the type {expected}, or correct the type that is stated",
)
E_OPERATOR_ARGUMENTS: Final = Code(
    "E0324",
    "E_OPERATOR_ARGUMENTS",
    "document",
    "the operator {operator} takes ({expected}), not ({actual})",
    "convert the arguments, or use the operator for their types",
)
E_ARGUMENT_COUNT: Final = Code(
    "E0325",
    "E_ARGUMENT_COUNT",
    "document",
    "{callee} takes {expected} arguments, not {actual}",
    "give {expected} arguments",
)
E_UNKNOWN_MEMBER: Final = Code(
    "E0326",
    "E_UNKNOWN_MEMBER",
    "document",
    "the type {type} has no member {name}",
    "name a field of the record, of all records of the Union, or the index of an item of the tuple",
)
E_RECORD_FIELD_MISSING: Final = Code(
    "E0327",
    "E_RECORD_FIELD_MISSING",
    "document",
    "the field {field} of the record {record} gets no value",
    "give every field of {record} a value",
)
E_TARGET_COUNT: Final = Code(
    "E0328",
    "E_TARGET_COUNT",
    "document",
    "{targets} targets take the items of a tuple with as many items, not of {type}",
    "use one target, or one for each item of the tuple",
)
E_TYPE_TOO_LONG: Final = Code(
    "E0329",
    "E_TYPE_TOO_LONG",
    "document",
    "the type of this value has {length} characters; the limit is {limit}",
    "put the parts into a record, or into several values",
)
E_BAD_LITERAL: Final = Code(
    "E0330",
    "E_BAD_LITERAL",
    "document",
    "{found} is not how a value of the type {type} is written",
    "write the one canonical spelling: digits without leading zeros, lower-case 0x hex, true, false or None",
)
E_STRING_NOT_NORMALIZED: Final = Code(
    "E0331",
    "E_STRING_NOT_NORMALIZED",
    "document",
    "the string {found} is not in Unicode normalization form C, so it may look like another one",
    "write the string in form C (NFC)",
)
E_LITERAL_TYPE: Final = Code(
    "E0332",
    "E_LITERAL_TYPE",
    "document",
    "the type {type} has no literals",
    "build the value from its parts; a literal is a scalar, a member of an enum, or None of an Optional",
)
E_CONSTANT_NOT_LITERAL: Final = Code(
    "E0333",
    "E_CONSTANT_NOT_LITERAL",
    "document",
    "an expression of the kind {kind} stands in a constant value",
    "state the value with literals, lists, sets, tuples, dicts and records only",
)
E_RECURSIVE_FUNCTION: Final = Code(
    "E0334",
    "E_RECURSIVE_FUNCTION",
    "document",
    "the function {function} calls itself: {path}",
    "write the repetition as a for node",
)
E_RECURSIVE_RECORD: Final = Code(
    "E0335",
    "E_RECURSIVE_RECORD",
    "document",
    "the record {record} contains itself: {path}",
    "keep the parts in a list or dict of their own",
)
E_CALL_NEEDS_NODE: Final = Code(
    "E0336",
    "E_CALL_NEEDS_NODE",
    "document",
    "the function {function} {reason}, so an expression cannot call it",
    "call {function} by a call node",
)


# --- effects ------------------------------------------------------------------------------------

E_EFFECT_ARGUMENT_MISSING: Final = Code(
    "E0340",
    "E_EFFECT_ARGUMENT_MISSING",
    "document",
    "{verb} needs {argument}, which is missing",
    "state {argument}; an effect states every argument of its verb",
)
E_EFFECT_ARGUMENT_UNKNOWN: Final = Code(
    "E0341",
    "E_EFFECT_ARGUMENT_UNKNOWN",
    "document",
    "{verb} takes no {argument} here",
    "remove {argument}",
)
E_STATIC_VALUE: Final = Code(
    "E0342",
    "E_STATIC_VALUE",
    "document",
    "{found} cannot be the {argument} of {verb}",
    "use one of {allowed}",
)
E_SELECTOR_MISMATCH: Final = Code(
    "E0343",
    "E_SELECTOR_MISMATCH",
    "document",
    "the selector of {signature} is {expected}, not {found}",
    "write {expected}, or correct the parameters",
)
E_ABI_TYPE_CONFLICT: Final = Code(
    "E0344",
    "E_ABI_TYPE_CONFLICT",
    "document",
    "the ABI type {abi} is not passed as {type}",
    "pass int, bool, str, bytes or Address as the contract ABI has them, and arrays as lists",
)

# --- the flow of a body -------------------------------------------------------------------------

E_BODY_WITHOUT_RETURN: Final = Code(
    "E0350",
    "E_BODY_WITHOUT_RETURN",
    "document",
    "the body of {owner} can end without a return",
    "end every path with return or fail; a None is returned too",
)
E_AFTER_TERMINATOR: Final = Code(
    "E0351",
    "E_AFTER_TERMINATOR",
    "document",
    "this node is never reached: every path before it has ended",
    "remove the nodes that follow, or the one that ends the region",
)
E_YIELD_OUTSIDE_MAP: Final = Code(
    "E0352",
    "E_YIELD_OUTSIDE_MAP",
    "document",
    "a yield stands outside the body of a map",
    "yield only in a map, or in an if within one",
)
E_RETURN_INSIDE_MAP: Final = Code(
    "E0353",
    "E_RETURN_INSIDE_MAP",
    "document",
    "a return stands in the body of a map, whose iterations may go side by side",
    "return after the map, or use a for",
)
E_IF_RESULT_MISSING: Final = Code(
    "E0354",
    "E_IF_RESULT_MISSING",
    "document",
    "the side {side} falls through, but gives {result} no value",
    "give the value that {result} has after that side",
)
E_IF_RESULT_UNREACHABLE: Final = Code(
    "E0355",
    "E_IF_RESULT_UNREACHABLE",
    "document",
    "the side {side} never falls through, but gives {result} a value",
    "remove the value",
)
E_CHANGE_IN_MAP: Final = Code(
    "E0356",
    "E_CHANGE_IN_MAP",
    "document",
    "the body of a map changes a list or dict that this iteration did not create",
    "change only what the iteration created, or use a for",
)
E_CHANGE_OF_CONSTANT: Final = Code(
    "E0357",
    "E_CHANGE_OF_CONSTANT",
    "document",
    "this changes what may be a constant of the document",
    "change a new list or dict made from it",
)

# --- grants -------------------------------------------------------------------------------------

E_GRANT_MISSING: Final = Code(
    "E0370",
    "E_GRANT_MISSING",
    "document",
    "the program may use {grant}, which is not granted",
    "emit the document anew, or add the grant",
)
E_GRANT_UNUSED: Final = Code(
    "E0371",
    "E_GRANT_UNUSED",
    "document",
    "{grant} is granted, but the program never uses it",
    "emit the document anew, or remove the grant",
)
E_GRANTS_NOT_SORTED: Final = Code(
    "E0372",
    "E_GRANTS_NOT_SORTED",
    "document",
    "this list of grants is not sorted, or repeats an entry",
    "sort the list and keep each entry once",
)
E_NETWORK_NOT_KNOWN: Final = Code(
    "E0373",
    "E_NETWORK_NOT_KNOWN",
    "document",
    "which network {verb} reads cannot be known before the program runs",
    "name the network by a constant, or take it from a block that was read",
)
E_HOST_NOT_KNOWN: Final = Code(
    "E0374",
    "E_HOST_NOT_KNOWN",
    "document",
    "which host {verb} talks to cannot be known before the program runs",
    "let the URL begin with a constant scheme and host, and a / after the host, or declare the hosts",
)
E_URL_NOT_ALLOWED: Final = Code(
    "E0375",
    "E_URL_NOT_ALLOWED",
    "document",
    "{verb} cannot request {url}: {problem}",
    "use an absolute https URL with a plain host name (http only for this machine)",
)
