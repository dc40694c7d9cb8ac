"""The text of one file: decoded, measured, parsed, with places counted in code points."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from typing import Final, Protocol
from unicodedata import normalize

from opforge._frontend.chains import Chain
from opforge._frontend.overlong import find_overlong
from opforge._frontend.problems import Problems
from opforge._frontend.syntax_walk import MAX_DEPTH, survey
from opforge_ir.codes.limits import E_CHAIN_TOO_LONG
from opforge_ir.codes.source import (
    E_BIDI_CONTROL,
    E_IDENTIFIER,
    E_SOURCE_ENCODING,
    E_SOURCE_TOO_DEEP,
    E_SOURCE_TOO_LARGE,
    E_SYNTAX,
    E_UNSUPPORTED_SYNTAX,
)
from opforge_ir.diagnostics import Diagnostic, Span
from opforge_ir.excerpt import excerpt

__all__ = [
    "MAX_IDENTIFIER",
    "MAX_SOURCE_BYTES",
    "Located",
    "Source",
    "beginning_of",
    "head_of",
    "parse_source",
    "shorten_place",
]

MAX_SOURCE_BYTES: Final = 1024 * 1024
MAX_IDENTIFIER: Final = 63

_CODING: Final = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Located(Protocol):
    """Anything that has the place of a syntax node; columns count UTF-8 bytes from 0."""

    @property
    def lineno(self) -> int: ...
    @property
    def col_offset(self) -> int: ...
    @property
    def end_lineno(self) -> int | None: ...
    @property
    def end_col_offset(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class _Beginning:
    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int


def beginning_of(node: Located, text: str) -> Located:
    """The place of the text that a node begins with, such as `def name`."""
    return _Beginning(node.lineno, node.col_offset, node.lineno, node.col_offset + len(text))


def head_of(node: ast.FunctionDef) -> Located:
    """The place of a definition up to its name."""
    return beginning_of(node, f"def {node.name}")


def shorten_place(node: Located, text: str = "*") -> Located:
    """The place of a node on one line; of a longer one, that of the text or character at its beginning."""
    return node if node.end_lineno == node.lineno else beginning_of(node, text)


@dataclass(frozen=True)
class Source:
    """One file that could be parsed."""

    path: str
    lines: tuple[str, ...]
    tree: ast.Module
    ascii_only: bool = field(compare=False)
    may_assign_inside: bool = field(compare=False)
    """Whether there may be assignment expressions: whether their sign occurs."""

    def span_of(self, node: Located) -> Span:
        """The place of a node in code points (the parser counts UTF-8 bytes)."""
        line, offset = node.lineno, node.col_offset
        end_line = node.end_lineno or line
        end_offset = offset if node.end_col_offset is None else node.end_col_offset
        if self.ascii_only:
            return Span(self.path, line, offset + 1, end_line, end_offset + 1)
        return Span(self.path, line, self._column(line, offset), end_line, self._column(end_line, end_offset))

    def line_at(self, number: int) -> str | None:
        """The line with this number, counted from 1, without its end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else None

    def _column(self, line: int, offset: int) -> int:
        text = self.line_at(line)
        if text is None or text.isascii():
            return offset + 1
        return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1


def parse_source(path: str, data: bytes, problems: Problems) -> Source | None:
    """Decode and parse one file; None when that fails, with what is wrong in `problems`.

    A byte order mark is skipped, and all line ends are read as LF, as Python reads them.
    """
    text = _decode(path, data, problems)
    if text is None:
        return None
    lines = tuple(text.split("\n"))
    _refuse_bidi(path, lines, problems)
    tree = _parse(path, text, lines, problems)
    if tree is None:
        return None
    source = Source(path, lines, tree, text.isascii(), ":=" in text)
    found = survey(tree, MAX_IDENTIFIER)
    if found.too_deep is not None:
        span = source.span_of(found.too_deep)  # type: ignore[arg-type]  # it has a place
        problems.add(E_SOURCE_TOO_DEEP.at(span, limit=MAX_DEPTH), source.line_at(span.line))
        return None
    for node, chain in found.too_long:
        place = source.span_of(node)  # type: ignore[arg-type]  # an expression or a statement
        problems.add(_build_chain_problem(chain, place), source.line_at(place.line))
    if found.too_long:
        return None
    # Some names that are not ASCII stand in f-strings, or are ASCII in the tree: those are found in the text.
    reported = set[str]() if source.ascii_only else _refuse_foreign_names(source, text, problems)
    _refuse_names(source, [each for each in found.names if each[1] not in reported], problems)
    return source


def _decode(path: str, data: bytes, problems: Problems) -> str | None:
    start = Span(path, 1, 1, 1, 1)
    if len(data) > MAX_SOURCE_BYTES:
        problems.add(E_SOURCE_TOO_LARGE.at(start, path=path, size=len(data), limit=MAX_SOURCE_BYTES))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        reason = f"byte {data[error.start]:#04x} on line {line}"
        problems.add(E_SOURCE_ENCODING.at(Span(path, line, 1, line, 1), path=path, reason=reason))
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        place = Span(path, line, 1, line, 1)
        problems.add(E_SOURCE_ENCODING.at(place, path=path, reason="it holds a null character"))
        return None
    for number, line_text in enumerate(text.split("\n", 2)[:2], start=1):
        declared = _CODING.match(line_text)
        if declared and declared[1].lower().replace("_", "-") not in ("utf-8", "utf8"):
            place = Span(path, number, 1, number, len(line_text) + 1)
            reason = f"it declares the encoding {excerpt(declared[1])}"
            problems.add(E_SOURCE_ENCODING.at(place, path=path, reason=reason), line_text)
            return None
    return text


def _refuse_bidi(path: str, lines: tuple[str, ...], problems: Problems) -> None:
    """Text that is shown in another order than it is read deceives reviewers (CVE-2021-42574)."""
    for number, line in enumerate(lines, start=1):
        for found in _BIDI.finditer(line):
            place = Span(path, number, found.start() + 1, number, found.end() + 1)
            problems.add(E_BIDI_CONTROL.at(place, character=f"U+{ord(found[0]):04X}"), line)


def _parse(path: str, text: str, lines: tuple[str, ...], problems: Problems) -> ast.Module | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, feature_version=(3, 11))
    except SyntaxError as error:
        place, line = _syntax_place(path, error, lines)
        if line is not None and (found := _TYPE_STATEMENT.match(line)) is not None:
            # Versions of Python disagree about what is wrong with it.
            begin = found.end(1) + 1
            word = Span(path, place.line, begin, place.line, begin + len("type"))
            construct, instead = "a type statement", "write `Name = type`"
            problems.add(E_UNSUPPORTED_SYNTAX.at(word, construct=construct, instead=instead), line)
            return None
        problems.add(E_SYNTAX.at(place, reason=excerpt(error.msg or "the parser gives no reason", 200)), line)
    except (RecursionError, MemoryError):
        _refuse_overlong(path, text, lines, problems)
    except ValueError as error:
        # such as an integer literal with more digits than Python converts
        problems.add(E_SYNTAX.at(Span(path, 1, 1, 1, 1), reason=excerpt(str(error), 200)), lines[0])
    return None


_TYPE_STATEMENT: Final = re.compile(r"(\s*)type\s+[A-Za-z_]\w*\s*(\[[^=]*\])?\s*=")


def _refuse_overlong(path: str, text: str, lines: tuple[str, ...], problems: Problems) -> None:
    found = find_overlong(text)
    if found is None:
        problems.add(E_SOURCE_TOO_DEEP.at(Span(path, 1, 1, 1, 1), limit=MAX_DEPTH), lines[0])
        return
    line, chain = found
    place = Span(path, line, 1, line, len(lines[line - 1]) + 1)
    problems.add(_build_chain_problem(chain, place), lines[line - 1])


def _build_chain_problem(chain: Chain, place: Span) -> Diagnostic:
    return E_CHAIN_TOO_LONG.at(place, limit=chain.limit, what=chain.what, instead=chain.instead)


def _syntax_place(path: str, error: SyntaxError, lines: tuple[str, ...]) -> tuple[Span, str | None]:
    line = min(max(error.lineno or 1, 1), len(lines))
    text = lines[line - 1]
    column = min(max(error.offset or 1, 1), len(text) + 1)
    end_line = min(max(error.end_lineno or line, line), len(lines))
    end_column = max(error.end_offset or column, 1)
    if end_line == line:
        end_column = max(end_column, column)
    return Span(path, line, column, end_line, min(end_column, len(lines[end_line - 1]) + 1)), text


def _refuse_names(source: Source, names: list[tuple[ast.AST, str]], problems: Problems) -> None:
    """Refuse names that are too long or not ASCII."""
    for node, text in names:
        if not text.isascii() or max(map(len, text.split("."))) > MAX_IDENTIFIER:
            span = source.span_of(node)  # type: ignore[arg-type]  # every node with a name has a place
            shown = excerpt(text, 40)
            problems.add(E_IDENTIFIER.at(span, name=shown, limit=MAX_IDENTIFIER), source.line_at(span.line))


def _refuse_foreign_names(source: Source, text: str, problems: Problems) -> set[str]:
    """Refuse names that are not ASCII; returns them as they stand in the tree.

    Names are compared after normalisation (PEP 3131), so a look-alike may be ASCII in the tree.
    """
    reported: set[str] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and not token.string.isascii():
                (line, column), (end_line, end_column) = token.start, token.end
                place = Span(source.path, line, column + 1, end_line, end_column + 1)
                name = excerpt(token.string, 40)
                problems.add(E_IDENTIFIER.at(place, name=name, limit=MAX_IDENTIFIER), source.line_at(line))
                normal = normalize("NFKC", token.string)
                reported |= set() if normal.isascii() else {normal}
    except (tokenize.TokenError, SyntaxError):
        pass
    return reported
