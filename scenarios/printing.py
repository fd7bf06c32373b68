"""Where commands print their tables."""

from __future__ import annotations

from rich.console import Console

WIDTH = 132
"""Characters of a line that goes to a file or another program."""


def table_console() -> Console:
    """Return a console as wide as the terminal, or of ``WIDTH`` characters where the output goes elsewhere."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


__all__ = ["WIDTH", "table_console"]
