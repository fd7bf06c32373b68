"""What the service of departure comes to suspect of goods that are in the air, and of which it warns (message ALR).

Simulated: how services come to suspect goods is no part of this world. A share of what is irregular at departure is
suspected, and a small share of all else; which is luck, the same in all arms. The post tells its own node in every
arm; whether another service hears of it is a matter of agreements.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import simpy

from exchange.luck import Luck
from exchange.messages import ViolationAlert
from exchange.references import derived
from scenarios.scenario import seconds
from scenarios.scenario.traffic import Alert
from scenarios.world.cargo import Shipment, Vehicle, place_of

if TYPE_CHECKING:
    from scenarios.world.world import World


def suspected(alert: Alert, shipment: Shipment, office: str, luck: Luck) -> bool:
    """Return whether the service of departure, at ``office``, suspects ``shipment``."""
    irregular = shipment.facts.irregularity
    known = irregular is not None and irregular.arises == 0
    return luck.uniform(shipment.case, office, "alert") < (alert.knows if known else alert.mistaken).value


def warn(world: World, vehicle: Vehicle) -> None:
    """Let the post of departure warn of what it suspects aboard ``vehicle``, which leaves now."""
    alert, office = vehicle.flow.alert, vehicle.flow.departure_office
    if alert is None:
        return
    for shipment in vehicle.shipments:
        if suspected(alert, shipment, office, world.luck):
            world.env.process(_warn(world, vehicle, shipment, seconds(alert.after.value)))


def _warn(world: World, vehicle: Vehicle, shipment: Shipment, after: int) -> Generator[simpy.Event, Any, None]:
    yield world.env.timeout(after)
    flow, goods, scenario = vehicle.flow, shipment.consignment, world.scenario
    office = flow.departure_office
    country = scenario.offices[office].country
    lands = next(n for n, stop in enumerate(flow.stops) if n and scenario.places[stop.place].country != country)
    world.journal.note(shipment, "alert", office=office)
    world.mail.ask(
        scenario.post(office),
        ViolationAlert,
        shipment,
        alert_number=f"{country}-{derived(9, country, shipment.case, office, 'ALR')}",
        suspicion="MISDESCRIBED",
        flight=goods.transport_means[0],
        place_of_loading=place_of(scenario, flow.stops[0].place),
        place_of_unloading=place_of(scenario, flow.stops[lands].place),
        eta=scenario.start + timedelta(seconds=vehicle.plan.expected[lands]),
        transport_documents=goods.transport_documents,
        parties=(goods.consignor,),
        hs_code=goods.goods_items[0].hs_code,
        form="PHYSICAL",
        text="A simulated suspicion that arose after departure.",
    )


__all__ = ["suspected", "warn"]
