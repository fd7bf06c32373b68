"""Faults on purpose, as a scenario file states them: what goes wrong with deliveries between services, where and when.

``from`` and ``to`` are times after the scenario's start; ``senders``, ``recipients`` and ``codes`` narrow a fault down
to some messages (left out: all between services).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, StrictStr

from exchange.messages.base import CountryCode
from scenarios.scenario.figures import Duration, Hours, Share, Strict

FaultId = Annotated[StrictStr, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
MessageCode = Annotated[StrictStr, Field(pattern=r"^[A-Z]{3}$")]
Services = Annotated[tuple[CountryCode, ...], Field(min_length=1)]


class _Fault(Strict):
    id: FaultId


class _OnLink(_Fault):
    share: Share = Field(description="Of the messages on the link; of the attempts, where they are lost.")
    senders: tuple[CountryCode, ...] = ()
    recipients: tuple[CountryCode, ...] = ()
    codes: tuple[MessageCode, ...] = ()


class LossFile(_OnLink):
    """A share of the attempts to deliver is lost."""

    kind: Literal["loss"]
    what: Literal["request", "response"] = Field(
        default="request", description="response: the recipient has it, but the sender does not know."
    )


class DelayFile(_OnLink):
    """A share of the messages is held up; what follows in their case waits behind them."""

    kind: Literal["delay"]
    by: Duration


class DuplicateFile(_OnLink):
    """A share of the messages comes a second time."""

    kind: Literal["duplicate"]
    after: Duration


class ReorderFile(_OnLink):
    """A share of the messages leaves late and is overtaken by what follows."""

    kind: Literal["reorder"]
    by: Duration


class _InTime(_Fault):
    from_: Hours = Field(alias="from")
    until: Hours


class PartitionFile(_InTime):
    """Two groups of services cannot reach each other for a time."""

    kind: Literal["partition"]
    one: Services
    other: Services


class OutageFile(_InTime):
    """A service reaches no other and is reached by none for a time; its own posts and traders are not touched."""

    kind: Literal["outage"]
    node: CountryCode
    announced: Hours | None = Field(
        default=None,
        description="How long before it begins the service tells its partners (UNA); left out: it does not.",
    )


class RandomOutagesFile(_Fault):
    """Each service is down on a share of the days, once a day at most."""

    kind: Literal["outages"]
    nodes: tuple[CountryCode, ...] = ()
    days: Share = Field(description="Of the days of each service.")
    lasts: Duration


class ClockFile(_InTime):
    """The clock of a service is off for a time: beyond five minutes its partners refuse what it signs."""

    kind: Literal["clock"]
    node: CountryCode
    off: Hours
    direction: Literal["ahead", "behind"] = "ahead"


FaultFile = Annotated[
    LossFile | DelayFile | DuplicateFile | ReorderFile | PartitionFile | OutageFile | RandomOutagesFile | ClockFile,
    Field(discriminator="kind"),
]

_NAMING = ("senders", "recipients", "nodes", "one", "other")


def fault_problems(faults: tuple[Any, ...], services: tuple[str, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the location and the sentence of what does not fit in the ``faults`` of a scenario with ``services``."""
    ids: set[str] = set()
    for number, fault in enumerate(faults):
        here: tuple[str | int, ...] = ("faults", number)
        if fault.id in ids:
            yield (*here, "id"), f"{fault.id!r} names another fault already: give each its own id"
        ids.add(fault.id)
        named = [(name, service) for name in _NAMING for service in getattr(fault, name, ())]
        named += [("node", fault.node)] if hasattr(fault, "node") else []
        for name, service in named:
            if service not in services:
                yield (*here, name), f"service {service!r} does not exist: correct it; known are {', '.join(services)}"
        if isinstance(fault, _InTime) and fault.from_.value >= fault.until.value:
            yield (*here, "until"), "ends before it begins: give a later time than 'from'"
        if isinstance(fault, PartitionFile) and (both := sorted(set(fault.one) & set(fault.other))):
            yield (*here, "other"), f"{', '.join(both)} cannot be parted from itself: name each service once"


__all__ = [
    "ClockFile",
    "DelayFile",
    "DuplicateFile",
    "FaultFile",
    "LossFile",
    "OutageFile",
    "PartitionFile",
    "RandomOutagesFile",
    "ReorderFile",
    "fault_problems",
]
