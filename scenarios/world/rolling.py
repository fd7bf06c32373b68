"""What goods travel on: trains and wagons, trucks and trailers, ships, barges, aircraft, as each mode numbers them.

All numbers are made up, in forms that the rules of the messages ask for (PIX-008, PIX-018): ships have IMO numbers
that begin with 0 and aircraft fly for the airline ZZ, which are given to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal
from zlib import crc32

from exchange.identifiers import wagon_1520, wagon_uic
from exchange.messages import TransportMeans
from nodes.comparing import BROAD_GAUGE
from scenarios.scenario import Flow, Scenario
from scenarios.scenario.sailing import Line
from scenarios.scenario.traffic import MODE_CODES, Mode
from scenarios.world.schedule import Plan, ready

CHINA = "CN"
"""Its railways have standard gauge and seven-digit wagon numbers of their own."""
PLATES = {"CN": ("HE", "HG")}
"""Letters on the plates of trucks and trailers; elsewhere the country's code and the flow's, a T on trailers."""
DOCUMENTS: dict[Mode, Literal["SMGS", "CMR", "BL", "AWB"]] = {
    "rail": "SMGS",
    "road": "CMR",
    "sea": "BL",
    "inland_water": "BL",
    "air": "AWB",
}
"""The transport document of the mode by which the goods set out."""


def serial(plan: Plan, unit: int) -> int:
    """Return the number of ``unit`` among all units of the flow."""
    return plan.number * 100 + unit


def unit_id(flow: Flow, plan: Plan, unit: int, country: str, mode: Mode | None = None) -> str:
    """Return the number of the wagon under ``unit`` on the railway of ``country``, a truck's trailer plate, or the
    number of a pallet by air; ``mode``: that of the leg, the first one's if not given."""
    number, boxes = serial(plan, unit), flow.unit == "container"
    mode = mode or flow.leg_mode(0)
    if flow.unit == "pallet" and mode == "air":
        return f"PMC{number % 100000:05d}ZZ"
    if mode == "road":
        return f"{_letters(flow, country)[1]}{number % 100000:05d}"
    if country == CHINA:
        return f"{'5' if boxes else '1'}{number % 1000000:06d}"
    if country in BROAD_GAUGE:
        return wagon_1520(f"{'94' if boxes else '61'}{number % 100000:05d}")
    return wagon_uic(f"3351{'45' if boxes else '59'}{number // 1000 % 100:02d}{number % 1000:03d}")


def means(
    flow: Flow, plan: Plan, units: Sequence[int], country: str, mode: Mode | None = None, ship: str | None = None
) -> tuple[TransportMeans, ...]:
    """Return what ``units`` travel on: train and wagons on the network of ``country``, truck and trailer registered
    there, a ship (of the flow's own, or the one of a line whose IMO number is ``ship``), a barge or a flight.

    ``mode`` is that of the leg, the first leg's if not given.
    """
    mode = mode or flow.leg_mode(0)
    code = MODE_CODES[mode]
    if mode == "road":
        first = units[0] if flow.mode == "multimodal" else 0  # each container of a batch has a truck of its own
        plates = (
            f"{_letters(flow, country)[0]}{serial(plan, first) % 100000:05d}",
            unit_id(flow, plan, units[0], country, mode),
        )
        return tuple(
            TransportMeans(mode_code=code, identification_type=kind, id=plate, nationality=country)
            for kind, plate in zip(("30", "31"), plates, strict=True)
        )
    if mode == "rail":
        train = TransportMeans(mode_code=code, identification_type="21", id=f"X{8000 + plan.number}")
        wagons = [unit_id(flow, plan, unit, country, mode) for unit in units]  # by the thousand, with check digits
        return (train, *[_wagon(code, wagon) for wagon in wagons])
    if mode == "air":
        return (TransportMeans(mode_code=code, identification_type="40", id=f"ZZ{_line(flow):02d}{plan.number:02d}"),)
    if mode == "sea":
        number = imo(_line(flow) * 1000 + plan.number) if ship is None else ship
        return (TransportMeans(mode_code=code, identification_type="10", id=number),)
    return (TransportMeans(mode_code=code, identification_type="81", id=f"BARGE {_line(flow)}-{plan.number}"),)


@lru_cache(maxsize=8192)
def _wagon(code: str, number: str) -> TransportMeans:
    """Return a wagon: the arms of a replication have the same."""
    return TransportMeans.made({"mode_code": code, "identification_type": "20", "id": number})


def imo(number: int) -> str:
    """Return the made-up IMO number of ship ``number``: 0, five digits and the check digit (weights 7 to 2)."""
    body = f"0{number % 100000:05d}"
    return body + str(sum(int(digit) * weight for digit, weight in zip(body, range(7, 1, -1), strict=True)) % 10)


def ship_number(name: str, line: Line, number: int) -> str:
    """Return the IMO number of the ship that makes sailing ``number`` (from 0) of the line called ``name``."""
    return imo(10_000 + crc32(name.encode()) % 90 * 1000 + number % line.ships.number)


def planned_ship(scenario: Scenario, flow: Flow, plan: Plan) -> str | None:
    """Return the ship of a line on which goods that set out by sea are planned to sail first, if there is one."""
    for leg, stop in zip(flow.legs, range(len(flow.legs)), strict=True):
        if flow.leg_mode(stop) != "sea":
            return None
        if leg.sailing is not None:
            line = scenario.sailings[leg.sailing]
            return ship_number(leg.sailing, line, line.next(ready(scenario, flow, plan.expected, stop)))
    return None


def _line(flow: Flow) -> int:
    """Return a number for the flow's own ships and flights (0–99), by the letters of its vehicles."""
    total = 0
    for letter in flow.vehicles.prefix:
        total = total * 26 + ord(letter) - ord("A")
    return total % 100


def _letters(flow: Flow, country: str) -> tuple[str, str]:
    own = f"{country}{flow.vehicles.prefix}"
    return PLATES.get(country, (own, f"{own}T"))


__all__ = ["DOCUMENTS", "MODE_CODES", "imo", "means", "planned_ship", "serial", "ship_number", "unit_id"]
