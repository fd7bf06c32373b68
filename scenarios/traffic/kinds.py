"""Differences gathered: the same difference on messages of one kind is one, however many messages have it.

A replay tells a node what was recorded, whatever the node decides. Where it decided otherwise, what it is told next may
not fit any more; it says so with a rejection (NCK) that was not recorded. There the consignment has parted from the
recording, and what differs about it from then on may only follow from that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from exchange.references import strip_run
from scenarios.traffic.difference import Difference, Pair

REJECTION = "NCK"
_PLACE = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Kind:
    """A difference that messages of one kind have. ``verdict``: differs, missing or extra. ``path``: the field, with
    ``[*]`` where several places of a list differ; empty for a message that is missing or extra. ``recorded`` and
    ``found`` are those of ``first``, the earliest message; ``vary`` says that others say something else. ``messages``:
    how many have it. ``follows``: it may only follow from a rejection before.
    """

    verdict: str
    path: str
    recorded: str
    found: str
    vary: bool
    messages: int
    follows: bool
    first: Pair


def partings(pairs: Iterable[Pair], recorded: Mapping[str, datetime]) -> Mapping[str, datetime]:
    """Return base UCR → when the node first rejected what was not rejected when recorded.

    ``recorded``: message id → its recorded time. A node with a clock of its own rejects at another time than that of
    the recording; what it rejects has one that the others can be held to.
    """
    found: dict[str, datetime] = {}
    for pair in pairs:
        one = pair.one
        if pair.verdict == "extra" and one.code == REJECTION:
            at = recorded.get(one.message.header.correlation_id or "", one.at)
            case = strip_run(one.case)
            found[case] = min(found.get(case, at), at)
    return found


def kinds(pairs: Sequence[Pair], parted: Mapping[str, datetime]) -> tuple[Kind, ...]:
    """Return the differences of ``pairs`` by kind, the earliest first, those last that may only follow from others.

    ``parted``: base UCR → when it parted from the recording (:func:`partings`).
    """
    gathered: dict[tuple[object, ...], list[tuple[Pair, Difference]]] = {}
    for pair in pairs:
        one = pair.one
        since = parted.get(strip_run(one.case)) if one.case else None
        follows = since is not None and one.at >= since
        for difference in _of(pair):
            anywhere = _PLACE.sub("[*]", difference.path)
            key = (follows, pair.verdict, one.code, one.sender, one.recipient, anywhere)
            gathered.setdefault(key, []).append((pair, difference))
    found = [_kind(rows, follows=bool(key[0])) for key, rows in gathered.items()]
    return tuple(sorted(found, key=lambda kind: (kind.follows, kind.first.one.at)))


def _of(pair: Pair) -> Iterator[Difference]:
    if pair.verdict in ("missing", "extra"):
        yield Difference("", "", "")
    yield from pair.differences


def _kind(rows: Sequence[tuple[Pair, Difference]], *, follows: bool) -> Kind:
    pair, first = min(rows, key=lambda row: row[0].one.at)
    paths = {difference.path for _, difference in rows}
    return Kind(
        verdict=pair.verdict,
        path=first.path if len(paths) == 1 else _PLACE.sub("[*]", first.path),
        recorded=first.recorded,
        found=first.found,
        vary=len({(difference.recorded, difference.found) for _, difference in rows}) > 1,
        messages=len({id(one) for one, _ in rows}),
        follows=follows,
        first=pair,
    )


__all__ = ["REJECTION", "Kind", "kinds", "partings"]
