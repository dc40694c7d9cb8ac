"""What the checker accepts and refuses, beyond the smallest program of each code."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from opforge._frontend import Compilation, compile_program

HEAD = """\
from __future__ import annotations

from decimal import Decimal

from opforge import Address, Block, Contract, Fail, chain, http, log, op, random, record, time, workload
from opforge.abi import uint8
from opforge.units import ether, gwei

workload("demo", version="1.0.0", networks={"devnet": 31337})

LIMITS = [1, 2, 3]
NAMES: dict[str, int] = {"a": 1}
OWNER = Address("0x5FbDB2315678afecb367f032d93F642f64180aa3")


@record
class Wallet:
    label: str
    limit: int | None = None
    tags: tuple[str, int] = ("x", 1)


class Token(Contract):
    @chain.view
    def decimals(self) -> uint8: ...

    @chain.view
    def balanceOf(self, owner: Address) -> int: ...

    @chain.view
    def allowance(self, owner: Address, spender: Address) -> int: ...


def scaled(amount: int, factor: int = 2, *, extra: int = 0) -> int:
    return amount * factor + extra


@op
def run(
    n: int, m: int | None, text: str, price: Decimal, wallet: Wallet, items: list[int], d: dict[str, int]
) -> None:
"""


class Files:
    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files

    def read(self, path: str) -> bytes | None:
        text = self._files.get(path)
        return None if text is None else text.encode()


def compile_files(files: Mapping[str, str]) -> Compilation:
    return compile_program("app.py", Files(files))


def compile_body(body: str) -> list[str]:
    """The names of the codes that a body of `run` gives; none when it compiles."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").split("\n"))
    return [each.code.name for each in compile_files({"app.py": HEAD + lines}).diagnostics]


ACCEPTED = [
    "x = None\nif n > 0:\n    x = n\nif x is not None:\n    log.info(str(x + 1))",
    "if m is None:\n    return\nlog.info(str(m + 1))",
    "if m is None or m > 3:\n    return\nlog.info(str(m + 1))",
    "assert m is not None\nlog.info(str(m + 1))",
    "limit = m if m is not None else 0\nlog.info(str(limit + 1))",
    "if wallet.limit is not None and wallet.limit > n:\n    log.info(wallet.label)",
    "if m is None:\n    m = 5\nlog.info(str(m + 1))",
    "top = None\nfor i in items:\n    if top is None or i > top:\n        top = i\nassert top\nn = top",
    "total = Decimal(0)\nfor i in items:\n    total += i\nlog.info(f'{total:,.2f}')",
    "sums: dict[str, int] = {}\nfor k, v in d.items():\n    sums[k] = sums.get(k, 0) + v\nsums['a'] += 1",
    "a, b = n, text\na, n = n, a\n(x, y), z = (1, 2), 3\nlog.info(f'{a} {b} {x} {y} {z}')",
    "found = [i for i in items if i > 0]\nfound = []\nlog.info(str(len(found)))",
    "log.info(str(scaled(n)) + str(scaled(factor=3, amount=n, extra=1)))",
    "w = Wallet('a')\nv = Wallet(label='b', limit=n)\nlog.info(f'{w.label} {v.tags[0]}')",
    "log.info(str(sum(i > 1 for i in items) + max(items, default=0) + min(n, 1) + abs(-n)))",
    "log.info(str(any(i > 1 for i in items)) + str(all([i > 1 for i in items])))",
    "log.info(str(sorted(items, reverse=True)[0] + list(reversed(items))[0] + list(range(3))[0]))",
    "log.info(', '.join(sorted(d)) + str(list(d.items())[0][0]) + str(dict(zip(['a'], [1]))['a']))",
    "log.info(text.upper() + text.split(',')[0].strip())\nlog.info(str(text.endswith('a')))",
    "at = chain.block()\nlog.info(str(Token(OWNER).decimals(at=at)))\nToken(OWNER).balanceOf(OWNER, at=at)",
    "token = Token(OWNER, network='base')\nlog.info(str(token.decimals()) + str(token.address))",
    "log.info(str(Token(OWNER).allowance(spender=OWNER, owner=OWNER)))",
    "log.info(str(chain.balance(OWNER, at=chain.block('mainnet', tag='safe'))))",
    "log.info(str(chain.balance(OWNER)))",
    "got: list[Wallet] = http.get('https://a.example/x', headers={'a': 'b'}).json()\nlog.info(got[0].label)",
    "http.post('https://a.example', '', headers=None)\nlog.warning(str(time.now()))\nrandom.integer(1, n)",
    "log.info(str(ether('0.5') + gwei(n) + int(price) + int('5') + round(3)) + str(round(price, 2)))",
    "if n > 0:\n    raise Fail(f'{n} is too large')\nelse:\n    pass\n'a note'",
    "for i, (a, b) in enumerate(zip(items, LIMITS), start=1):\n    n += i * a * b\nlog.info(str(n))",
    "grid = [[a * b for a in items] for b in LIMITS]\nlog.info(str(grid[0][-1]))",
    "log.info(str(1 < n < 5) + str(n == 1 == n) + str(price > n) + str(text if n else 'none'))",
    "x: int\nx = n\nlog.info(str(x))",
    "a = b = n\nlog.info(str(a + b))",
    "return\nlog.info(undefined)",
]


@pytest.mark.parametrize("body", ACCEPTED)
def test_accepted(body: str) -> None:
    assert compile_body(body) == []


REFUSED = [
    ("for i in items:\n    last = i\nlog.info(str(last))", "E_MAYBE_UNSET"),
    ("for i in items:\n    if i > 0:\n        log.info(str(seen))\n    seen = i", "E_MAYBE_UNSET"),
    ("if n > 0:\n    x = 1\nelse:\n    x = 'a'\nlog.info(str(x))", "E_TYPE_CHANGES"),
    ("x = 1\nfor i in items:\n    log.info(str(x))\n    x = 'a'", "E_TYPE_CHANGES"),
    ("x: int = 1\nx = 'a'", "E_TYPE_MISMATCH"),
    ("x: Decimal = 1", "E_TYPE_MISMATCH"),
    ("n = 'a'", "E_TYPE_MISMATCH"),
    ("best = None\nfor i in items:\n    if best > i:\n        best = i", "E_MAYBE_NONE"),
    ("log.info(text + 1)", "E_OPERAND_TYPES"),
    ("log.info(n)", "E_TYPE_MISMATCH"),
    ("items[0:1] = [1]", "E_UNSUPPORTED_SYNTAX"),
    ("items *= 2", "E_OPERAND_TYPES"),
    ("wallet.label = 'b'", "E_UNSUPPORTED_SYNTAX"),
    ("d['a'].append(1)", "E_UNKNOWN_ATTRIBUTE"),
    ("x = items.append(1)", "E_NOT_A_VALUE"),
    ("x = d.items()", "E_NOT_A_VALUE"),
    ("x = zip(items, items)", "E_NOT_A_VALUE"),
    ("n + 1", "E_UNSUPPORTED_SYNTAX"),
    ("raise ValueError('x')", "E_RAISE"),
    ("raise", "E_RAISE"),
    ("raise Fail('x') from n", "E_RAISE"),
    ("log.info(str(sum([price])))", "E_ARGUMENTS"),
    ("log.info(str(max(price, 0)))", "E_OPERAND_TYPES"),
    ("max(items, key=lambda i: price / i)", "E_ARGUMENTS"),
    ("sorted(items, key=lambda i, j: i)", "E_ARGUMENTS"),
    ("sorted([wallet], key=lambda w: w)", "E_OPERAND_TYPES"),
    ("items.sort(key=[len][0])", "E_ARGUMENTS"),
    ("x = items.sort()", "E_NOT_A_VALUE"),
    ("d.update(a=1)", "E_ARGUMENTS"),
    ("tuple(items)", "E_BUILTIN"),
    ("for a, b in zip((10 // i for i in items), items):\n    pass", "E_LAZY_ITERABLE"),
    ("for a in (10 // i for i in items for j in items):\n    pass", "E_LAZY_ITERABLE"),
    ("x = any(10 // a > b for a, b in zip(items, items, strict=True))", "E_LAZY_ITERABLE"),
    ("f = lambda i: i", "E_LAMBDA"),
    ("scaled(1, amount=2)", "E_ARGUMENTS"),
    ("scaled(1, 2, 3)", "E_ARGUMENTS"),
    ("scaled(amout=1)", "E_ARGUMENTS"),
    ("scaled(*items)", "E_UNSUPPORTED_SYNTAX"),
    ("Wallet()", "E_ARGUMENTS"),
    ("Token(OWNER).supply()", "E_UNKNOWN_ATTRIBUTE"),
    ("Token(OWNER, network=text)", "E_FIXED_ARGUMENT"),
    ("chain.balance(OWNER, network='nowhere')", "E_NETWORK_UNKNOWN"),
    ("chain.blok()", "E_UNKNOWN_ATTRIBUTE"),
    ("x = http.get('https://a.example/x').json()", "E_TYPE_NEEDED"),
    ("x = Decimal('1,5')", "E_CONSTANT_FAILS"),
    ("del n", "E_UNSUPPORTED_SYNTAX"),
    ("for i in items:\n    try:\n        continue\n    finally:\n        n = 1", "E_LOOP_JUMP"),
    ("try:\n    n = 1 // n\nexcept:\n    pass", "E_TRY"),
    ("try:\n    n = 1 // n\nexcept BaseException:\n    pass", "E_TRY"),
    ("try:\n    n = 1 // n\nexcept* Fail:\n    pass", "E_TRY"),
    ("try:\n    n = 1 // n\nexcept KeyboardInterrupt:\n    pass", "E_CAUGHT_ERROR"),
    ("try:\n    n = 1 // n\nexcept ZeroDivisionError as e:\n    log.info(str(e))", "E_FORMAT"),
    ("try:\n    x = 1 // n\nexcept ZeroDivisionError:\n    log.info(str(x))", "E_MAYBE_UNSET"),
    ("try:\n    x = 1 // n\nexcept ZeroDivisionError:\n    pass\nlog.info(str(x))", "E_MAYBE_UNSET"),
    ("while n != 5:\n    n = n + 2", "E_WHILE"),
    ("while True:\n    n = n + 2", "E_WHILE"),
    ("for i in items:\n    if i > 3:\n        x = 1\n        break\nlog.info(str(x))", "E_MAYBE_UNSET"),
    ("match n:\n    case 'a':\n        pass", "E_OPERAND_TYPES"),
    ("match n:\n    case [a]:\n        pass", "E_PATTERN"),
    ("match n:\n    case {'a': 1}:\n        pass", "E_PATTERN"),
    ("match n:\n    case 1 | (2 as x):\n        pass", "E_PATTERN"),
    ("x = 1\nmatch n:\n    case x if x > 3:\n        pass", "E_PATTERN"),
    ("match items:\n    case [a, *_] if items.pop() > n:\n        log.info(str(a))", "E_PATTERN"),
    ("y = n > 1 and (x := n) > 2", "E_UNSUPPORTED_SYNTAX"),
    ("y = [(x := i) for i in items]", "E_UNSUPPORTED_SYNTAX"),
    ("import os", "E_IMPORT_FORM"),
    ("(a, *b) = (1, text, 2)", "E_TYPE_NEEDED"),
    ("a, b = n", "E_TYPE_MISMATCH"),
    ("open('x')", "E_BUILTIN"),
    ("x = repr(n)", "E_BUILTIN"),
    ("x = ~(n > 1)", "E_OPERAND_TYPES"),
    ("x = n @ n", "E_UNSUPPORTED_SYNTAX"),
    ("x = n & price", "E_OPERAND_TYPES"),
    ("x = n << text", "E_OPERAND_TYPES"),
    ("x = text * text", "E_OPERAND_TYPES"),
    ("x = (n, text)[n]", "E_OPERAND_TYPES"),
    ("x = (n, text)[n:]", "E_OPERAND_TYPES"),
    ("x = (n, text)[2:]", "E_TYPE_NEEDED"),
    ("x = text[1:'2']", "E_TYPE_MISMATCH"),
    ("x = n[1:]", "E_OPERAND_TYPES"),
    ("x = [{'a': n}] < [{'a': n}]", "E_OPERAND_TYPES"),
    ("x = text in b'a'", "E_OPERAND_TYPES"),
    ("x = '{}'.format(n)", "E_UNKNOWN_ATTRIBUTE"),
    ("x = text.isprintable()", "E_UNKNOWN_ATTRIBUTE"),
    ("x = text.replace('a', 'b', count=1)", "E_ARGUMENTS"),
    ("x = text.strip(chars='a')", "E_ARGUMENTS"),
    ("x = text.encode('latin-1')", "E_ARGUMENTS"),
    ("x = text.encode(text)", "E_FIXED_ARGUMENT"),
    ("x = text.encode('ascii', 'ignore')", "E_ARGUMENTS"),
    ("x = text.startswith((n, text))", "E_TYPE_MISMATCH"),
    ("x = int.from_float(n)", "E_UNKNOWN_ATTRIBUTE"),
    ("x = Decimal.from_float(n)", "E_FLOAT_REFUSED"),
    ("x = pow(2, -1)", "E_OPERAND_TYPES"),
    ("x = pow(price, 2, 3)", "E_OPERAND_TYPES"),
    ("x = hex(text)", "E_OPERAND_TYPES"),
    ("x = ord(b'a')", "E_OPERAND_TYPES"),
    ("x = bytes(text)", "E_OPERAND_TYPES"),
    ("x = divmod(text, 2)", "E_OPERAND_TYPES"),
    ("x = int(n, 16)", "E_OPERAND_TYPES"),
    ("x = format(n, text)", "E_FIXED_ARGUMENT"),
    ("x = format(n, 'z^q')", "E_FORMAT"),
    ("x = f'{text=}'", "E_FORMAT"),
    ("x = f'{price!r}'", "E_FORMAT"),
    ("x = f'{n:{text}}'", "E_FORMAT"),
    ("x = sum([text])", "E_OPERAND_TYPES"),
    ("x = float(n)", "E_FLOAT_REFUSED"),
    ("limits = LIMITS\nlimits.append(1)", "E_CONSTANT_CHANGED"),
    ("workload('x', version='1')", "E_WORKLOAD_PLACE"),
]


@pytest.mark.parametrize(("body", "name"), REFUSED)
def test_refused(body: str, name: str) -> None:
    assert compile_body(body) == [name]


def compute(expression: str, annotation: str = "int") -> object:
    """The value of a constant, as the IR holds it."""
    source = (
        "from decimal import Decimal\n\nfrom opforge import Address, op, record, workload\n"
        'from opforge.units import ether, hours\n\nworkload("demo", version="1.0.0")\n\n'
        "BASE = 7\nPAIRS = {'a': 1, 'b': 2}\n\n\n@record\nclass Part:\n    name: str\n    size: int = 1\n\n\n"
        f"X = {expression}\n\n\n@op\ndef run() -> {annotation}:\n    return X\n"
    )
    compilation = compile_files({"app.py": source})
    assert compilation.document is not None, compilation.diagnostics
    return compilation.document["constants"]["X"]["value"]


@pytest.mark.parametrize(
    ("expression", "kind", "value"),
    [
        ("2**10 - BASE // 2 % 3", "int", "1024"),
        ("-BASE", "int", "-7"),
        ("sum([n * n for n in range(4) if n != 2])", "int", "10"),
        ("PAIRS['b'] + len(PAIRS)", "int", "4"),
        ("Part('a').size + Part(name='b', size=5).size", "int", "6"),
        ("1 if BASE > 5 else 0", "int", "1"),
        ("ether('0.5') + hours(2)", "int", "500000000000007200"),
        ("Decimal(1) / Decimal(3)", "Decimal", "0.3333333333333333333333333333"),
        ("Decimal('1E+5') + 1", "Decimal", "100001"),
        ("Decimal('1.10')", "Decimal", "1.10"),
        ("f'{BASE:>3}|' + 'a'.upper()", "str", "  7|A"),
        ("b'a' + b'b'", "bytes", "0x6162"),
        ("any(n > 6 for n in [BASE]) and 1 < BASE < 9", "bool", "true"),
        (
            "Address('0x5FbDB2315678afecb367f032d93F642f64180aa3')",
            "Address",
            "0x5fbdb2315678afecb367f032d93f642f64180aa3",
        ),
    ],
)
def test_constants_are_computed_as_python_does(expression: str, kind: str, value: str) -> None:
    assert compute(expression, kind) == {"kind": "lit", "type": kind, "value": value}


def test_a_constant_may_hold_an_optional_value() -> None:
    some = {"kind": "apply", "op": "optional.some", "args": [{"kind": "lit", "type": "int", "value": "5"}]}
    assert compute("[None, 5]", "list[int | None]") == {
        "kind": "list",
        "type": "list[Optional[int]]",
        "items": [{"kind": "lit", "type": "Optional[int]", "value": "None"}, some],
    }


@pytest.mark.parametrize("text", ["'e\\u0301'", "f'{n}e\\u0301'", "'\\ud800'"])
def test_text_that_has_no_one_form_is_refused(text: str) -> None:
    assert compile_body(f"log.info({text})") == ["E_NOT_A_VALUE"]


ENTRY = """\
from opforge import op, workload
{imports}
workload("demo", version="1.0.0")


@op
def run(n: int) -> int:
    return {value}
"""


@pytest.mark.parametrize(
    ("imports", "value", "others"),
    [
        ("from shared import LIMIT", "n + LIMIT", {"shared.py": "LIMIT = 5\n"}),
        (
            "import shared",
            "shared.double(n)",
            {"shared.py": "def double(n: int) -> int:\n    return 2 * n\n"},
        ),
        ("from lib.parts import LIMIT as TOP", "n + TOP", {"lib/parts.py": "LIMIT = 5\n"}),
        ("from lib import parts", "n + parts.LIMIT", {"lib/__init__.py": "", "lib/parts.py": "LIMIT = 5\n"}),
        (
            "from lib.parts import LIMIT",
            "n + LIMIT",
            {
                "lib/__init__.py": "",
                "lib/parts.py": "from .base import B\n\nLIMIT = B + 1\n",
                "lib/base.py": "B = 5\n",
            },
        ),
    ],
)
def test_imports_between_files(imports: str, value: str, others: dict[str, str]) -> None:
    compilation = compile_files({"app.py": ENTRY.format(imports=imports, value=value), **others})
    assert compilation.diagnostics == []


def test_problems_of_an_imported_file_are_reported_there_and_once() -> None:
    others = {"shared.py": "LIMIT = 1 // 0\n\n\ndef twice(n: int) -> int:\n    return m\n"}
    entry = ENTRY.format(imports="from shared import LIMIT, twice", value="twice(n) + LIMIT")
    found = compile_files({"app.py": entry, **others}).diagnostics
    assert [(d.code.name, d.span.path if d.span else "", d.span.line if d.span else 0) for d in found] == [
        ("E_CONSTANT_FAILS", "shared.py", 1),
        ("E_UNKNOWN_NAME", "shared.py", 5),
    ]


def test_a_function_that_nothing_calls_is_checked_too() -> None:
    entry = ENTRY.format(imports="", value="n") + "\n\ndef spare(n: int) -> int:\n    return n / 2\n"
    assert [d.code.name for d in compile_files({"app.py": entry}).diagnostics] == ["E_TRUE_DIVISION"]
