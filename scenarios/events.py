"""The event log of a run: what happened to whom and when. All metrics are computed from it.

Times are whole seconds since the scenario's start. Kinds and their data:

=============  =====================================================================================================
``lodged``     ``office``; where times at the border are booked ``wished``, when the carrier would have come there
``control``    ``office``, ``side`` (key, or null at departure), ``presentation``, ``form``, ``extent``, ``began``,
               ``ended``, ``officer_seconds``, ``found`` (an irregularity), ``before_arrival``
``image``      ``office``, ``sha256``, ``size`` (bytes), ``act``: an inspection image that a post told its node of
``departed``   ``place``, ``vehicle``, ``km``
``reached``    ``place``, ``vehicle``, ``km``: arrival at a yard or intermediate stop
``left``       ``place``, ``vehicle``, ``km``
``sailed``     ``place``, ``vehicle``, ``km``, ``line``, ``ship``, ``waited``: seconds on the quay; part of the queue
               where the ship leaves from a border side
``arrived``    ``side``, ``vehicle``, ``km``: joins the queue of a border side
``presented``  ``side``: shown to the customs of a border side, in their zone
``released``   ``side``: nothing remains to be controlled there
``handled``    ``side``, ``expected`` (second at which the plan has it arrive, or null), ``gauge`` (end of the change of
               gauge, or null), ``worked``: ``[[begin, end], …]``, work on the vehicle other than customs
``alert``      ``office``: where goods that have left are suspected; whether others hear of it, agreements say
``mismatch``   ``side``, ``what`` (``seal`` or ``mass``)
``cut-out``    ``side``, ``vehicle``
``seized``     ``office``, ``side``, ``form``
``crossed``    ``side``, ``vehicle``, ``km``, ``segments``: ``[[phase, begin, end], …]``, a partition of the time from
               ``arrived`` to ``crossed``; phases are queue, documents, scan, inspection, gauge, other
``differs``    ``office``, ``form``: another mass found at destination than declared
``delivered``  ``place``, ``vehicle``, ``km``
``message``    ``code``, ``sender``, ``recipient``, ``id``, ``accepted``
=============  =====================================================================================================

``side`` is the key ``<office>-<exit|entry>``; ``km`` the distance from the start of the flow's route.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from scenarios.account import Account
from scenarios.imaging.tally import ImageTally
from scenarios.matters import Matters
from scenarios.queueing import QueueFigures
from scenarios.told import Told

PHASES = ("queue", "documents", "scan", "inspection", "gauge", "other")
"""What can hold a vehicle at a border side, in the order of the tables."""


class Event(NamedTuple):
    """One event. ``case`` is the consignment's base UCR (without run and arm)."""

    at: int
    case: str
    ordinal: int
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Irregularity:
    """What is wrong with a consignment, fixed by luck.

    ``arises`` is the number of entry sides already passed when it arises: 0 before departure (``origin`` is
    ``departure``), else on the way before entry side number ``arises`` (1 …).
    """

    grade: Literal["easy", "hard"]
    arises: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentFacts:
    """What luck and the scenario fixed about a consignment; the same in all arms."""

    case: str
    flow: str
    vehicle: str
    containers: int
    on_list: bool
    irregularity: Irregularity | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRun:
    """One arm of one replication, as it went.

    ``utilisation``: side key → resource name → share of its capacity in use over the counted time (0–1).
    ``queues``: side key → resource name → what its queue came to over the counted time; work on what has not arrived
    yet has a queue of its own (``desks before arrival``). ``messages``: counts ``sent``, ``accepted``, ``rejected``.
    ``account``: of a run with faults, or of its twin. ``reasons``: why goods were stopped or not
    (:mod:`scenarios.reasons`), of a run whose events are all kept. ``images``: of a run whose posts take any.
    ``matters``: what services asked each other of goods, where the scenario's flows give cause to. ``elsewhere``: how
    services that somebody else runs kept to what is agreed, as outcomes of checks.
    """

    arm: str
    replication: int
    consignments: tuple[ConsignmentFacts, ...]
    events: tuple[Event, ...]
    utilisation: Mapping[str, Mapping[str, float]]
    messages: Mapping[str, int]
    account: Account | None = None
    matters: Matters | None = None
    queues: Mapping[str, Mapping[str, QueueFigures]] = field(default_factory=dict)
    told: Told = field(default_factory=Told)
    reasons: tuple[Mapping[str, Any], ...] = ()
    images: ImageTally | None = None
    elsewhere: tuple[Mapping[str, Any], ...] = ()


__all__ = ["PHASES", "ArmRun", "ConsignmentFacts", "Event", "Irregularity"]
