"""``corridor bench chaos``: what is lost, doubled or believed falsely when lines are bad and nodes are killed."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from exchange.errors import CorridorError
from scenarios.wire.chaos import ChaosOptions, Outcome, chaos

GOOD, BAD, WRONG = 0, 1, 2
SHOWN = 10
"""Offenders that are named."""
WORDS = {
    "lose_request": "requests lost",
    "lose_answer": "answers lost",
    "duplicate": "requests doubled",
    "late_copy": "requests that came after their repetition",
    "hold": "requests held back, so that others overtook them",
    "corrupt_request": "requests with bytes changed",
    "corrupt_answer": "answers with bytes changed",
    "reset": "connections reset in the middle of a request",
    "slow_close": "answers cut off half-way",
}


def bench_chaos(messages: int, seed: int, *, json_output: bool) -> int:
    """Put two services to the proof in a temporary folder, and print what came of it.

    Return the exit code: 0 if nothing is wrong, 1 if something was lost, doubled, believed falsely, or differs from the
    run without faults; 2 if it could not be carried out.
    """

    def tell(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    logging.basicConfig(handlers=[logging.NullHandler()])  # what our own listener says of damaged requests
    with tempfile.TemporaryDirectory(prefix="corridor-chaos-") as folder:
        try:
            outcome = asyncio.run(chaos(ChaosOptions(messages=messages, seed=seed), Path(folder), tell))
        except CorridorError as error:
            print(f"corridor bench chaos: {error}", file=sys.stderr)
            return WRONG
    figures = figures_of(outcome)
    print(json.dumps(figures) if json_output else told(outcome, figures, seed))
    for offender in outcome.verdict.offenders[:SHOWN]:
        print(offender, file=sys.stderr)
    more = len(outcome.verdict.offenders) - SHOWN
    if more > 0:
        print(f"… and {more} more", file=sys.stderr)
    return GOOD if outcome.verdict.good else BAD


def figures_of(outcome: Outcome) -> dict[str, int]:
    """Return the figures that are promised: how much was exchanged, and what went wrong."""
    verdict = outcome.verdict
    return {
        "messages": verdict.messages,
        "kills": outcome.kills,
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "tampered_accepted": len(verdict.tampered),
    }


def told(outcome: Outcome, figures: Mapping[str, int], seed: int) -> str:
    """Return what was done and found, for people."""
    verdict, faults = outcome.verdict, sum(outcome.faults.values())
    journeys = len(outcome.evidence.reference.journeys)
    moments = ", ".join(f"{count} {moment}" for moment, count in sorted(outcome.moments.items()))
    lines = [
        f"{journeys} consignments between two services, each a process with a SQLite file (synchronous=FULL)",
        f"{outcome.attempts} attempts to deliver; {faults} of them met a fault ({faults / outcome.attempts:.0%}):",
        *(f"  {outcome.faults.get(kind, 0):5d} {words}" for kind, words in WORDS.items()),
        f"kill -9: {figures['kills']} times ({moments} of a batch)" if moments else "no node was killed",
        "",
        f"messages accepted by services  {figures['messages']}",
        f"lost                           {figures['lost']}",
        f"doubled                        {figures['doubled']}",
        f"changed and yet accepted       {figures['tampered_accepted']}",
        f"chains of ledgers              {'verified' if not verdict.broken else f'{len(verdict.broken)} broken'}",
        f"cases                          {_cases(len(verdict.different))}",
        f"{outcome.seconds:.0f} s from the first message until all outboxes were empty",
        f"again: corridor bench chaos --messages {max(figures['messages'] // 100 * 100, 100)} --seed {seed}",
    ]
    return "\n".join(lines)


def _cases(different: int) -> str:
    return "as without faults" if not different else f"{different} not as without faults"


__all__ = ["bench_chaos", "figures_of", "told"]
