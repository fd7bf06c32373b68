"""``corridor record``, ``corridor replay``, ``corridor diff``: traffic in a file, told again to a node, compared."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn

from exchange.errors import CorridorError
from exchange.messages import format_time
from scenarios.commands.traffic_told import outcome_json, pairs_json, show_outcome, show_pairs
from scenarios.progress import Following, so_far

if TYPE_CHECKING:
    from scenarios.traffic.outside import OutsideNode
    from scenarios.traffic.recording import Passed, Recording
    from scenarios.traffic.replay import Outcome
    from scenarios.transport import Transport

GOOD, BAD, WRONG = 0, 1, 2


def record_command(
    scenario: str, *, arm: str, seed: int | None, sets: Sequence[str], out: Path | None, json_output: bool
) -> int:
    """Run replication 0 of one arm in memory and write all of its traffic to one file; return the exit code."""
    error = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        made, path = _record(scenario, arm, seed, sets, out, error)
    except (CorridorError, ValueError) as problem:
        error.print(str(problem), markup=False)
        return WRONG
    told = {"file": str(path), "messages": len(made.messages), "services": list(made.services), "arm": arm}
    if json_output:
        json.dump(told, sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        console = Console(highlight=False, soft_wrap=True)
        console.print(f"{len(made.messages)} messages of {', '.join(made.services)} (arm {arm}) written to {path}")
        console.print(f"Tell them to a node again: corridor replay {path} --as {made.services[0]}", markup=False)
    return GOOD


def _record(
    scenario: str, arm: str, seed: int | None, sets: Sequence[str], out: Path | None, error: Console
) -> tuple[Recording, Path]:
    from exchange.messages import VERSION
    from scenarios.run import Job, conduct, default_run_id
    from scenarios.scenario import load_scenario
    from scenarios.traffic.recording import RecordingError, recorded

    loaded = load_scenario(scenario, sets)
    if arm not in loaded.arms:
        raise RecordingError(f"{loaded.id} has no arm {arm}; it has {', '.join(loaded.arms)}")
    used = loaded.seed if seed is None else seed
    job = Job(
        scenario=loaded,
        seed=used,
        run_id=default_run_id(loaded, used),
        replication=0,
        arm=arm,
        transport="memory",
        messages_to=Path("kept in memory"),
        trace=False,
    )
    about = {
        "scenario": loaded.id,
        "digest": loaded.digest,
        "sets": list(sets),
        "arm": arm,
        "seed": used,
        "start": format_time(loaded.start),
        "services": list(loaded.services),
        "version": VERSION,
    }
    with _bar(error, "consignments") as bar:
        task = bar.add_task(f"{loaded.id}, arm {arm}", total=None)
        _, log = asyncio.run(
            conduct(job, lambda report: bar.update(task, completed=report.through, total=report.total))
        )
    made = recorded(about, log)
    path = out or Path("out") / loaded.id / f"{arm}-{used}.traffic.gz"
    made.write(path)
    return made, path


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """A node elsewhere to tell a recording to: whose keys, where its partners are played, wall seconds to wait: for an
    answer, for all of it, and for what a live node should say and does not."""

    url: str
    members: Path | None = None
    keys: Path | None = None
    listen: int | None = None
    timeout: float = 10.0
    within: float = 600.0
    wait: float = 5.0
    insecure: bool = False


def replay_command(
    file: Path,
    *,
    country: str,
    ignore: Collection[str],
    scenario: str | None,
    json_output: bool,
    against: Against | None = None,
) -> int:
    """Tell the node of ``country``, as this program has it or ``against`` it elsewhere, what was recorded for it;
    return the exit code.

    0 it did what was recorded, 1 it did something else, 2 wrong use or broken input.
    """
    from scenarios.traffic.recording import Recording

    error = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        recording = Recording.read(file)
        outcome = _replay(recording, country, ignore, scenario, error, against)
    except (CorridorError, ValueError) as problem:
        error.print(str(problem), markup=False)
        return WRONG
    if json_output:
        json.dump(outcome_json(outcome), sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        show_outcome(outcome, elsewhere=against is not None)
    return GOOD if outcome.same else BAD


def _replay(
    recording: Recording,
    country: str,
    ignore: Collection[str],
    scenario: str | None,
    error: Console,
    against: Against | None,
) -> Outcome:
    from scenarios.traffic.recording import RecordingError
    from scenarios.traffic.replay import InMemory, Replay

    if country not in recording.services:
        raise RecordingError(f"{country} took no part in this recording; it has {', '.join(recording.services)}")
    if against is not None and scenario is not None:
        raise RecordingError("--scenario says what our own node goes by; the one at --against goes by its own")
    own = None if against is not None else InMemory(_own_node(recording, country, scenario, error))
    with _bar(error, "messages") as bar:
        task = bar.add_task(f"telling {country}")

        def progress(told: int, total: int) -> None:
            bar.update(task, completed=told, total=total)

        def waiting(wanted: Sequence[Passed]) -> None:
            first = f"{wanted[0].code} to {wanted[0].recipient} of {wanted[0].case}" if wanted else ""
            more = f" and {len(wanted) - 1} more" if len(wanted) > 1 else ""
            bar.update(task, description=f"waiting for {first}{more}" if wanted else f"telling {country}")

        async def run() -> Outcome:
            if own is not None:
                return await Replay(recording, country, own, ignore=ignore, progress=progress).run()
            assert against is not None
            async with _elsewhere(against, country) as node:
                error.print(f"everybody else is played at {node.partners}/<member>", markup=False)
                strayed = node.strayed(sorted({one.recipient for one in recording.by(country)}))
                for member, place in strayed.items():
                    where = f"at {place}" if place else "nowhere"
                    text = f"the members file has {member} {where}: what {country} sends it there does not come here"
                    error.print(text, markup=False)
                await node.begin(min(one.at for one in recording.messages))
                return await Replay(
                    recording,
                    country,
                    node,
                    timed=node.stepped,
                    ignore=ignore,
                    patience=against.wait,
                    progress=progress,
                    waiting=waiting,
                ).run()

        return asyncio.run(run())


def _bar(console: Console, what: str) -> Following:
    """Return what says on ``console`` how many of what there is are done."""
    return Following(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        line=lambda task: so_far(task, what),
    )


def _elsewhere(against: Against, country: str) -> OutsideNode:
    from scenarios.conform.trust import trust_for
    from scenarios.live.demo_trust import PARTNERS_PORT
    from scenarios.traffic.outside import OutsideNode

    trust = trust_for(against.url, against.members, against.keys, insecure=against.insecure)
    port = PARTNERS_PORT if against.listen is None else against.listen
    return OutsideNode(against.url, country, trust, port=port, timeout=against.timeout, within=against.within)


def _own_node(recording: Recording, country: str, scenario: str | None, error: Console) -> Transport:
    """Return the node of this program, as the recording's scenario has it."""
    from exchange.luck import Luck
    from scenarios.parties import build_cores
    from scenarios.scenario import load_scenario
    from scenarios.transport_memory import MemoryTransport

    about = recording.about
    loaded = load_scenario(scenario or str(about["scenario"]), tuple(about.get("sets", ())))
    if scenario is None and loaded.digest != about.get("digest", loaded.digest):
        error.print(
            f"{loaded.id} is not what it was when this was recorded (its digest was {about['digest'][:10]}, and is "
            f"{loaded.digest[:10]}): differences may come from that; --scenario takes the one of then from a file",
            markup=False,
        )
    core = build_cores(loaded, str(about["arm"]), Luck(int(about["seed"]), 0))[country]
    return MemoryTransport({country: core}, keep_xml=True)


def diff_command(
    one: Path, other: Path, *, senders: Collection[str], ignore: Collection[str], json_output: bool
) -> int:
    """Compare two recordings message by message; return 0 if they are the same, 1 if not, 2 for broken input."""
    from scenarios.traffic.difference import Comparison
    from scenarios.traffic.recording import Recording

    try:
        before, after = Recording.read(one), Recording.read(other)
    except CorridorError as problem:
        Console(stderr=True, highlight=False, soft_wrap=True).print(str(problem), markup=False)
        return WRONG
    comparison = Comparison(before.messages, ignore)
    for message in after.messages:
        comparison.take(message)
    pairs = [pair for pair in comparison.pairs() if not senders or pair.one.sender.partition(".")[0] in senders]
    if json_output:
        json.dump(pairs_json(pairs, {}), sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        show_pairs(pairs, {})
    return GOOD if all(pair.verdict == "same" for pair in pairs) else BAD


__all__ = ["diff_command", "record_command", "replay_command"]
