"""Why goods were stopped, or not, counted by side: from the lines of ``reasons.jsonl``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any


def side_of(line: Mapping[str, Any]) -> str:
    """Return the key of the border side of a line, or the office where goods depart or end their way."""
    direction = {"EXIT": "exit", "ENTRY": "entry"}.get(line["presentation"])
    return str(line["office"]) if direction is None else f"{line['office']}-{direction}"


def counted(lines: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, int]]]:
    """Return counts of reasons: ``controls``, ``passed``, ``refused`` and ``kept``, each side → reason → how many.

    ``controls`` are those ordered on presentation, a reason each; ``passed`` what let the goods pass; ``refused``
    the results of other services that were not recognised there, ``kept`` the controls that found something.
    """
    found: dict[str, dict[str, Counter[str]]] = {"controls": {}, "passed": {}, "refused": {}, "kept": {}}
    for line in lines:
        side = side_of(line)
        for part, sides in found.items():
            for reason in line.get(part, ()):
                sides.setdefault(side, Counter())[str(reason["because"])] += 1
    return {part: {side: dict(sorted(sides[side].items())) for side in sorted(sides)} for part, sides in found.items()}


__all__ = ["counted", "side_of"]
