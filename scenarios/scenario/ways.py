"""Scenarios with several ways: flows that name a way are run only if it is the one chosen (``via``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.scenario.model import Scenario

Finding = tuple[tuple[str | int, ...], str]


def ways(scenario: Scenario) -> tuple[str, ...]:
    """Return the ways that the flows of ``scenario`` name, in their order; none if it has only one."""
    return tuple(dict.fromkeys(flow.via for flow in scenario.flows if flow.via is not None))


def misnamed(scenario: Scenario) -> Iterator[Finding]:
    """Yield what is wrong with the choice of a way."""
    known = ways(scenario)
    if scenario.via is None and known:
        yield ("via",), f"is missing, but flows name ways: choose one of {', '.join(known)}"
    elif scenario.via is not None and scenario.via not in known:
        yield (
            ("via",),
            f"no flow goes via {scenario.via!r}: choose one of {', '.join(known) or 'none, or leave it out'}",
        )


def chosen(scenario: Scenario) -> Scenario:
    """Return ``scenario`` with the flows of the way chosen and all that these need, and nothing else.

    What no flow that remains comes to is left out: sides, offices, services, lines, traders, policies and checks. A
    scenario without ways is returned as it is.
    """
    if scenario.via is None:
        return scenario
    flows = tuple(flow for flow in scenario.flows if flow.via in (None, scenario.via))
    sides = {key for flow in flows for key in flow.sides}
    grown = True
    while grown:
        followed = {b.follows for key in sides if (b := scenario.sides[key].background) is not None and b.follows}
        grown = not followed <= sides
        sides |= followed
    offices = {scenario.sides[key].office for key in sides} | {
        s.office for flow in flows for s in flow.stops if s.office
    }
    countries = {scenario.offices[office].country for office in offices}
    traders = {t for flow in flows for t in (*flow.consignors, *flow.consignees, *flow.carriers.values())}
    lines = {leg.sailing for flow in flows for leg in flow.legs if leg.sailing is not None}
    names = {flow.id for flow in flows}
    return scenario.model_copy(
        update={
            "flows": flows,
            "sides": _kept(scenario.sides, sides),
            "offices": _kept(scenario.offices, offices),
            "policies": _kept(scenario.policies, offices),
            "sailings": _kept(scenario.sailings, lines),
            "traders": _kept(scenario.traders, traders),
            "services": tuple(country for country in scenario.services if country in countries),
            "checks": tuple(
                check
                for check in scenario.checks
                if check.flow in (None, *names) and (check.side is None or check.side in sides)
            ),
        }
    )


def _kept(all_of: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: part for name, part in all_of.items() if name in names}


__all__ = ["chosen", "misnamed", "ways"]
