"""What vehicles carry, as it is declared: parts that are made unchecked are what a check would let through."""

from __future__ import annotations

import pytest

from exchange.luck import Luck
from exchange.messages import Consignment
from scenarios.scenario import load_scenario, scenario_names
from scenarios.world.cargo import loaded
from scenarios.world.schedule import plans


@pytest.mark.parametrize("name", scenario_names())
def test_what_a_vehicle_declares_is_valid_part_by_part(name: str) -> None:
    scenario = load_scenario(name)
    luck = Luck(scenario.seed)
    for flow in scenario.flows:
        for shipment in loaded(scenario, flow, next(iter(plans(scenario, flow, luck))), luck).shipments:
            declared = shipment.consignment
            assert Consignment(**declared.model_dump()) == declared
