"""A list that is shown again and again while it changes, until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Final

from opforge_cli import clock

__all__ = ["watch"]

_PERIOD_SECONDS: Final = 1.0


def watch(render: Callable[[], list[str]]) -> None:
    """Show what `render` gives, every second; returns at Ctrl-C.

    On a terminal it is drawn in place, elsewhere it is printed again when it has changed.
    """
    try:
        if sys.stdout.isatty():
            _draw(render)
        else:
            _print(render)
    except KeyboardInterrupt:
        pass


def _draw(render: Callable[[], list[str]]) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    def build() -> Text:
        return Text("\n".join(render()), no_wrap=True, overflow="crop")

    with Live(build(), console=Console(highlight=False), auto_refresh=False) as live:
        while True:
            clock.pause(_PERIOD_SECONDS)
            live.update(build(), refresh=True)


def _print(render: Callable[[], list[str]]) -> None:
    last: list[str] = []
    while True:
        lines = render()
        if lines != last:
            print("\n".join(lines), flush=True)
        last = lines
        clock.pause(_PERIOD_SECONDS)
