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
from scenarios.transport import Exchanged

if TYPE_CHECKING:
    from nodes.core import NodeCore
    from scenarios.run import Job
    from scenarios.world import World


def measured_run(job: Job, world: World, log: Sequence[Exchanged], cores: Mapping[str, NodeCore]) -> ArmRun:
    """Return what happened in ``world`` and was exchanged, once all are through.

    What nodes run by others keep to themselves is left out.
    """
    counted = (job.twin or job.scenario.faults) and job.outside is None
    return ArmRun(
        arm=job.arm,
        replication=job.replication,
        consignments=world.consignments,
        events=_event_log(world.events, log, job.scenario.start) if job.traced else tuple(world.events),
        utilisation=world.utilisation(),
        queues=world.queues(),
        messages=_counts(log),
        told=told(log, job.scenario.start),
        images=tally(log) if job.scenario.images is not None else None,
        account=account(cores, log) if counted else None,
        reasons=reasons_of(cores) if job.traced and job.outside is None else (),
        matters=matters_of(cores, job.scenario.start) if has_matters(job.scenario) and job.outside is None else None,
    )


def _counts(log: Sequence[Exchanged]) -> dict[str, int]:
    accepted = len([item for item in log if item.accepted])
    return {"sent": len(log), "accepted": accepted, "rejected": len(log) - accepted}


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


__all__ = ["measured_run"]
