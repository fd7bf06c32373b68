"""Which keys of a run's summary are documented: those in code of ``docs/summary.md``, and those that are data."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nodes.reasons import REFUSED_BY
from scenarios.scenario import Scenario
from scenarios.scenario.border import STAFF
from tests.answers import GROUNDS

DOCS = Path(__file__).parents[1] / "docs"


@cache
def named() -> frozenset[str]:
    """Return every name that stands in code, in a line or a block, of the page on the summary."""
    text = (DOCS / "summary.md").read_text(encoding="utf-8")
    code = re.findall(r"```(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    return frozenset(name for part in code for name in re.findall(r"[A-Za-z][A-Za-z_0-9]*", part))


def data_of(scenario: Scenario) -> frozenset[str]:
    """Return the names that a scenario itself gives: arms, sides, offices, flows, resources, modes."""
    resources = {STAFF, *(name for side in scenario.sides.values() for name in side.resources)}
    lines = {f"{name} before arrival" for name in resources}
    modes = {flow.mode for flow in scenario.flows}
    ids = {flow.id for flow in scenario.flows}
    return frozenset({*scenario.arms, *scenario.sides, *scenario.offices, *ids, *resources, *lines, *modes})


def undocumented(scenario: Scenario, summary: Mapping[str, Any]) -> list[str]:
    """Return the paths of the keys of ``summary`` that the page does not name and that are no data."""
    known = named() | data_of(scenario) | set(GROUNDS) | set(REFUSED_BY)
    return [".".join(path) for path in _paths(summary) if path[-1] not in known and path[0] != "versions"]


def _paths(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield (*path, key)
            yield from _paths(part, (*path, key))
    elif isinstance(value, list):
        for part in value:
            yield from _paths(part, path)


__all__ = ["undocumented"]
