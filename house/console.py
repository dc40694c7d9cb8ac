"""Console blocks in Markdown: what a page shows is what the commands print.

In a block marked `console`, a line that begins with `$ ` is a command and the lines after it are what it
prints, standard output and standard error together. `…` within a line stands for any text, a line that
is only `…` for any number of lines. A command with nothing after it is only shown, not run. The folder
is the root of the repository; `uv run ` is left out when the command is run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ConsoleCommand", "find_commands", "matches_shown"]

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ConsoleCommand:
    """One command of a page and what the page says it prints."""

    line: int
    """Where the command stands in the page, from 1."""
    command: str
    shown: str


def find_commands(text: str) -> list[ConsoleCommand]:
    """The commands of a page that show what they print, in order."""
    found: list[ConsoleCommand] = []
    for block in _BLOCK.finditer(text):
        first_line = text.count("\n", 0, block.start(1)) + 1
        command, line, shown = "", 0, list[str]()
        for number, content in enumerate([*block.group(1).splitlines(), "$ "], first_line):
            if content.startswith("$ "):
                if command and shown:
                    found.append(ConsoleCommand(line, command, "\n".join(shown)))
                command, line, shown = content[2:].removeprefix("uv run "), number, []
            else:
                shown.append(content)
    return found


def matches_shown(shown: str, printed: str) -> bool:
    """Whether what was printed is what the page shows. White space at the end of lines does not count."""
    pattern = ""
    for line in shown.rstrip().splitlines():
        if line.strip() == "…":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed.rstrip() + "\n") is not None
