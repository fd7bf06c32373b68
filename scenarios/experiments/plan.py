"""The plan of an experiment: the scenario as it stands, and the variations of it that sweeps and frontier ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scenarios.experiments.knobs import KNOBS, SWEPT_BY_ALL, KnobError, expand, title
from scenarios.experiments.manifest import scenario_content
from scenarios.scenario import ARMS, ScenarioError, load_scenario

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

FRONTIER = {"residual": ("0 %", "5 %", "25 %", "100 %"), "listed": ("0 %", "50 %", "100 %")}
"""Values of the frontier's two axes where no sweep names others."""
_BETWEEN_VALUES = re.compile(r",(?![^(]*\))")
"""Commas, those inside parentheses left out: ``tri(1, 2, 3) h,4 h`` are two values."""

_PERCENT = re.compile(r"(?<=[0-9])%")


@dataclass(frozen=True, slots=True)
class Point:
    """One variation: what was turned (``(("residual", "5 %"), …)``, empty: nothing) and the scenario that follows."""

    turned: tuple[tuple[str, str], ...]
    scenario: Scenario

    @property
    def label(self) -> str:
        """Return what was turned, in one line."""
        return ", ".join(f"{key}={value}" for key, value in self.turned) or "as the file says"


@dataclass(frozen=True, slots=True)
class Sweep:
    """One key and the points of its values, in the order given."""

    key: str
    points: tuple[Point, ...]

    @property
    def title(self) -> str:
        """Return the key in words."""
        return title(self.key)

    @property
    def same(self) -> list[list[str]]:
        """Return the values that come to one scenario, as shares of traders do that are rounded to whole traders."""
        found: dict[str, list[str]] = {}
        for point in self.points:
            found.setdefault(point.scenario.digest, []).append(point.turned[0][1])
        return [values for values in found.values() if len(values) > 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that an experiment will run; variations with the same values are one scenario, and run once."""

    name: str
    sets: tuple[str, ...]
    seed: int
    arms: tuple[str, ...]
    base: Point
    sweeps: tuple[Sweep, ...] = ()
    frontier: tuple[Point, ...] = ()

    @property
    def sides(self) -> tuple[str, ...]:
        """Return the border sides that flows of the base pass, in their order: the tables have columns for them."""
        return self.base.scenario.sides_passed

    @property
    def points(self) -> tuple[Point, ...]:
        """Return the variations that are run, the base first; what comes to the same scenario stands once."""
        every = [self.base, *(point for sweep in self.sweeps for point in sweep.points), *self.frontier]
        return tuple({point.scenario.digest: point for point in reversed(every)}[digest] for digest in _order(every))


def _order(points: Sequence[Point]) -> list[str]:
    return list(dict.fromkeys(point.scenario.digest for point in points))


def make_plan(
    name: str, *, sets: Sequence[str] = (), sweeps: Sequence[str] = (), frontier: bool = False, seed: int | None = None
) -> Plan:
    """Return the plan for the scenario of this name or file.

    ``sets`` are ``KEY=VALUE``, ``sweeps`` ``KEY=a,b,c`` or a knob's name alone (its usual values), or ``all``. The
    frontier takes its values from the sweeps of ``residual`` and ``listed`` where there are such. Raise ScenarioError
    or KnobError for what cannot be.
    """
    resolved = tuple(expand(load_scenario(name), sets))
    scenario = load_scenario(name, resolved)
    values = dict(_values(part, scenario) for text in sweeps for part in (SWEPT_BY_ALL if text == "all" else (text,)))

    known = {_values_of(scenario): scenario}

    def point(*turned: tuple[str, str]) -> Point:
        turns = expand(scenario, [f"{key}={value}" for key, value in turned])
        made = load_scenario(name, [*resolved, *turns])
        return Point(turned, known.setdefault(_values_of(made), made))

    axes = {key: values.get(key, usual) for key, usual in FRONTIER.items()}
    return Plan(
        name=name,
        sets=tuple(sets),
        seed=scenario.seed if seed is None else seed,
        arms=tuple(arm for arm in ARMS if arm in scenario.arms),
        base=Point((), scenario),
        sweeps=tuple(
            Sweep(key, tuple(_named(key, value, point) for value in chosen)) for key, chosen in values.items()
        ),
        frontier=tuple(
            point(("residual", residual), ("listed", listed))
            for listed in (axes["listed"] if frontier else ())
            for residual in axes["residual"]
        ),
    )


def _values_of(scenario: Scenario) -> str:
    """Return the content of a scenario without marks and sources, which change no result."""
    return json.dumps(_bare(scenario_content(scenario)), sort_keys=True)


def _bare(content: Any) -> Any:
    if isinstance(content, dict):
        kept = content.keys() - {"mark", "source"} if "is" in content else content.keys()
        return {key: _bare(content[key]) for key in kept}
    return [_bare(part) for part in content] if isinstance(content, list) else content


def _named(key: str, value: str, point: object) -> Point:
    """Return the point; a value that the scenario refuses is told with the sweep that asked for it."""
    try:
        return point((key, value))  # type: ignore[operator, no-any-return]
    except ScenarioError as error:
        raise KnobError(f"--sweep {key}={value}: {error}") from error


def _values(text: str, scenario: Scenario) -> tuple[str, tuple[str, ...]]:
    key, equals, listed = text.partition("=")
    parts = (_PERCENT.sub(" %", part.strip()) for part in _BETWEEN_VALUES.split(listed))
    values = tuple(dict.fromkeys(part for part in parts if part))
    if not equals and key in KNOBS:
        values = KNOBS[key].usual(scenario)
    if not key or not values:
        known = ", ".join(KNOBS)
        raise KnobError(
            f"--sweep {text!r} names no values: write KEY=a,b,c with a key of the scenario file, or one of {known}; "
            "these may stand alone, and 'all' turns them one after the other"
        )
    return key, values


__all__ = ["FRONTIER", "Plan", "Point", "Sweep", "make_plan"]
