"""Diagnostics as text for people: code, message, the author's line with a caret, and what to do."""

from __future__ import annotations

from opforge_ir.diagnostics import Diagnostic, Span

__all__ = ["printable", "render_diagnostic"]

_TAB = "    "


def printable(text: str) -> str:
    """The text with every character that does not print, or that reorders text, as an escape.

    Names and messages may come from a hostile document, so nothing of them may steer the terminal.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def render_diagnostic(diagnostic: Diagnostic, *, is_coloured: bool) -> str:
    """One diagnostic as lines of text, without a final line end."""
    colour = {"error": "31", "warning": "33", "note": "36"}[diagnostic.code.severity]
    code = diagnostic.code
    head = f"{code.severity}[{code.number} {code.name}]"
    lines = [f"{_styled(head, colour, is_coloured)}: {printable(diagnostic.message)}"]
    if diagnostic.span is not None:
        lines += _render_span(diagnostic.span, diagnostic.source_line, colour, is_coloured=is_coloured)
    elif diagnostic.pointer is not None:
        lines.append(f"  --> {printable(diagnostic.pointer) or '(the whole document)'}")
    lines.append(f"  = fix: {printable(diagnostic.fix)}")
    return "\n".join(lines)


def _render_span(span: Span, source_line: str | None, colour: str, *, is_coloured: bool) -> list[str]:
    lines = [f"  --> {printable(span.path)}:{span.line}:{span.column}"]
    if source_line is None:
        return lines
    number = str(span.line)
    gutter = " " * len(number)
    end = span.end_column if span.end_line == span.line else len(source_line) + 1
    before = _shown(source_line[: span.column - 1])
    marked = _shown(source_line[span.column - 1 : end - 1])
    caret = "^" * max(1, _width(marked))
    return [
        *lines,
        f" {gutter} |",
        f" {number} | {_shown(source_line)}",
        f" {gutter} | {' ' * _width(before)}{_styled(caret, colour, is_coloured)}",
    ]


def _shown(text: str) -> str:
    return printable(text.replace("\t", _TAB))


def _width(text: str) -> int:
    """How many terminal cells the text takes; wide East Asian characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _styled(text: str, colour: str, is_coloured: bool) -> str:
    return f"\x1b[1;{colour}m{text}\x1b[0m" if is_coloured else text
