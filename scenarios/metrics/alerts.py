"""Which services hear of which alerts: what measuring coverage needs to know of a scenario's flights."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from exchange.agreements import Goods

if TYPE_CHECKING:
    from scenarios.scenario import Flow, Scenario


def heard(scenario: Scenario) -> Mapping[tuple[str, str], float]:
    """Return (arm, flow) → share of what is irregular at departure of which the first entry side is warned.

    It holds flows with alerts in arms where an agreement covers them, on the day when the first vehicle departs; that
    they come before the goods is taken for granted, and that every profile inspects what it is warned of.
    """
    from scenarios.parties import agreements_in

    shares = {}
    for flow in scenario.flows:
        if flow.alert is None:
            continue
        first = flow.vehicles.first or scenario.warm_up
        day = (scenario.start + timedelta(hours=first.value)).date()
        sender = scenario.offices[flow.departure_office].country
        entered = next(scenario.sides[key].country for key in flow.sides if scenario.sides[key].direction == "entry")
        about = partial(_goods, scenario, flow)
        for arm in scenario.arms:
            if agreements_in(scenario, arm).covering("ALR", sender, entered, day, about):
                shares[arm, flow.id] = flow.alert.knows.value
    return shares


def _goods(scenario: Scenario, flow: Flow) -> Goods:
    """Return what the scope of an agreement asks for, of all goods of a flow together."""
    from scenarios.world.rolling import MODE_CODES

    return Goods(
        hs=tuple(goods.hs_code for goods in flow.goods),
        modes=frozenset({MODE_CODES[flow.leg_mode(0)]}),
        places=frozenset(scenario.places[stop.place].unlocode or "" for stop in flow.stops),
    )


__all__ = ["heard"]
