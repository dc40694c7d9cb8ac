"""Codes E0101 to E0119 refuse JSON text, E0120 to E0129 a value that cannot be written, E0130 a digest.

In the codes of the reader `line` and `column` count from 1, columns in Unicode code points; `offset`
counts bytes from 0.
"""

from __future__ import annotations

from opforge_ir.diagnostics import Code

_PLACE = " at line {line}, column {column} (byte {offset})"

E_EMPTY_DOCUMENT = Code(
    "E0101",
    "E_EMPTY_DOCUMENT",
    "reader",
    "there is no JSON value: the input is empty or only white space",
    "give one JSON value",
)
E_DOCUMENT_TOO_LARGE = Code(
    "E0102",
    "E_DOCUMENT_TOO_LARGE",
    "reader",
    "the document has {size} bytes; the limit is {limit}",
    "split the document, or keep large values as artifacts of their own",
)
E_DUPLICATE_KEY = Code(
    "E0103",
    "E_DUPLICATE_KEY",
    "reader",
    'the key "{key}" occurs twice in one object' + _PLACE,
    "keep one of the two members",
)
E_BYTE_ORDER_MARK = Code(
    "E0104",
    "E_BYTE_ORDER_MARK",
    "reader",
    "the input starts with a byte order mark",
    "save the file as UTF-8 without a byte order mark",
)
E_WRONG_ENCODING = Code(
    "E0105",
    "E_WRONG_ENCODING",
    "reader",
    "the input looks like {encoding}, not UTF-8",
    "save the file as UTF-8",
)
E_INVALID_UTF8 = Code(
    "E0106",
    "E_INVALID_UTF8",
    "reader",
    "the byte {byte} is not valid UTF-8" + _PLACE,
    "save the file as UTF-8; a binary file is not JSON",
)
E_LONE_SURROGATE = Code(
    "E0107",
    "E_LONE_SURROGATE",
    "reader",
    "the escape {escape} is half of a surrogate pair" + _PLACE,
    "write the character itself, or both halves of the pair",
)
E_TOO_DEEP = Code(
    "E0108",
    "E_TOO_DEEP",
    "reader",
    "arrays and objects are nested deeper than {limit} levels" + _PLACE,
    "flatten the document",
)
E_NON_FINITE_NUMBER = Code(
    "E0109",
    "E_NON_FINITE_NUMBER",
    "reader",
    "{token} is not a JSON value" + _PLACE,
    "leave the member out, or state the case in a string",
)
E_FLOAT = Code(
    "E0110",
    "E_FLOAT",
    "reader",
    "the number {token} has a fraction or an exponent" + _PLACE,
    'write an integer without a fraction, or a decimal string such as "1.5"',
)
E_NEGATIVE_ZERO = Code(
    "E0111",
    "E_NEGATIVE_ZERO",
    "reader",
    "the number -0 has no canonical spelling" + _PLACE,
    "write 0",
)
E_INTEGER_RANGE = Code(
    "E0112",
    "E_INTEGER_RANGE",
    "reader",
    "the integer {token} is outside the range of exact JSON numbers, which ends at 9007199254740991" + _PLACE,
    "write it as a decimal string",
)
E_TRAILING_BYTES = Code(
    "E0113",
    "E_TRAILING_BYTES",
    "reader",
    'the document is over, but "{found}" follows' + _PLACE,
    "give exactly one JSON value; remove what follows it",
)
E_JSON_SYNTAX = Code(
    "E0114",
    "E_JSON_SYNTAX",
    "reader",
    'expected {expected}, found "{found}"' + _PLACE,
    "correct the JSON text there",
)
E_TRUNCATED = Code(
    "E0115",
    "E_TRUNCATED",
    "reader",
    "the input ends where {expected} is expected" + _PLACE,
    "check that the file was written completely",
)
E_CONTROL_CHARACTER = Code(
    "E0116",
    "E_CONTROL_CHARACTER",
    "reader",
    "the control character {character} stands unescaped in a string" + _PLACE,
    "write it as an escape such as \\n or \\u0000",
)
E_BAD_ESCAPE = Code(
    "E0117",
    "E_BAD_ESCAPE",
    "reader",
    '"{found}" is not an escape of JSON' + _PLACE,
    "use one of the escapes of JSON, or a doubled backslash for a backslash",
)

E_VALUE_TYPE = Code(
    "E0120",
    "E_VALUE_TYPE",
    "reader",
    "a value of the Python type {type} has no JSON form",
    "convert it to None, bool, int, str, list, tuple or dict first; subclasses of these are refused too",
)
E_VALUE_KEY = Code(
    "E0121",
    "E_VALUE_KEY",
    "reader",
    "an object has a key of the Python type {type}",
    "use plain str keys",
)
E_VALUE_FLOAT = Code(
    "E0122",
    "E_VALUE_FLOAT",
    "reader",
    "the float {value} has no canonical form",
    "use an int, or a decimal string",
)
E_VALUE_INTEGER = Code(
    "E0123",
    "E_VALUE_INTEGER",
    "reader",
    "an integer of {bits} bits is outside the range of exact JSON numbers, which ends at 9007199254740991",
    "write it as a decimal string",
)
E_VALUE_SURROGATE = Code(
    "E0124",
    "E_VALUE_SURROGATE",
    "reader",
    "a string holds the lone surrogate {surrogate}, which UTF-8 cannot express",
    "decode the text with the right encoding before it enters the document",
)
E_VALUE_TOO_DEEP = Code(
    "E0125",
    "E_VALUE_TOO_DEEP",
    "reader",
    "a value is nested deeper than {limit} levels, or holds itself",
    "flatten the value",
)

E_DIGEST = Code(
    "E0130",
    "E_DIGEST",
    "reader",
    '"{text}" is not a SHA-256 digest',
    "give 64 lower-case hexadecimal digits without a prefix",
)
