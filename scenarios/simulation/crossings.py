"""The five ways out of China that the year of trains is spread over, with what limits each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TRAINS = 17_523
"""China–Europe trains of 2023 (verified: China State Railway Group)."""
DAYS = 365
UNITS, DECLARATIONS = 45, 3
"""Containers of a train, and the declarations they stand in (designed: a round figure)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """One country's post on a way. ``code``: its office; ``name``, ``lat``, ``lon``: where it stands (recalled)."""

    code: str
    name: str
    country: str
    timezone: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A way out of China.

    ``share`` of all trains (designed); ``capacity``: trains a day that its transfer takes (``mark``, ``source``).
    ``exit`` and ``entry`` are its two posts; ``onward`` the posts of a second customs border, where there is one.
    ``start``: where its trains come from, ``away`` kilometres by rail (recalled). ``gauge``: whether wagons change.
    """

    name: str
    letter: str
    share: float
    capacity: float
    mark: str
    source: str
    start: Half
    away: int
    exit: Half
    entry: Half
    goes_on: int
    onward: tuple[Half, Half] | None = None

    @property
    def offices(self) -> tuple[Half, ...]:
        """Return its posts in the order of the way, from the start on."""
        return (self.start, self.exit, self.entry, *(self.onward or ()))


def _china(code: str, name: str, lat: float, lon: float) -> Half:
    return Half(code=code, name=name, country="CN", timezone="Asia/Shanghai", lat=lat, lon=lon)


CROSSINGS: Sequence[Crossing] = (
    Crossing(
        name="Alashankou", letter="A", share=0.35, capacity=22.0, mark="verified",
        source="trains a day that Dostyk takes over, Kazakhstan Temir Zholy; set at the transfer from Alashankou",
        start=_china("9961", "Chongqing", 29.56, 106.55), away=4000,
        exit=_china("9962", "Alashankou", 45.17, 82.57),
        entry=Half(code="99161", name="Dostyk", country="KZ", timezone="Asia/Almaty", lat=45.25, lon=82.48),
        goes_on=4300,
    ),
    Crossing(
        name="Khorgos", letter="K", share=0.33, capacity=19.5, mark="verified",
        source="trains a day that Khorgos takes (19 to 20)",
        start=_china("9963", "Xi'an", 34.37, 109.05), away=3240,
        exit=_china("9964", "Khorgos", 44.21, 80.41),
        entry=Half(code="99162", name="Altynkol", country="KZ", timezone="Asia/Almaty", lat=44.20, lon=80.30),
        goes_on=4330,
    ),
    Crossing(
        name="Manzhouli", letter="M", share=0.20, capacity=20.0, mark="verified",
        source="trains a day at the record of Manzhouli",
        start=_china("9965", "Suzhou", 31.30, 120.60), away=3200,
        exit=_china("9966", "Manzhouli", 49.60, 117.43),
        entry=Half(code="99666010", name="Zabaikalsk", country="RU", timezone="Asia/Chita", lat=49.65, lon=117.33),
        goes_on=6600,
    ),
    Crossing(
        name="Erenhot", letter="E", share=0.11, capacity=7.0, mark="verified",
        source="trains a day that Zamyn-Uud handles",
        start=_china("9967", "Zhengzhou", 34.75, 113.65), away=1300,
        exit=_china("9968", "Erenhot", 43.633, 111.967),
        entry=Half(code="99661", name="Zamyn-Uud", country="MN", timezone="Asia/Ulaanbaatar", lat=43.733, lon=111.9),
        onward=(
            Half(code="99662", name="Sukhbaatar", country="MN", timezone="Asia/Ulaanbaatar", lat=50.23, lon=106.20),
            Half(code="99667010", name="Naushki", country="RU", timezone="Asia/Irkutsk", lat=50.38, lon=106.10),
        ),
        goes_on=5900,
    ),
    Crossing(
        name="Suifenhe", letter="S", share=0.01, capacity=3.0, mark="designed",
        source="no source found; far above its share",
        start=_china("9969", "Harbin", 45.76, 126.65), away=550,
        exit=_china("9970", "Suifenhe", 44.40, 131.15),
        entry=Half(code="99668010", name="Grodekovo", country="RU", timezone="Asia/Vladivostok", lat=44.42, lon=131.38),
        goes_on=9100,
    ),
)  # fmt: skip


def spread(trains: int) -> dict[str, int]:
    """Return how many of ``trains`` take each way: by the shares, what is left to the greatest remainders."""
    counts = {one.name: int(trains * one.share) for one in CROSSINGS}
    rest = sorted(CROSSINGS, key=lambda one: counts[one.name] - trains * one.share)
    for one in rest[: trains - sum(counts.values())]:
        counts[one.name] += 1
    return counts


__all__ = ["CROSSINGS", "DAYS", "DECLARATIONS", "TRAINS", "UNITS", "Crossing", "Half", "spread"]
