"""What the documentation shows to be run: its blocks by language, the commands in them and in its sentences."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import typer
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from scenarios.cli import app

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
SHELL = ("sh", "console")
LANGUAGES = (*SHELL, "python", "yaml", "json", "xml", "text")
"""Of blocks: ``sh`` is typed as it stands, ``console`` after ``$ `` with what comes of it, ``text`` is not run."""
OTHERS = ("pip", "python", "python3", "node", "cat", "curl", "")
"""Programs that lines for a shell begin with beside ``corridor``; the last is the dot of a shell."""
_BLOCK = re.compile(r"^```(\S*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"(?<!`)`(corridor [a-z][^`]*)`(?!`)")
_PLACE = re.compile(r"\[|\]|…|\.\.\.")


class Block(NamedTuple):
    """A block of a page: its language, its text, and the line it begins in."""

    page: str
    line: int
    language: str
    text: str


class Command(NamedTuple):
    """A command line of ``corridor`` without its first word, and where it stands."""

    where: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.where}: corridor {shlex.join(self.arguments)}"


@cache
def blocks() -> tuple[Block, ...]:
    """Return every block of the documentation. Blocks of the README without a language are for a shell."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        for match in _BLOCK.finditer(text):
            language = match[1] or ("sh" if path.name == "README.md" else "")
            found.append(Block(name, text.count("\n", 0, match.start()) + 1, language, match[2]))
    return tuple(found)


def typed(block: Block) -> Iterator[tuple[str, str]]:
    """Yield what is typed in a block for a shell, each line with where it stands, without the remarks behind it."""
    text = re.sub(r"\s*\\\n\s*", " ", block.text)
    for number, line in enumerate(text.splitlines(), block.line + 1):
        if block.language == "console":
            if not line.startswith("$ "):
                continue
            line = line[2:]
        if line.strip():
            line = re.sub(r"<[a-z ]+>", "FILLED-IN", line)  # <run id>
            yield f"{block.page}:{number}", re.split(r"\s{2,}|\s#\s", line.strip(), maxsplit=1)[0]


def commands() -> Iterator[Command]:
    """Yield every command of ``corridor`` in a block for a shell; a pipe or an ``&&`` has several."""
    for block in blocks():
        for where, line in typed(block) if block.language in SHELL else ():
            for part in re.split(r"\s(?:&&|\|)\s", line):
                words = shlex.split(part)
                if Path(words[0]).name == "corridor":
                    yield Command(where, tuple(words[1:]))


def mentioned() -> Iterator[Command]:
    """Yield every command that a sentence names in code, with words for what is to be filled in."""
    for path in PAGES:
        text = _BLOCK.sub("", path.read_text(encoding="utf-8"))
        for match in _INLINE.finditer(text):
            try:
                words = shlex.split(_PLACE.sub(" ", match[1]))
            except ValueError:  # a quotation mark that is one in a sentence
                words = _PLACE.sub(" ", match[1]).split()
            yield Command(path.relative_to(ROOT).as_posix(), tuple(words[1:]))


UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What the command line raises for wrong use, whichever copy of click typer works with."""


@cache
def _root() -> Any:
    return typer.main.get_command(app)


def _found(words: Iterable[str]) -> tuple[Any, list[str]]:
    """Return the command that ``words`` begin with, or the group where they name none of it, and the other words."""
    command, rest = _root(), list(words)
    while isinstance(command, TyperGroup) and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    if isinstance(command, TyperGroup) and rest and "make" in command.commands:  # which 'corridor keys DIR' leaves out
        command = command.commands["make"]
    return command, rest


@cache
def parsed(arguments: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the parameters that the command would be called with; none where a group of commands answers by itself.

    Raise :data:`UsageError` for what the command line refuses: a command, an option, a number of arguments or a value
    that there is not.
    """
    command, rest = _found(arguments)
    if isinstance(command, TyperGroup) and not (rest and not rest[0].startswith("-")):
        unknown = _unknown(command, rest)
        if unknown:
            raise typer.BadParameter(f"there is no option {', '.join(unknown)}")
        return {}
    if isinstance(command, TyperGroup) and not command.invoke_without_command:
        raise typer.BadParameter(f"there is no command {rest[0]}")
    context: Any = command.make_context(command.name, rest)
    return dict(context.params)


def run(arguments: Iterable[str], given: bytes | None = None) -> tuple[int, str]:
    """Run a command in this process, ``given`` on standard input; return its exit code, and the command and what it
    said."""
    words = list(arguments)
    with patch("typer.testing._get_command", return_value=_root()):  # which takes a tenth of a second each time
        told = CliRunner().invoke(app, words, input=given)
    return told.exit_code, f"corridor {shlex.join(words)}\n{told.output}\n{told.exception!r}"


def misnamed(arguments: tuple[str, ...]) -> list[str]:
    """Return what of a command named in a sentence there is not: the command itself, or options of it."""
    command, rest = _found(arguments)
    if command is _root():
        return [" ".join(arguments[:1])]
    return _unknown(command, rest)


def _unknown(command: Any, words: Iterable[str]) -> list[str]:
    there = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    asked = [word.partition("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)]
    return [word for word in asked if word not in {*there, "-h", "--help"}]


__all__ = [
    "LANGUAGES",
    "OTHERS",
    "SHELL",
    "Block",
    "Command",
    "UsageError",
    "blocks",
    "commands",
    "mentioned",
    "misnamed",
    "parsed",
    "run",
    "typed",
]
