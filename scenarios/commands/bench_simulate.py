"""``corridor bench simulate``: a year of China–Europe trains in three arms, beside the bare queue in SimPy and Ciw.

The year runs in parts (an arm of a way out of China each) on as many processes as there are processors. A small year
runs first, in the same way, to show how the cost grows.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from exchange.errors import CorridorError
from scenarios.progress import Following, so_far
from scenarios.scenario.model import ARMS
from scenarios.simulation.crossings import CROSSINGS, DECLARATIONS, spread
from scenarios.simulation.rivals import RivalFigures, border_queues, in_ciw, in_simpy
from scenarios.simulation.shard import Passed, Shard, Tally, run_shard, total
from scenarios.workers import Pool, processors

GOOD, BUSY, WRONG = 0, 1, 2
SMALL = 1_000
"""Trains of the small year."""
LIMIT = 0.85
"""Utilisation that no resource of a border may go beyond."""
Json = dict[str, Any]


def shards(trains: int, seed: int = 1) -> list[Shard]:
    """Return the parts of a year of so many trains, the longest first."""
    counts = spread(trains)
    ways = sorted((one.name for one in CROSSINGS if counts[one.name]), key=lambda name: -counts[name])
    return [Shard(arm=arm, trains=trains, only=name, seed=seed) for name in ways for arm in reversed(ARMS)]


def run_year(
    trains: int, *, workers: int, seed: int = 1, watch: Callable[[Any], None] | None = None
) -> dict[Shard, Tally]:
    """Run a year of so many trains in all arms; return what each part counted."""
    with Pool(run_shard, workers, watch) as pool:
        return dict(pool.run(shards(trains, seed)))


def bench_simulate(trains: int, *, json_output: bool, seed: int = 1, workers: int | None = None) -> int:
    """Measure and print.

    Return the exit code: 0, 1 if a border was busier than 0.85, 2 if it could not be measured.
    """
    count = workers or processors()
    small = min(SMALL, trains)
    try:
        with _bar() as bar:
            task = bar.add_task("", total=len(ARMS) * DECLARATIONS * (small + trains))

            def watch(report: Any) -> None:
                if isinstance(report, Passed):
                    bar.advance(task, report.consignments)

            years = {}
            for size in (small, trains) if small < trains else (trains,):
                bar.update(task, description=f"{size:,} trains")
                began = time.perf_counter()
                parts = run_year(size, workers=count, seed=seed, watch=watch)
                years[size] = time.perf_counter() - began, parts
            queues = border_queues(trains, seed)
            rivals = in_simpy(queues), in_ciw(queues)
    except CorridorError as error:
        print(f"corridor bench simulate: {error}", file=sys.stderr)
        return WRONG
    figures = figures_of(trains, years, rivals, count)
    print(json.dumps(figures) if json_output else told(figures))
    return GOOD if figures["highest_utilisation"] <= LIMIT else BUSY


def figures_of(
    trains: int,
    years: dict[int, tuple[float, dict[Shard, Tally]]],
    rivals: tuple[RivalFigures, RivalFigures | str],
    workers: int,
) -> Json:
    """Return the figures as JSON. ``years``: trains → (wall seconds, what each part counted)."""
    spent, parts = years[trains]
    whole = total(list(parts.values()))
    simpy, ciw = rivals
    own = sorted((tally.memory for tally in parts.values()), reverse=True)[: min(workers, len(parts))]
    here = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    figures: Json = {
        "trains": trains,
        "seconds": round(spent, 1),
        "messages": whole.sent,
        "events_per_s": round(whole.events / spent),
        "simpy_events_per_s": round(_rate(simpy.events or 0, simpy.seconds)),
        "consignments": whole.consignments,
        "arms": len(ARMS),
        "processor_seconds": round(whole.processor, 1),
        "messages_per_processor_s": round(_rate(whole.sent, whole.processor)),
        "world_events": whole.steps,
        "world_events_per_processor_s": round(_rate(whole.steps, whole.processor)),
        "peak_memory_mb": round((sum(own) + (here if workers > 1 else 0)) / 1e6),
        "linear": {str(size): _growth(size, *year) for size, year in years.items()},
        "rivals": {
            "simpy": _rival(simpy, whole, trains),
            "ciw": {"skipped": ciw} if isinstance(ciw, str) else _rival(ciw, whole, trains),
        },
        "border_hours": _hours(parts),
        "utilisation": _utilisation(parts),
    }
    figures["highest_utilisation"] = max(
        (share for sides in figures["utilisation"].values() for use in sides.values() for share in use.values()),
        default=0.0,
    )
    return figures


def _rate(count: float, seconds: float) -> float:
    return count / seconds if seconds > 0 else 0.0


def _growth(trains: int, seconds: float, parts: dict[Shard, Tally]) -> Json:
    processor = sum(tally.processor for tally in parts.values())
    return {
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor, 1),
        "processor_ms_a_train": round(processor / trains * 1000, 2),
    }


def _rival(rival: RivalFigures, whole: Tally, trains: int) -> Json:
    """Return a rival's figures; ``times``: our processor time for a train and arm by its for the queue alone."""
    return {
        "processor_seconds": round(rival.seconds, 3),
        "trains_per_s": round(_rate(rival.trains, rival.seconds)),
        "mean_wait_hours": round(rival.mean_wait / 3600, 4),
        "times": round(_rate(whole.processor / len(ARMS) / trains, rival.seconds / rival.trains)),
    }


def _hours(parts: dict[Shard, Tally]) -> Json:
    """Return for each arm the mean hours at borders of the consignments that have nothing wrong with them."""
    found: Json = {}
    for arm in ARMS:
        tallies = [tally for shard, tally in parts.items() if shard.arm == arm]
        regular = sum(tally.regular for tally in tallies)
        found[arm] = round(_rate(sum(tally.border_seconds for tally in tallies) / 3600, regular), 3)
    return found


def _utilisation(parts: dict[Shard, Tally]) -> Json:
    """Return for each way out of China, side and resource its utilisation in the arm in which it is the greatest."""
    return {
        one.name: {
            side: {name: round(share, 3) for name, share in use.items()}
            for side, use in sorted(total([t for s, t in parts.items() if s.only == one.name]).in_use.items())
        }
        for one in CROSSINGS
        if any(shard.only == one.name for shard in parts)
    }


def told(figures: Json) -> str:
    """Return the figures as text."""
    lines = [
        f"{figures['trains']:,} trains, {figures['consignments']:,} consignments in {figures['arms']} arms, "
        f"{figures['messages']:,} messages, all as models",
        f"wall time        {figures['seconds']} s ({figures['processor_seconds']} s of processors)",
        f"events           {figures['events_per_s']:,}/s of wall time (what happened to consignments, and messages)",
        f"bare SimPy       {figures['simpy_events_per_s']:,} simulated events/s on the border queue alone; the world "
        f"worked off {figures['world_events_per_processor_s']:,} with all messages",
        f"peak memory      {figures['peak_memory_mb']} MB, all processes",
    ]
    for name, rival in figures["rivals"].items():
        if "skipped" in rival:
            lines.append(f"{name:<16} left out: {rival['skipped']}")
        else:
            lines.append(
                f"{name:<16} {rival['trains_per_s']:,} trains/s through the transfers, mean wait "
                f"{rival['mean_wait_hours']} h; a train with its messages takes {rival['times']} times as long"
            )
    lines += [
        f"{int(size):>6,} trains    {one['seconds']} s, {one['processor_ms_a_train']} ms of processor a train"
        for size, one in figures["linear"].items()
    ]
    lines.append("hours at borders " + ", ".join(f"{arm} {hours}" for arm, hours in figures["border_hours"].items()))
    for way, sides in figures["utilisation"].items():
        for side, use in sides.items():
            lines.append(f"{way:<16} {side}: " + ", ".join(f"{name} {share:.2f}" for name, share in use.items()))
    lines.append(f"the busiest is used to {figures['highest_utilisation']:.3f}; {LIMIT} is allowed")
    return "\n".join(lines)


def _bar() -> Following:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    return Following(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("consignments"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=console,
        line=lambda task: so_far(task, "consignments"),
    )


__all__ = ["bench_simulate", "figures_of", "run_year", "shards", "told"]
