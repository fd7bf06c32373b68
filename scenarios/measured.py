"""What is measured of a run: one arm of one replication, as its world, its exchange and its nodes leave it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from exchange.references import strip_run
from scenarios.account import account
from scenarios.events import ArmRun, Event
from scenarios.imaging.tally import tally
from scenarios.matters import has_matters, matters_of
from scenarios.reasons import reasons_of
from scenarios.told import told
from scenarios.transport import Exchanged, Log

if TYPE_CHECKING:
    from nodes.core import NodeCore
    from scenarios.run import Job
    from scenarios.world import World


def accounted(job: Job) -> bool:
    """Return whether it is counted what faults did to the messages of ``job``."""
    return (job.twin or bool(job.scenario.faults)) and job.outside is None


def brief(job: Job) -> bool:
    """Return whether what is measured of ``job`` needs no more of its messages than their number and what they tell."""
    return not (job.traced or job.messages_to is not None or job.scenario.images is not None or accounted(job))


def measured_run(job: Job, world: World, log: Log, cores: Mapping[str, NodeCore]) -> ArmRun:
    """Return what happened in ``world`` and was exchanged, once all are through.

    What nodes run by others keep to themselves is left out.
    """
    return ArmRun(
        arm=job.arm,
        replication=job.replication,
        consignments=world.consignments,
        events=_event_log(world.events, log, job.scenario.start) if job.traced else tuple(world.events),
        utilisation=world.utilisation(),
        queues=world.queues(),
        messages=log.counts(),
        told=told(log, job.scenario.start),
        images=tally(log) if job.scenario.images is not None else None,
        account=account(cores, log) if accounted(job) else None,
        reasons=reasons_of(cores) if job.traced and job.outside is None else (),
        matters=matters_of(cores, job.scenario.start) if has_matters(job.scenario) and job.outside is None else None,
    )


def _event_log(events: Sequence[Event], log: Sequence[Exchanged], start: datetime) -> tuple[Event, ...]:
    """Return the world's events and the messages as one log, sorted by time, case and ordinal."""
    second = timedelta(seconds=1)
    messages = [
        Event(
            (item.at - start) // second,
            strip_run(item.ucr),
            item.header.ordinal,
            "message",
            {
                "code": item.code,
                "sender": item.header.sender,
                "recipient": item.header.recipient,
                "id": item.header.message_id,
                "accepted": item.accepted,
            },
        )
        for item in log
    ]
    return tuple(
        sorted([*events, *messages], key=lambda e: (e.at, e.case, e.ordinal, e.kind, str(e.data.get("id", ""))))
    )


__all__ = ["accounted", "brief", "measured_run"]
