"""Figures: numbers of the real world as a scenario file states them, each with its unit, mark and source.

A figure is a mapping ``{is: "tri(2, 3, 5) h", mark: designed, source: "…"}``. What ``is`` may say depends on the
kind of figure; a number without its unit, or with another kind's unit, is an error.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictStr, model_validator

from scenarios.scenario.distributions import HOUR, Distribution, Kind

Mark = Literal["verified", "recalled", "designed"]
"""How well a figure is known: found in the source named, general knowledge, or our own proposal."""


class Strict(BaseModel):
    """A frozen part of a scenario file; unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, ignored_types=(cached_property,))


NUMBER = r"[0-9]+(?:\.[0-9]+)?"
KNOT = 1.852
"""Kilometres an hour."""
TIME_UNITS = {"s": 1 / HOUR, "min": 1 / 60, "h": 1.0, "d": 24.0}
_TIME = "s|min|h|d"


class Figure(Strict):
    """A number with its unit, how well it is known, and where it comes from."""

    UNITS: ClassVar[str] = ""
    """What ``is`` may look like, for messages."""

    is_: StrictStr = Field(alias="is", description="The value with its unit.")
    mark: Mark = Field(description="verified in the source named, recalled (general knowledge) or designed.")
    source: StrictStr = Field(min_length=3, description="Where the figure comes from, or why it was chosen.")

    @model_validator(mode="after")
    def _readable(self) -> Figure:
        self.parse()
        return self

    def parse(self) -> Any:
        """Return what ``is`` says; raise ValueError if it does not fit the kind of figure."""
        raise NotImplementedError

    def match(self, pattern: str) -> re.Match[str]:
        """Return the match of ``pattern`` with the whole of ``is``; raise ValueError if there is none."""
        found = re.fullmatch(pattern, self.is_.strip())
        if found is None:
            raise ValueError(f"{self.is_!r} is not {self.UNITS}: give the number with its unit, in quotes")
        return found


class NumberFigure(Figure):
    """A figure that is one number, given by :attr:`value`."""

    def parse(self) -> float:
        raise NotImplementedError

    @cached_property
    def value(self) -> float:
        """The number, in the unit that the class names."""
        return self.parse()


class Hours(NumberFigure):
    """A fixed duration; ``value`` in hours."""

    UNITS: ClassVar[str] = "a duration such as '4 h', '30 min' or '21 d'"

    def parse(self) -> float:
        found = self.match(rf"({NUMBER}) ({_TIME})")
        return float(found[1]) * TIME_UNITS[found[2]]


class Share(NumberFigure):
    """A share or a spread; ``value`` as a fraction (``15 %`` is 0.15)."""

    UNITS: ClassVar[str] = "a share such as '15 %'"

    def parse(self) -> float:
        value = float(self.match(rf"({NUMBER}) %")[1]) / 100
        if value > 1:
            raise ValueError(f"{self.is_!r} is more than 100 %: give a share from 0 % to 100 %")
        return value


class Count(NumberFigure):
    """A number of things; ``number`` as an integer."""

    UNITS: ClassVar[str] = "a whole number with what is counted, such as '4 desks'"

    def parse(self) -> float:
        return float(self.match(r"([0-9]+) [a-z][a-z ]*")[1])

    @property
    def number(self) -> int:
        """The number of things."""
        return int(self.value)


class Rate(NumberFigure):
    """Vehicles in a day; ``value`` a day."""

    UNITS: ClassVar[str] = "a rate such as '7.5 trains/d'"

    def parse(self) -> float:
        return float(self.match(rf"({NUMBER}) (?:trains|trucks|ships|flights|containers)/d")[1])


class Distance(NumberFigure):
    """A length of line or road; ``value`` in kilometres."""

    UNITS: ClassVar[str] = "a distance such as '3240 km'"

    def parse(self) -> float:
        return float(self.match(rf"({NUMBER}) km")[1])


class Speed(NumberFigure):
    """A travelling speed with its technical stops; ``value`` in kilometres an hour."""

    UNITS: ClassVar[str] = "a speed such as '620 km/d', '40 km/h' or '12 kn'"

    def parse(self) -> float:
        found = self.match(rf"({NUMBER}) (?:km/([dh])|kn)")
        value = float(found[1]) / TIME_UNITS[found[2]] if found[2] else float(found[1]) * KNOT
        if value <= 0:
            raise ValueError(f"{self.is_!r} would never arrive: give a speed above zero")
        return value


class Mass(NumberFigure):
    """A mass; ``value`` in kilograms."""

    UNITS: ClassVar[str] = "a mass such as '18000 kg'"

    def parse(self) -> float:
        return float(self.match(rf"({NUMBER}) kg")[1])


class Bytes(NumberFigure):
    """The size of a file; ``value`` in bytes."""

    UNITS: ClassVar[str] = "a size such as '25 MB' or '300 kB'"

    def parse(self) -> float:
        found = self.match(rf"({NUMBER}) (kB|MB)")
        return float(found[1]) * {"kB": 1e3, "MB": 1e6}[found[2]]


class LineSpeed(NumberFigure):
    """How fast a line carries data; ``value`` in bits a second."""

    UNITS: ClassVar[str] = "a speed of a line such as '20 Mbit/s'"

    def parse(self) -> float:
        value = float(self.match(rf"({NUMBER}) Mbit/s")[1]) * 1e6
        if value <= 0:
            raise ValueError(f"{self.is_!r} would never carry anything: give a speed above zero")
        return value


class Interval(NamedTuple):
    """Two bounds in hours."""

    low: float
    high: float


class HoursRange(Figure):
    """A band of hours, ``14.0 to 34.8 h``."""

    UNITS: ClassVar[str] = "a band such as '14.0 to 34.8 h' or '10 to 18 d'"

    def parse(self) -> Interval:
        found = self.match(rf"({NUMBER}) to ({NUMBER}) ({_TIME})")
        low, high = (float(found[i]) * TIME_UNITS[found[3]] for i in (1, 2))
        if low >= high:
            raise ValueError(f"{self.is_!r} runs backwards: give the lower bound first")
        return Interval(low, high)

    @cached_property
    def value(self) -> Interval:
        """Lower and upper bound in hours."""
        return self.parse()


class Duration(Figure):
    """How long something takes: fixed, ``tri(min, mode, max)``, ``LN(median, log-sigma)``, ``U(low, high)`` or
    ``exp(mean)``."""

    UNITS: ClassVar[str] = "a duration such as '2.6 h', 'tri(2, 3, 5) h', 'LN(8, 0.6) h', 'U(12, 36) h' or 'exp(2) h'"

    def parse(self) -> Distribution:
        found = self.match(rf"(?:({NUMBER})|(tri|LN|U|exp)\(([^()]*)\)) ({_TIME})")
        unit = TIME_UNITS[found[4]]
        if found[1] is not None:
            return Distribution("fixed", (float(found[1]) * unit,))
        kind, parts = found[2], [part.strip() for part in found[3].split(",")]
        wanted = {"tri": 3, "exp": 1}.get(kind, 2)
        if len(parts) != wanted or not all(re.fullmatch(NUMBER, part) for part in parts):
            raise ValueError(
                f"{self.is_!r}: {kind} takes {wanted} number{'s' if wanted > 1 else ''}, as in {self.UNITS}"
            )
        numbers = [float(part) for part in parts]
        if kind == "LN":
            if numbers[0] <= 0:
                raise ValueError(f"{self.is_!r}: the median of LN must be above zero")
            return Distribution("lognormal", (numbers[0] * unit, numbers[1]))
        if numbers != sorted(numbers):
            raise ValueError(f"{self.is_!r}: the numbers of {kind} must not fall")
        kinds: dict[str, Kind] = {"tri": "triangular", "U": "uniform", "exp": "exponential"}
        return Distribution(kinds[kind], tuple(n * unit for n in numbers))

    @cached_property
    def value(self) -> Distribution:
        """The distribution, in hours."""
        return self.parse()


class DayProfile(Figure):
    """Weights of the hours of a day, ``00-06 0.125, 06-24 1`` (local time)."""

    UNITS: ClassVar[str] = "weights of the hours of a day, such as '00-06 0.125, 06-24 1'"

    def parse(self) -> tuple[float, ...]:
        weights: list[float] = []
        for part in self.is_.split(","):
            found = re.fullmatch(rf"([0-9]{{2}})-([0-9]{{2}}) ({NUMBER})", part.strip())
            if found is None or int(found[1]) != len(weights) or int(found[2]) <= len(weights):
                raise ValueError(f"{self.is_!r} is not {self.UNITS}, in order and without gaps")
            weights += [float(found[3])] * (int(found[2]) - int(found[1]))
        if len(weights) != 24 or sum(weights) <= 0:
            raise ValueError(f"{self.is_!r} must cover the hours 00 to 24 once")
        return tuple(weights)

    @cached_property
    def value(self) -> tuple[float, ...]:
        """24 weights, from midnight, local time."""
        return self.parse()


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
"""The days of a week, as files name them."""


class WeekProfile(Figure):
    """Weights of the days of a week, ``Mon-Fri 1, Sat 0.5, Sun 0.2`` (local time); a rate is the mean over the week."""

    UNITS: ClassVar[str] = "weights of the days of a week, such as 'Mon-Fri 1, Sat 0.5, Sun 0.2'"

    def parse(self) -> tuple[float, ...]:
        weights: list[float] = []
        for part in self.is_.split(","):
            found = re.fullmatch(rf"([A-Z][a-z]{{2}})(?:-([A-Z][a-z]{{2}}))? ({NUMBER})", part.strip())
            days = [found[1], found[2] or found[1]] if found is not None else []
            if found is None or any(day not in WEEKDAYS for day in days) or WEEKDAYS.index(days[0]) != len(weights):
                raise ValueError(f"{self.is_!r} is not {self.UNITS}, in order and without gaps")
            weights += [float(found[3])] * (WEEKDAYS.index(days[1]) + 1 - len(weights))
        if len(weights) != len(WEEKDAYS) or sum(weights) <= 0:
            raise ValueError(f"{self.is_!r} must cover the days Mon to Sun once")
        mean = sum(weights) / len(weights)
        return tuple(weight / mean for weight in weights)

    @cached_property
    def value(self) -> tuple[float, ...]:
        """Seven factors with mean 1, from Monday, local time."""
        return self.parse()


class FigureRow(NamedTuple):
    """One figure of a file, for the table of figures."""

    path: str
    value: str
    unit: str
    mark: str
    source: str


def split_unit(text: str) -> tuple[str, str]:
    """Return value and unit of what a figure says (``('tri(2, 3, 5)', 'h')``); the unit may be empty."""
    found = re.fullmatch(rf"(.*?(?:\)|{NUMBER})) ([A-Za-z%/ ]+)", text)
    return (found[1], found[2]) if found else (text, "")


__all__ = [
    "Bytes",
    "Count",
    "DayProfile",
    "Distance",
    "Distribution",
    "Duration",
    "Figure",
    "FigureRow",
    "Hours",
    "HoursRange",
    "Interval",
    "LineSpeed",
    "Mark",
    "Mass",
    "NumberFigure",
    "Rate",
    "Share",
    "Speed",
    "Strict",
    "split_unit",
]
