"""Markdown from what programs say: cells, code, help texts with rich's markup taken out."""

from __future__ import annotations

import inspect
import re

_MARKUP = re.compile(r"\[/?(?:bold|italic|dim|cyan|yellow|green|red)\]")


def plain(text: str) -> str:
    """Return a help text without markup, paragraphs as they are, its literal blocks as code."""
    lines, literal = [], False
    for line in inspect.cleandoc(_MARKUP.sub("", text)).splitlines():
        if line.strip() == "\b":
            literal = True
            lines.append("```text")
            continue
        if literal and lines[-1] == "```text" and line.strip().startswith(("corridor ", "cat ", "curl ")):
            lines[-1] = "```sh"
        if literal and not line.strip():
            literal = False
            lines.append("```")
        lines.append(line.strip() if literal else line)
    if literal:
        lines.append("```")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def cell(text: object) -> str:
    """Return ``text`` as it may stand in a table."""
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())


def table(heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
    return "\n".join(lines)


__all__ = ["cell", "plain", "table"]
