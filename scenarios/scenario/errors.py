"""What can be wrong with a scenario file: a list of problems, each with line, field and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from exchange.errors import CorridorError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing wrong: ``field`` is its path in the file (``sides.99101-entry.phases.2.takes``), ``line`` from 1."""

    field: str
    text: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}, " if self.line is not None else ""
        return f"{where}field {self.field or '(whole file)'}: {self.text}"


class ScenarioError(CorridorError, ValueError):
    """A scenario file cannot be used; ``problems`` lists everything found in ``file``, in the order of lines."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda p: (p.line or 0, p.field)))
        super().__init__("\n".join(f"{file}: {problem}" for problem in self.problems))


def unknown(what: str, name: str, known: object) -> str:
    """Return the sentence that ``what`` has nothing called ``name``, with the names that there are."""
    names = ", ".join(sorted(str(k) for k in known)) if isinstance(known, dict | tuple | set | frozenset) else ""
    return f"{what} {name!r} does not exist: correct it or add it; known are {names or 'none'}"


__all__ = ["Problem", "ScenarioError", "unknown"]
