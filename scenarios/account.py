"""What became of the messages and cases of a run under faults: the account held against its fault-free twin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from exchange.messages import FunctionalRejection
from exchange.references import strip_run
from scenarios.transport import Exchanged

OUT_OF_SEQUENCE = "92"
"""Code of an NCK: a message out of sequence (NCTS)."""

if TYPE_CHECKING:
    from nodes.case import Case
    from nodes.core import NodeCore


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """``fallback``: consignments of which something followed under fallback. ``lost``: messages to other services that
    were issued, not replaced, and never handed over. ``doubled``: messages that a service took twice. ``parked``: those
    that still wait for their predecessor at the end. ``out_of_turn``: messages of another service that were refused
    (NCK, code 92) because the record they belong to did not come in time. ``ends``: (service, consignment) → where its
    case ended.
    """

    fallback: frozenset[str]
    lost: int
    doubled: int
    parked: int
    out_of_turn: int
    ends: Mapping[tuple[str, str], str]


def account(cores: Mapping[str, NodeCore], log: Sequence[Exchanged]) -> Account:
    """Return the account of a run from its nodes and what was exchanged."""
    taken = Counter((item.header.sender, item.header.message_id) for item in log if item.accepted)
    refused = {(item.header.sender, item.header.message_id) for item in log if not item.accepted}
    lost = parked = out_of_turn = 0
    ends: dict[tuple[str, str], str] = {}
    for country, core in sorted(cores.items()):
        for row in core.cases():
            case = core.case(row["ucr"])
            if case is None:
                continue
            issued, replaced = _issued(case)
            lost += len([key for key in issued - replaced if key not in taken and key not in refused])
            parked += len(case.parked)
            out_of_turn += _refused_out_of_turn(case)
            states = sorted(movement.state for movement in case.movements.values())
            ends[country, strip_run(case.ucr)] = " ".join((case.state, *states))
    return Account(
        fallback=frozenset(strip_run(item.ucr) for item in log if item.header.fallback_indicator),
        lost=lost,
        doubled=sum(1 for count in taken.values() if count > 1),
        parked=parked,
        out_of_turn=out_of_turn,
        ends=ends,
    )


def _issued(case: Case) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Return the keys of what was issued to other services, and of what was replaced under fallback."""
    issued: set[tuple[str, str]] = set()
    replaced: set[tuple[str, str]] = set()
    for entry in case.timeline:
        if entry.kind != "issued" or entry.message is None or "." in entry.message.header.recipient:
            continue
        header = entry.message.header
        issued.add((header.sender, header.message_id))
        if "follows" in entry.data:
            replaced.add((header.sender, str(entry.data["follows"])))
    return issued, replaced


def _refused_out_of_turn(case: Case) -> int:
    """Return how many messages of other services were refused as out of sequence."""
    return sum(
        isinstance(entry.message, FunctionalRejection)
        and entry.kind == "issued"
        and "." not in entry.message.header.recipient
        and any(error.code == OUT_OF_SEQUENCE for error in entry.message.errors)
        for entry in case.timeline
    )


__all__ = ["Account", "account"]
