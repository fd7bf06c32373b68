"""A run: all arms of R paired replications, number 0 over the chosen transport, the others in memory.

Each (replication, arm) is a job of its own: a world, its nodes and a conductor. Luck is a pure function, so the jobs
may run in any order and in any number of processes; the results are put together in their order.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exchange.errors import CorridorError
from exchange.luck import Luck
from exchange.references import run_key, run_ucr
from scenarios.conductor import Conductor
from scenarios.events import ArmRun
from scenarios.faults import faults_of, without_faults
from scenarios.measured import brief, measured_run
from scenarios.parties import build_cores, members, what_if
from scenarios.transport import Exchanged, Transport, no_images
from scenarios.workers import Pool, processors

if TYPE_CHECKING:
    from nodes.core import NodeCore
    from scenarios.live.transport import Outside, OutsideTransport
    from scenarios.metrics.measures import ArmMeasures
    from scenarios.scenario import Scenario
    from scenarios.world import World, WorldError

TRANSPORTS = ("http", "memory")
LEFT_BEHIND = 250_000
"""Objects that runs may leave behind in a process before the garbage among them is collected: some ten runs."""
MOMENT = 0.2
"""Least wall seconds between two reports of progress of one job."""


class RunError(CorridorError):
    """A run could not be made or not be finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a job is: consignments through of those there are, messages so far; ``done`` once it is finished.

    ``at``: simulated time, UTC.
    """

    replication: int
    arm: str
    through: int
    total: int
    messages: int
    done: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One arm of one replication. ``messages_to``: the folder for the XML of what is exchanged, if it is wanted.

    ``scratch``: where the nodes' stores go for the time of the job; a temporary folder of its own if not given.
    ``outside``: where the nodes run, if others run them. ``trace``: keep all events, those of messages too; left out:
    of replication 0. ``twin``: the scenario goes without its faults, to be compared with.
    """

    scenario: Scenario
    seed: int
    run_id: str
    replication: int
    arm: str
    transport: str
    messages_to: Path | None = None
    scratch: Path | None = None
    outside: Outside | None = None
    trace: bool | None = None
    twin: bool = False

    @property
    def traced(self) -> bool:
        """Whether all events are kept."""
        return self.replication == 0 if self.trace is None else self.trace


@dataclass(frozen=True, slots=True, kw_only=True)
class JobResult:
    """What a job measured; ``run`` with all its events only if it was traced."""

    replication: int
    arm: str
    measures: ArmMeasures
    run: ArmRun | None
    twin: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What a run came to: its summary, and the folder it was left in."""

    summary: Mapping[str, Any]
    folder: Path


Watch = Callable[[Progress], None]
Conducted = tuple["ArmRun", Sequence[Exchanged]]
"""What happened in a job, and what was exchanged."""


def default_run_id(scenario: Scenario, seed: int) -> str:
    """Return the id of a run that follows from the scenario's content and the seed."""
    return f"{scenario.digest[:10]}-{seed}"


def run_scenario(
    scenario: Scenario,
    *,
    transport: str = "http",
    replications: int | None = None,
    arms: Sequence[str] = (),
    seed: int | None = None,
    run_id: str | None = None,
    out: Path = Path("out"),
    workers: int | None = None,
    progress: Watch | None = None,
    outside: Outside | None = None,
    only: int | None = None,
) -> RunOutcome:
    """Run ``scenario`` and leave summary, events, messages and report in ``out/<scenario>/<run id>``.

    ``only``: run this replication alone, as it would be among others, and leave it in ``<run id>-r<only>``.
    ``outside``: nodes that run elsewhere and serve replication 0 of one arm; everything else runs on nodes of our own.
    Raise :class:`RunError` if a job cannot be finished. The summary is the contract of ``corridor run --json``.
    """
    from scenarios.metrics import summarise
    from scenarios.output import check_place, write_run

    started = time.monotonic()
    chosen = tuple(arm for arm in scenario.arms if not arms or arm in arms)
    used_seed = scenario.seed if seed is None else seed
    used_id = run_id or default_run_id(scenario, used_seed)
    count = scenario.replications if replications is None else replications
    numbers = range(count) if only is None else (only,)
    folder = out / scenario.id / (used_id if only is None else f"{used_id}-r{only}")
    check_place(folder)
    with tempfile.TemporaryDirectory(prefix="corridor-") as scratch:
        jobs = [
            Job(
                scenario=scenario,
                seed=used_seed,
                run_id=used_id,
                replication=replication,
                arm=arm,
                transport=transport if replication == numbers[0] else "memory",
                messages_to=Path(scratch) / "messages" if replication == numbers[0] else None,
                scratch=Path(scratch),
                outside=outside if outside is not None and replication == 0 and arm == outside.arm else None,
                trace=replication == numbers[0],
            )
            for replication in numbers
            for arm in chosen
        ]
        if scenario.faults:
            jobs += [twin_of(job) for job in jobs]
        results = sorted(
            run_jobs(jobs, workers=workers, progress=progress),
            key=lambda result: (result.replication, chosen.index(result.arm)),
        )
        measures = [result.measures for result in results if not result.twin]
        summary = summarise(
            scenario,
            measures,
            run_id=used_id,
            seed=used_seed,
            transport=transport if outside is None else "members",
            what_if=what_if(scenario),
            wall_seconds=round(time.monotonic() - started, 3),
            twins=[result.measures for result in results if result.twin],
        )
        runs = [result.run for result in results if result.run is not None and not result.twin]
        summary["checks"] += [check for run in runs for check in run.elsewhere]
        write_run(folder, scenario, summary, runs, Path(scratch) / "messages", measures)
    return RunOutcome(summary=summary, folder=folder)


def twin_of(job: Job) -> Job:
    """Return the job of the fault-free twin of ``job``, in memory."""
    return replace(
        job,
        scenario=without_faults(job.scenario),
        transport="memory",
        messages_to=None,
        outside=None,
        trace=False,
        twin=True,
    )


def run_jobs(jobs: Sequence[Job], *, workers: int | None = None, progress: Watch | None = None) -> Iterator[JobResult]:
    """Run jobs in processes (as many as there are processors, unless told) and yield results as they come."""
    with Pool(run_job, min(len(jobs), workers or processors()), progress) as pool:
        yield from pool.run(jobs)


def run_job(job: Job, progress: Watch | None = None) -> JobResult:
    """Run one arm of one replication and measure it."""
    import gc

    from scenarios.metrics import measure
    from scenarios.output import write_messages

    gc.set_threshold(1_000_000, 20, 20)  # a run makes millions of objects, hardly any of them in cycles
    conducted = conduct(job, None if job.twin else progress, short=brief(job))
    run, log = _at_once(conducted) if job.transport == "memory" and job.outside is None else asyncio.run(conducted)
    if job.messages_to is not None:
        write_messages(job.messages_to / job.arm, log)
    del log
    if gc.get_count()[0] > LEFT_BEHIND:
        gc.collect()
    return JobResult(
        replication=job.replication,
        arm=job.arm,
        measures=measure(job.scenario, run),
        run=run if job.traced else None,
        twin=job.twin,
    )


def _at_once(conducted: Coroutine[Any, Any, Conducted]) -> Conducted:
    """Return what a job in memory comes to: it waits for nothing, so that it needs no event loop."""
    try:
        conducted.send(None)
    except StopIteration as end:
        conducted_run: Conducted = end.value
        return conducted_run
    conducted.close()
    raise RunError("a job in memory waited for something outside: that is a fault of the transport")


async def conduct(
    job: Job,
    progress: Watch | None = None,
    keep: Callable[[Mapping[str, NodeCore]], None] | None = None,
    *,
    short: bool = False,
) -> Conducted:
    """Run one job; return what happened and what was exchanged. ``keep`` is given the nodes when all is over.

    ``short``: of what is exchanged in memory, only what tells something need be kept.
    """
    from scenarios.imaging.gallery import Gallery
    from scenarios.world import World, WorldError

    scenario = job.scenario
    luck = Luck(job.seed, job.replication)
    key = run_key(job.run_id, job.replication)
    cores = build_cores(scenario, job.arm, luck)
    faults = faults_of(scenario, luck)
    gallery = Gallery(luck, shown=job.traced) if scenario.images is not None else None
    images = no_images if gallery is None else gallery.data
    keep_xml = job.messages_to is not None
    with tempfile.TemporaryDirectory(prefix=f"corridor-{job.arm}-", dir=job.scratch) as stores:
        transport: Transport
        outside: OutsideTransport | None = None
        if job.outside is not None:
            from scenarios.live.setting import about_of
            from scenarios.live.transport import OutsideTransport

            about = about_of(scenario, job.arm, job.seed, job.replication)
            transport = outside = OutsideTransport(
                job.outside,
                cores,
                members(scenario),
                scenario.start,
                about,
                stores=Path(stores),
                faults=faults,
                pace=scenario.pace,
                keep_xml=keep_xml,
                images=images,
            )
        elif job.transport == "http":
            from scenarios.transport_http import HttpTransport

            transport = HttpTransport(
                cores, members(scenario), Path(stores), keep_xml=keep_xml, faults=faults, images=images
            )
        else:
            from scenarios.transport_memory import MemoryTransport

            transport = MemoryTransport(cores, keep_xml=keep_xml, brief=short, faults=faults, images=images)
        conductor = Conductor(scenario.start, transport)
        world = World(
            scenario, luck=luck, ucr=lambda base: run_ucr(base, key, job.arm), ask=conductor.ask, gallery=gallery
        )

        def report(done: bool) -> None:
            if progress is not None:
                at = scenario.start if outside is None else outside.now
                progress(
                    Progress(
                        replication=job.replication,
                        arm=job.arm,
                        through=world.through,
                        total=world.total,
                        messages=transport.log.sent,
                        done=done,
                        at=max(at, scenario.start + timedelta(seconds=int(world.env.now))),
                    )
                )

        reported = time.monotonic()

        def watch() -> None:
            nonlocal reported
            if time.monotonic() - reported >= MOMENT:
                reported = time.monotonic()
                report(False)

        await transport.start()
        try:
            if outside is not None:
                from scenarios.live.playing import play

                await play(
                    conductor,
                    world,
                    outside,
                    watch,
                    start=scenario.start,
                    time_limit=scenario.time_limit,
                )
            else:
                await conductor.run(world, watch)
                await transport.finish()
        except WorldError as error:
            raise WorldError(_told(job, error, world)) from error
        finally:
            await transport.stop()
            conductor.let_go()
        report(True)
    if keep is not None:
        keep(cores)
    if gallery is not None and job.messages_to is not None:
        gallery.write(job.messages_to.with_name("images"))
    if world.through < world.total:
        raise RunError(
            f"{scenario.id}, arm {job.arm}, replication {job.replication}: only {world.through} of {world.total} "
            "consignments got through; the others wait for something that never comes"
        )
    run = measured_run(job, world, transport.log, cores)
    world.let_go()
    if outside is not None and job.traced:
        run = replace(run, reasons=outside.reasons, elsewhere=outside.watch.complaints.results())
    return run, transport.log


def _told(job: Job, error: WorldError, world: World) -> str:
    """Return what went wrong in a world, where and when, and the queue that may be the cause."""
    now = job.scenario.start + timedelta(seconds=int(world.env.now))
    where = f"{job.scenario.id}, arm {job.arm}, replication {job.replication}, {now:%Y-%m-%dT%H:%M:%SZ}"
    because = "" if "does not keep up" in str(error) else world.crowding.because()
    return f"{where}: {error}{because}"


__all__ = [
    "TRANSPORTS",
    "Job",
    "JobResult",
    "Progress",
    "RunError",
    "RunOutcome",
    "default_run_id",
    "run_job",
    "run_jobs",
    "run_scenario",
    "twin_of",
]
