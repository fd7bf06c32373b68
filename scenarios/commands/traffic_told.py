"""What came of a replay or a comparison of recordings, as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from exchange.messages import format_time
from scenarios.printing import table_console

if TYPE_CHECKING:
    from scenarios.traffic.difference import Pair
    from scenarios.traffic.kinds import Kind
    from scenarios.traffic.replay import Outcome

SHOWN = 30
"""Lines of a kind that are printed; --json has all of them."""


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return a replay as JSON: counts, differences by kind, and every message that is not the same."""
    return {
        "as": outcome.country,
        "told": outcome.told,
        "same": outcome.same,
        "judged_otherwise": [
            {"id": one.id, "code": one.code, "sender": one.sender, "recorded": one.accepted, "found": accepted}
            | {"why": outcome.refusals.get(one.id)}
            for one, accepted in outcome.judged
        ],
        "troubles": dict(outcome.troubles),
        "missing_to": _missing(outcome),
        **pairs_json(outcome.pairs, outcome.parted),
    }


def pairs_json(pairs: Sequence[Pair], parted: Mapping[str, datetime]) -> dict[str, Any]:
    """Return counts, differences by kind, and every message that is not the same. ``parted``: base UCR → when it went
    another way than recorded."""
    from scenarios.traffic.difference import counts
    from scenarios.traffic.kinds import kinds

    return {
        "counts": dict(counts(pairs)),
        "kinds": [_kind_json(kind) for kind in kinds(pairs, parted)],
        "messages": [_pair_json(pair) for pair in pairs if pair.verdict != "same"],
    }


def _kind_json(kind: Kind) -> Mapping[str, Any]:
    one = kind.first.one
    return {
        "verdict": kind.verdict,
        "code": one.code,
        "sender": one.sender,
        "recipient": one.recipient,
        "path": kind.path or None,
        "recorded": kind.recorded or None,
        "found": kind.found or None,
        "vary": kind.vary,
        "messages": kind.messages,
        "follows": kind.follows,
        "first": {"case": one.case, "at": format_time(one.at)},
    }


def _pair_json(pair: Pair) -> Mapping[str, Any]:
    return {
        "verdict": pair.verdict,
        "code": pair.one.code,
        "sender": pair.one.sender,
        "recipient": pair.one.recipient,
        "case": pair.one.case,
        "at": format_time(pair.one.at),
        "recorded_id": pair.recorded.id if pair.recorded else None,
        "found_id": pair.found.id if pair.found else None,
        "differences": [{"path": d.path, "recorded": d.recorded, "found": d.found} for d in pair.differences],
    }


def show_outcome(outcome: Outcome, *, elsewhere: bool) -> None:
    """Print a replay; ``elsewhere``: the node was one that runs elsewhere."""
    console = table_console()
    console.print(f"{outcome.country} was told {outcome.told} messages.")
    for line in (*_troubles(outcome), *_judged(outcome)):
        console.print(line, markup=False)
    show_pairs(outcome.pairs, outcome.parted)
    reached = {pair.found.recipient for pair in outcome.pairs if pair.found}
    for recipient, count in _missing(outcome).items() if elsewhere else ():
        doubt = "" if recipient in reached else ": does the node know where it is played?"
        console.print(f"{count} missing to {recipient}{doubt}", markup=False)


def _judged(outcome: Outcome) -> list[str]:
    """Return a line for each kind of message that is accepted or refused otherwise than when it was recorded."""
    found: dict[tuple[str, str, bool, str], list[str]] = {}
    for one, accepted in outcome.judged:
        why = "" if accepted else outcome.refusals.get(one.id, "")
        found.setdefault((one.code, one.sender, accepted, why), []).append(one.id)
    lines = []
    for (code, sender, accepted, why), ids in found.items():
        was, now = ("refused", "accepted") if accepted else ("accepted", "refused")
        said = f": {why}" if why else ""
        lines.append(f"{len(ids)} {code} of {sender} (first {ids[0]}): {was} when recorded, {now} now{said}")
    return _few(lines)


def _troubles(outcome: Outcome) -> list[str]:
    """Return a line for each thing that was wrong with answers, with the number of messages and the first of them."""
    found: dict[str, list[str]] = {}
    for name, wrong in outcome.troubles.items():
        found.setdefault(wrong.replace(name, "…"), []).append(name)
    return _few([f"{len(ids)} messages (first {ids[0]}): {wrong}" for wrong, ids in found.items()])


def _few(lines: list[str]) -> list[str]:
    return (
        lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"… and {len(lines) - SHOWN} more; --json has all of them."]
    )


def show_pairs(pairs: Sequence[Pair], parted: Mapping[str, datetime]) -> None:
    """Print how many messages are the same, and what differs, by kind. ``parted``: base UCR → when it went another way
    than recorded."""
    from scenarios.traffic.difference import counts
    from scenarios.traffic.kinds import REJECTION, kinds

    console = table_console()
    found = counts(pairs)
    console.print(
        f"Messages: {found['same']} the same, {found['differs']} different, {found['missing']} missing, "
        f"{found['extra']} not recorded."
    )
    unlike = kinds(pairs, parted)
    _table(console, "What is not the same", [kind for kind in unlike if not kind.follows])
    if not parted:
        return
    rejected = sum(pair.verdict == "extra" and pair.one.code == REJECTION for pair in pairs)
    console.print(
        f"{rejected} {REJECTION} not recorded, about {len(parted)} consignments: what is told does not fit what was "
        "decided before. From there on they go other ways, and what differs may only follow from that.",
        markup=False,
    )
    _table(console, "What may only follow", [kind for kind in unlike if kind.follows])


def _table(console: Console, title: str, rows: Sequence[Kind]) -> None:
    if not rows:
        return
    table = Table(title=title)
    table.add_column("messages", justify="right")
    for name in ("kind", "field", "recorded", "found", "first"):
        table.add_column(name)
    for kind in rows[:SHOWN]:
        one = kind.first.one
        more = ", …" if kind.vary else ""
        table.add_row(
            str(kind.messages),
            f"{one.code} {one.sender} → {one.recipient}",
            kind.path or f"({kind.verdict})",
            kind.recorded + more,
            kind.found + more,
            f"{one.case}\n{format_time(one.at)}",
        )
    console.print(table, markup=False)
    if len(rows) > SHOWN:
        console.print(f"… and {len(rows) - SHOWN} more; --json has all of them.")


def _missing(outcome: Outcome) -> dict[str, int]:
    """Return to whom how many messages are missing."""
    return dict(sorted(Counter(pair.one.recipient for pair in outcome.pairs if pair.verdict == "missing").items()))


__all__ = ["outcome_json", "pairs_json", "show_outcome", "show_pairs"]
