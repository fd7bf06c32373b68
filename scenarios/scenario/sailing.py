"""Lines on which ships sail at a schedule, as a scenario file states them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictStr, model_validator

from scenarios.scenario.distributions import seconds
from scenarios.scenario.figures import Count, Duration, Hours, Share, Speed, Strict


class Closing(Strict):
    """Bad weather: how many sailings it holds up, and how long each."""

    share: Share
    lasts: Duration


class Closed(Strict):
    """A time in which no ship leaves the port, in hours from the scenario's start."""

    from_: Hours = Field(alias="from")
    until: Hours | None = Field(default=None, description="Left out: for ever.")

    @model_validator(mode="after")
    def _forward(self) -> Closed:
        if self.until is not None and self.until.value <= self.from_.value:
            raise ValueError(f"closed until {self.until.is_}, which is not after {self.from_.is_}: correct one of them")
        return self


class Line(Strict):
    """Ships between two ports. The same in all arms: what services tell one another moves no ship."""

    title: Annotated[StrictStr, Field(min_length=1, max_length=512)]
    interval: Hours = Field(description="Between two sailings of the timetable.")
    first: Hours = Field(description="First sailing, from the scenario's start.")
    capacity: Count = Field(description="Containers that a ship holds.")
    others: Share = Field(description="Of the capacity, taken by freight that is no part of the scenario (median).")
    others_spread: Share = Field(description="Log-sigma of what the others take; it never exceeds the capacity.")
    loading: Hours = Field(description="Before departure: what comes to the quay later waits for another ship.")
    delay: Duration = Field(description="How much later than in the timetable a ship leaves.")
    weather: Closing | None = None
    closed: tuple[Closed, ...] = ()
    speed: Speed
    spread: Share = Field(description="Log-sigma of the lognormal voyage.")
    ships: Count = Field(description="Ships that sail in turn.")

    @model_validator(mode="after")
    def _ever(self) -> Line:
        if self.interval.value <= 0:
            raise ValueError(f"an interval of {self.interval.is_} is no timetable: give more than 0 h")
        if self.capacity.number < 1 or self.ships.number < 1:
            raise ValueError("needs at least one ship, and room for at least one container on it")
        if self.others.value >= 1:
            raise ValueError("others take the whole ship, so nothing of the scenario would ever sail: lower 'others'")
        return self

    def scheduled(self, number: int) -> int:
        """Return when sailing ``number`` (from 0) leaves by the timetable, in seconds from the scenario's start."""
        return seconds(self.first.value + number * self.interval.value)

    def next(self, ready: int) -> int:
        """Return the number of the first sailing of the timetable for goods that are at the quay at ``ready``."""
        gates = ready + seconds(self.loading.value) - seconds(self.first.value)
        return max(0, -(-gates // seconds(self.interval.value)))

    @property
    def room(self) -> float:
        """Containers that a usual sailing has room for, beside the others."""
        return self.capacity.number * (1 - self.others.value)

    @property
    def shut(self) -> float | None:
        """Hours from the scenario's start from which no ship sails ever again, if the file says so."""
        return min((closed.from_.value for closed in self.closed if closed.until is None), default=None)


__all__ = ["Closed", "Closing", "Line"]
