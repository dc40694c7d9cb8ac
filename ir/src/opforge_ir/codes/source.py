"""Codes for the author's source (E10xx to E13xx): what the front end refuses, at a place in Python."""

from __future__ import annotations

from typing import Final

from opforge_ir.diagnostics import Code

# --- the text of a file ---------------------------------------------------------------------------

E_SOURCE_NOT_FOUND: Final = Code(
    "E1001",
    "E_SOURCE_NOT_FOUND",
    "source",
    "there is no file {path}",
    "check the path; the entry file is named relative to the project",
)
E_SOURCE_ENCODING: Final = Code(
    "E1002",
    "E_SOURCE_ENCODING",
    "source",
    "{path} cannot be read as UTF-8 text: {reason}",
    "save the file as UTF-8",
)
E_SOURCE_TOO_LARGE: Final = Code(
    "E1003",
    "E_SOURCE_TOO_LARGE",
    "source",
    "{path} has {size} bytes; the limit is {limit}",
    "move parts of the program to other files",
)
E_SOURCE_TOO_DEEP: Final = Code(
    "E1004",
    "E_SOURCE_TOO_DEEP",
    "source",
    "this is nested more than {limit} levels deep",
    "name parts of it, or move them to functions",
)
E_SYNTAX: Final = Code("E1005", "E_SYNTAX", "source", "this is not Python: {reason}", "correct the syntax")
E_BIDI_CONTROL: Final = Code(
    "E1006",
    "E_BIDI_CONTROL",
    "source",
    "the invisible character {character} changes the order in which text is shown",
    "delete the character, or write it as an escape",
)
E_IDENTIFIER: Final = Code(
    "E1007",
    "E_IDENTIFIER",
    "source",
    "{name} cannot be a name here: names are ASCII and at most {limit} characters long",
    "use another name",
)

# --- the files of a project -----------------------------------------------------------------------

E_IMPORT_OUTSIDE: Final = Code(
    "E1010",
    "E_IMPORT_OUTSIDE",
    "source",
    "{module} is neither a file of this project nor a library of the language",
    "{instead}",
)
E_IMPORT_NAME: Final = Code(
    "E1011", "E_IMPORT_NAME", "source", "{module} has no {name}{hint}", "import a name that {module} defines"
)
E_IMPORT_CYCLE: Final = Code(
    "E1012",
    "E_IMPORT_CYCLE",
    "source",
    "these files import each other: {cycle}",
    "move what they share to a file of its own",
)
E_IMPORT_FORM: Final = Code(
    "E1013",
    "E_IMPORT_FORM",
    "source",
    "this form of import is not supported: {reason}",
    "write `from module import name` at the top of the file",
)
E_MODULE_SHADOWED: Final = Code(
    "E1014",
    "E_MODULE_SHADOWED",
    "source",
    "the file {path} hides the library {module} that this import means",
    "rename the file",
)

# --- definitions ----------------------------------------------------------------------------------

E_NO_WORKLOAD: Final = Code(
    "E1020",
    "E_NO_WORKLOAD",
    "source",
    "the program does not say what it is called",
    'write `workload("name", version="1.0.0")` at the top of the entry file',
)
E_WORKLOAD_PLACE: Final = Code(
    "E1021", "E_WORKLOAD_PLACE", "source", "workload(...) stands once, in the entry file", "delete this one"
)
E_WORKLOAD_ARGUMENT: Final = Code(
    "E1022",
    "E_WORKLOAD_ARGUMENT",
    "source",
    "{argument} of workload(...) is not right: {reason}",
    'write it as a constant, such as `workload("name", version="1.0.0")`',
)
E_NO_OP: Final = Code(
    "E1023",
    "E_NO_OP",
    "source",
    "the program has nothing to run",
    "put `@op` before the function that is to be run",
)
E_DUPLICATE_DEFINITION: Final = Code(
    "E1024",
    "E_DUPLICATE_DEFINITION",
    "source",
    "{name} is defined twice in this file, first on line {line}",
    "give one of the two another name",
)
E_MODULE_STATEMENT: Final = Code(
    "E1025",
    "E_MODULE_STATEMENT",
    "source",
    "{construct} cannot stand at the top of a file",
    "a file holds imports, constants, records, contracts and functions; put this into a function",
)
E_DECORATOR: Final = Code(
    "E1026",
    "E_DECORATOR",
    "source",
    "this decorator is not known here",
    "use `@op` and `@on...`, `@record`, or `@chain.view` in a contract",
)
E_OP_ARGUMENT: Final = Code(
    "E1027",
    "E_OP_ARGUMENT",
    "source",
    "{argument} of @op is not right: {reason}",
    'write it as a constant, such as `@op(retry=3, timeout="2m")`',
)
E_RECORD_FORM: Final = Code(
    "E1028",
    "E_RECORD_FORM",
    "source",
    "a record cannot have this: {reason}",
    "a record holds fields with types, such as `label: str`",
)
E_CONTRACT_FORM: Final = Code(
    "E1029",
    "E_CONTRACT_FORM",
    "source",
    "a contract class cannot have this: {reason}",
    "a contract class holds view functions: `@chain.view` and `def name(self, owner: Address) -> int: ...`",
)
E_PARAMETER_FORM: Final = Code(
    "E1030", "E_PARAMETER_FORM", "source", "{form} parameters are not supported", "name each parameter"
)
E_ANNOTATION_MISSING: Final = Code(
    "E1031",
    "E_ANNOTATION_MISSING",
    "source",
    "{what} needs a type",
    "write the type, such as `amount: int` or `-> None`",
)
E_MUTABLE_DEFAULT: Final = Code(
    "E1032",
    "E_MUTABLE_DEFAULT",
    "source",
    "the default of {name} is shared by all calls and may be changed",
    "take an Optional and make the value in the body, or use a tuple",
)
E_RESERVED_NAME: Final = Code(
    "E1033",
    "E_RESERVED_NAME",
    "source",
    "{name} is a word of the language and cannot be defined again",
    "use another name",
)
E_USED_BEFORE_DEFINITION: Final = Code(
    "E1034",
    "E_USED_BEFORE_DEFINITION",
    "source",
    "{name} is used before line {line} defines it",
    "move the definition up; for types, `from __future__ import annotations` helps as well",
)
E_ABI_TYPE: Final = Code(
    "E1035",
    "E_ABI_TYPE",
    "source",
    "{type} has no place in a contract's interface",
    "use int, bool, str, bytes, Address, a list of them, or a name of opforge.abi",
)

# --- constants ------------------------------------------------------------------------------------

E_CONSTANT_EXPRESSION: Final = Code(
    "E1040",
    "E_CONSTANT_EXPRESSION",
    "source",
    "this is not computed when the program is compiled: {reason}",
    "build constants from literals and other constants, or compute it in a function",
)
E_CONSTANT_FAILS: Final = Code(
    "E1041", "E_CONSTANT_FAILS", "source", "computing this constant raises {error}", "correct the constant"
)
E_CONSTANT_TOO_LARGE: Final = Code(
    "E1042",
    "E_CONSTANT_TOO_LARGE",
    "source",
    "this constant is larger than {limit}",
    "use a smaller one, or read it from an input",
)
E_ADDRESS: Final = Code(
    "E1043", "E_ADDRESS", "source", "{text} is not an address", "write 0x and 40 hexadecimal digits in quotes"
)
E_ADDRESS_CHECKSUM: Final = Code(
    "E1044",
    "E_ADDRESS_CHECKSUM",
    "source",
    "the letter case of {text} does not fit its EIP-55 checksum",
    "copy the address again; if it is right, its spelling is {expected}",
)
E_UNIT: Final = Code(
    "E1045",
    "E_UNIT",
    "source",
    "{text} is not a whole number of the smallest unit of {unit}",
    'write the amount as a number in quotes, such as `{unit}("0.5")`',
)

# --- what the language does not have --------------------------------------------------------------

E_UNSUPPORTED_SYNTAX: Final = Code(
    "E1100", "E_UNSUPPORTED_SYNTAX", "source", "{construct} is not supported", "{instead}"
)
E_FLOAT_REFUSED: Final = Code(
    "E1101", "E_FLOAT_REFUSED", "source", "{text} is a float, which is not exact", "{instead}"
)
E_TRUE_DIVISION: Final = Code(
    "E1102",
    "E_TRUE_DIVISION",
    "source",
    "dividing two integers with / gives a float, which is not exact",
    "use `//` for whole numbers, or `Decimal(a) / Decimal(b)`",
)
E_WHILE: Final = Code(
    "E1103",
    "E_WHILE",
    "source",
    "this loop has no bound that a reader can see",
    "compare a counter with a limit in the condition, or write `@op(max_iterations=1000)`",
)
E_TRY: Final = Code(
    "E1104",
    "E_TRY",
    "source",
    "{form} catches more than it names",
    "name the errors: `except Reverted`, `except (Fail, ZeroDivisionError)`",
)
E_GLOBAL: Final = Code(
    "E1105",
    "E_GLOBAL",
    "source",
    "a function cannot change the variables outside of it",
    "take the value as a parameter and return the new one",
)
E_LAMBDA: Final = Code(
    "E1106",
    "E_LAMBDA",
    "source",
    "a lambda cannot stand here",
    "write it where a builtin applies it, such as `key=`, `map` or `filter`, or define a function",
)
E_NESTED_DEFINITION: Final = Code(
    "E1107",
    "E_NESTED_DEFINITION",
    "source",
    "{kind} cannot be defined inside a function",
    "define it at the top of the file",
)
E_PRINT: Final = Code(
    "E1108",
    "E_PRINT",
    "source",
    "print writes to nobody: a program runs on a server",
    "use `log.info(...)`, which is kept with the run",
)
E_RECURSION: Final = Code(
    "E1109",
    "E_RECURSION",
    "source",
    "these functions call each other without end in sight: {cycle}",
    "use a loop",
)
E_ASYNC: Final = Code(
    "E1110",
    "E_ASYNC",
    "source",
    "async code is not supported",
    "write it plainly: a comprehension makes its requests side by side",
)
E_LOOP_JUMP: Final = Code(
    "E1111",
    "E_LOOP_JUMP",
    "source",
    "{word} leaves a try whose finally assigns variables",
    "assign them after the try, or set a variable and leave the loop there",
)
E_BUILTIN: Final = Code(
    "E1112", "E_BUILTIN", "source", "the builtin {name} is not supported{hint}", "{instead}"
)

# --- names and types ------------------------------------------------------------------------------

E_UNKNOWN_NAME: Final = Code(
    "E1200",
    "E_UNKNOWN_NAME",
    "source",
    "nothing is called {name}{hint}",
    "define it, import it, or correct the spelling",
)
E_UNKNOWN_ATTRIBUTE: Final = Code(
    "E1201", "E_UNKNOWN_ATTRIBUTE", "source", "{type} has no {name}{hint}", "{instead}"
)
E_MAYBE_UNSET: Final = Code(
    "E1202", "E_MAYBE_UNSET", "source", "{name} may have no value here: {reason}", "give it a value before"
)
E_TYPE_MISMATCH: Final = Code(
    "E1203",
    "E_TYPE_MISMATCH",
    "source",
    "this is {actual} where {expected} is expected",
    "give a value of the type {expected}{hint}",
)
E_OPERAND_TYPES: Final = Code(
    "E1204", "E_OPERAND_TYPES", "source", "{operation} does not work with {types}", "{instead}"
)
E_NOT_CALLABLE: Final = Code(
    "E1205",
    "E_NOT_CALLABLE",
    "source",
    "{what} cannot be called",
    "call a function, a record or a capability",
)
E_ARGUMENTS: Final = Code(
    "E1206", "E_ARGUMENTS", "source", "the call of {callee} does not fit: {reason}", "{signature}"
)
E_UNKNOWN_TYPE: Final = Code(
    "E1207",
    "E_UNKNOWN_TYPE",
    "source",
    "{text} is not a type of the language{hint}",
    "use int, bool, str, bytes, Decimal, Address, a record, an enum, list, set, dict, tuple or Optional",
)
E_TYPE_NEEDED: Final = Code(
    "E1208",
    "E_TYPE_NEEDED",
    "source",
    "the type of {what} cannot be told from its use",
    "annotate the variable, such as `{example}`",
)
E_MISSING_RETURN: Final = Code(
    "E1209",
    "E_MISSING_RETURN",
    "source",
    "{name} may end without returning {type}",
    "return a value on every path, or raise Fail(...)",
)
E_NOT_ITERABLE: Final = Code(
    "E1210",
    "E_NOT_ITERABLE",
    "source",
    "{type} cannot be iterated",
    "iterate over a list, a tuple, a str, a range, zip, enumerate, or a dict's items, keys or values",
)
E_ALWAYS_TRUE: Final = Code(
    "E1211",
    "E_ALWAYS_TRUE",
    "source",
    "{type} is always true, so this tests nothing",
    "compare with something",
)
E_MAYBE_NONE: Final = Code(
    "E1212", "E_MAYBE_NONE", "source", "this may be None", "test it before: `if x is None: ...`"
)
E_KEY_TYPE: Final = Code(
    "E1213",
    "E_KEY_TYPE",
    "source",
    "{type} cannot be the key of a dict or an item of a set",
    "use str, int, bytes, Address or an enum",
)
E_FORMAT: Final = Code("E1214", "E_FORMAT", "source", "this cannot be formatted: {reason}", "{instead}")
E_TYPE_CHANGES: Final = Code(
    "E1215",
    "E_TYPE_CHANGES",
    "source",
    "{name} changes its type from {before} to {after} between one path and another",
    "use two variables, or start with a value of the type {after}",
)
E_NOT_A_VALUE: Final = Code("E1216", "E_NOT_A_VALUE", "source", "{what} is not a value", "{instead}")


# --- effects and changes --------------------------------------------------------------------------

E_READ_WITHOUT_BLOCK: Final = Code(
    "E1300",
    "E_READ_WITHOUT_BLOCK",
    "source",
    "a read in a helper does not say at which block",
    "take a `Block` as parameter and pass `at=`",
)
E_NETWORK_MISSING: Final = Code(
    "E1301",
    "E_NETWORK_MISSING",
    "source",
    "nothing says which network is meant",
    "pass `at=` or `network=`, or name exactly one network in workload(...)",
)
E_NETWORK_UNKNOWN: Final = Code(
    "E1302",
    "E_NETWORK_UNKNOWN",
    "source",
    "{name} is not a known network{hint}",
    "declare it: `workload(networks=...)` with its chain id",
)
E_FIXED_ARGUMENT: Final = Code(
    "E1303",
    "E_FIXED_ARGUMENT",
    "source",
    "{argument} must be readable from the source: {reason}",
    "write it as a literal",
)
E_FAN_OUT_CHANGE: Final = Code(
    "E1304",
    "E_FAN_OUT_CHANGE",
    "source",
    "an iteration of a comprehension changes what it did not make",
    "use a `for` loop, which goes in order",
)
E_CONSTANT_CHANGED: Final = Code(
    "E1305",
    "E_CONSTANT_CHANGED",
    "source",
    "this would change a constant",
    "make a copy with `list(...)` or `dict(...)` and change that",
)
E_CHANGED_WHILE_ITERATED: Final = Code(
    "E1306",
    "E_CHANGED_WHILE_ITERATED",
    "source",
    "this changes what the loop on line {line} goes over",
    "loop over a copy: `list(...)`",
)
E_CALL_OF_OP: Final = Code(
    "E1307",
    "E_CALL_OF_OP",
    "source",
    "{name} is an op and cannot be called while the program is compiled",
    "call it in a function, or move the shared part to a helper without @op",
)

# --- statements -----------------------------------------------------------------------------------

E_RAISE: Final = Code(
    "E1120",
    "E_RAISE",
    "source",
    "{what} cannot be raised",
    'write `raise Fail("what went wrong")`, or `raise` alone in a handler',
)
E_CAUGHT_ERROR: Final = Code(
    "E1121",
    "E_CAUGHT_ERROR",
    "source",
    "{name} is no error that a program can catch{hint}",
    "catch Fail, an effect error such as Reverted, or an exception of Python's own operations",
)
E_PATTERN: Final = Code(
    "E1122",
    "E_PATTERN",
    "source",
    "{what} cannot stand in this pattern",
    "match literals, constants, enum members, records, tuples, lists and dict keys of the subject's type",
)
