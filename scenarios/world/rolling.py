"""What goods roll on: trains with their wagons, trucks with their trailers, numbered as each network numbers them."""

from __future__ import annotations

from exchange.identifiers import wagon_1520, wagon_uic
from exchange.messages import TransportMeans
from nodes.comparing import BROAD_GAUGE
from scenarios.scenario import Flow
from scenarios.world.schedule import Plan

CHINA = "CN"
"""Its railways have standard gauge and seven-digit wagon numbers of their own."""
PLATES = {"CN": ("HE", "HG")}
"""Letters on the plates of trucks and trailers; elsewhere the country's code and the flow's, a T on trailers."""


def serial(plan: Plan, unit: int) -> int:
    """Return the number of ``unit`` among all units of the flow."""
    return plan.number * 100 + unit


def unit_id(flow: Flow, plan: Plan, unit: int, country: str) -> str:
    """Return the number of the wagon under ``unit`` on the railway of ``country``, or a truck's trailer plate."""
    number, boxes = serial(plan, unit), flow.unit == "container"
    if flow.mode == "road":
        return f"{_letters(flow, country)[1]}{number % 100000:05d}"
    if country == CHINA:
        return f"{'5' if boxes else '1'}{number % 1000000:06d}"
    if country in BROAD_GAUGE:
        return wagon_1520(f"{'94' if boxes else '61'}{number % 100000:05d}")
    return wagon_uic(f"3351{'45' if boxes else '59'}{number // 1000 % 100:02d}{number % 1000:03d}")


def means(flow: Flow, plan: Plan, units: range, country: str) -> tuple[TransportMeans, ...]:
    """Return train and wagons on the network of ``country``, or truck and trailer registered there."""
    if flow.mode == "road":
        plates = (f"{_letters(flow, country)[0]}{serial(plan, 0) % 100000:05d}", unit_id(flow, plan, units[0], country))
        return tuple(
            TransportMeans(mode_code="3", identification_type=kind, id=plate, nationality=country)
            for kind, plate in zip(("30", "31"), plates, strict=True)
        )
    train = TransportMeans(mode_code="2", identification_type="21", id=f"X{8000 + plan.number}")
    wagons = (unit_id(flow, plan, unit, country) for unit in units)
    return (train, *(TransportMeans(mode_code="2", identification_type="20", id=wagon) for wagon in wagons))


def _letters(flow: Flow, country: str) -> tuple[str, str]:
    own = f"{country}{flow.vehicles.prefix}"
    return PLATES.get(country, (own, f"{own}T"))


__all__ = ["means", "serial", "unit_id"]
