"""Changes of the list of participants while a scenario runs, and variants: what else of a scenario can be run.

A variant is chosen by name (``--set variant=importer-removed``). It adds to the scenario and takes nothing from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from pydantic import Field, StrictStr

from scenarios.scenario.errors import unknown
from scenarios.scenario.figures import Hours, Strict
from scenarios.scenario.policy import Check
from scenarios.scenario.traffic import Text

if TYPE_CHECKING:
    from scenarios.scenario.model import Scenario

Location = tuple[str | int, ...]
Finding = tuple[Location, str]


class ListChange(Strict):
    """A trader is taken off the list of participants, or put back on it; the service of its country tells the others.

    Who is irregular does not hang on it: that follows from where a trader stood when the world began.
    """

    trader: StrictStr
    at: Hours = Field(description="After the scenario's start.")
    on_list: bool = Field(default=False, description="Put back on the list instead of taken off it.")


class Variant(Strict):
    """Something that a scenario can also be run with, if it is chosen: changes of the list, and checks of its own."""

    title: Text
    list_changes: tuple[ListChange, ...] = ()
    checks: tuple[Check, ...] = ()


def with_variant(scenario: Scenario) -> Scenario:
    """Return ``scenario`` with what the variant chosen adds to it; as it is if none is chosen."""
    if scenario.variant is None:
        return scenario
    added = scenario.variants[scenario.variant]
    return scenario.model_copy(
        update={
            "list_changes": (*scenario.list_changes, *added.list_changes),
            "checks": (*scenario.checks, *added.checks),
        }
    )


def list_problems(scenario: Scenario) -> Iterator[Finding]:
    """Yield what does not fit in the changes of the list and in the choice of a variant."""
    yield from _changes(scenario, ("list_changes",), scenario.list_changes)
    for name, variant in scenario.variants.items():
        chosen = name == scenario.variant
        yield from _changes(scenario, ("variants", name, "list_changes"), variant.list_changes, told=chosen)
    if scenario.variant is not None and scenario.variant not in scenario.variants:
        yield ("variant",), unknown("variant", scenario.variant, set(scenario.variants))


def _changes(
    scenario: Scenario, place: Location, changes: tuple[ListChange, ...], *, told: bool = True
) -> Iterator[Finding]:
    """Yield what is wrong with changes of the list; that one changes nothing, only where it would be run (``told``)."""
    standing = {trader: about.on_list for trader, about in scenario.traders.items()}
    for number, change in sorted(enumerate(changes), key=lambda pair: pair[1].at.value):
        here: Location = (*place, number, "trader")
        if change.trader not in standing:
            yield here, unknown("trader", change.trader, set(standing))
            continue
        country = scenario.traders[change.trader].country
        if country not in scenario.services:
            yield here, f"{change.trader} is of {country}, which has no service here to change its list: name another"
        if told and standing[change.trader] is change.on_list:
            where = "on the list already" if change.on_list else "not on the list"
            yield here, f"{change.trader} is {where} at that time, so nothing would change: correct trader or time"
        standing[change.trader] = change.on_list


__all__ = ["ListChange", "Variant", "list_problems", "with_variant"]
